//! Cutting a document of many events into documents of fewer.

use crate::Invalid;
use serde_json::Value;

/// The longest list of events, far above what fits in a message.
pub(super) const MAX_EVENTS: usize = 100_000;

/// At most `most` documents of the same number of events, give or take one, as
/// JSON text; `None` for a single event, which is read as it is.
pub(super) fn cut(
    events: &[&Value],
    most: usize,
    document: impl Fn(&[&Value]) -> Value,
) -> Option<Vec<String>> {
    if events.len() == 1 {
        return None;
    }
    // One piece of everything would be the same document again.
    let pieces = most.max(2).min(events.len());
    let mut rest = events;
    let mut cut = Vec::with_capacity(pieces);
    for left in (1..=pieces).rev() {
        let (piece, after) = rest.split_at(rest.len().div_ceil(left));
        cut.push(document(piece).to_string());
        rest = after;
    }
    Some(cut)
}

/// The event of a document with exactly one.
pub(super) fn only<'a>(events: &[&'a Value]) -> Result<&'a Value, Invalid> {
    match events {
        [event] => Ok(event),
        _ => Err(Invalid::new("data", format!("expected one event, got {}", events.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    proptest! {
        #[test]
        fn nothing_is_lost_doubled_or_moved(count in 0_usize..300, most in 0_usize..70) {
            let values: Vec<Value> = (0..count).map(|at| json!(at)).collect();
            let events: Vec<&Value> = values.iter().collect();
            let Some(pieces) = cut(&events, most, |piece| json!(piece)) else {
                prop_assert_eq!(count, 1);
                return Ok(());
            };
            prop_assert!(pieces.len() <= most.max(2));
            let read: Vec<Vec<Value>> =
                pieces.iter().map(|piece| serde_json::from_str(piece).unwrap()).collect();
            let sizes = || read.iter().map(Vec::len);
            prop_assert!(sizes().max().unwrap_or(0) - sizes().min().unwrap_or(0) <= 1);
            prop_assert!(sizes().all(|size| 0 < size && size < count));
            prop_assert_eq!(read.concat(), values);
        }
    }
}
