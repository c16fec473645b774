//! The ids of W3C Trace Context: of a trace, of a span, and the parent that a
//! message names. Specification: Trace Context, version 00 of `traceparent`.

use flotilla_task::envelope::Envelope;
use flotilla_task::{StageMessage, TaskId, fingerprint};
use std::fmt;

/// The id of a trace, which is the way of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(u128);

/// The id of a span, which is one piece of work on that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(u64);

/// What a `traceparent` says: whose work this is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    /// The trace.
    pub trace: TraceId,
    /// The span that led here.
    pub span: SpanId,
    /// Whether the spans of this trace are kept.
    pub sampled: bool,
}

impl TraceId {
    /// The trace of a message that names none. It is made of what the message is
    /// about, so that the same event, delivered or sent twice, is one trace.
    #[must_use]
    pub fn of(envelope: &Envelope<'_>) -> Self {
        let about = match &envelope.task {
            Some(task) => fingerprint(&["trace", task]),
            None => fingerprint(&["trace", &envelope.source, &envelope.id]),
        };
        Self(u128::from_str_radix(&about, 16).unwrap_or(1))
    }

    /// A number that is spread evenly over the traces, for sampling by their ids.
    #[must_use]
    pub const fn lower_half(self) -> u64 {
        #[allow(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
        let half = self.0 as u64;
        half
    }
}

impl SpanId {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(fastrand::u64(1..))
    }

    /// The span of the attempt that handed a task on for the `hops`-th time.
    ///
    /// The message for the next stage names it as its parent. It is not stored, and
    /// still the same whoever sends the message and however often. A stage commits at
    /// most once, so no two spans have this id.
    #[must_use]
    pub fn of_hand_on(task: &TaskId, hops: u32) -> Self {
        let id = fingerprint(&["hand-on", task.as_str(), &hops.to_string()]);
        Self(id.get(..16).and_then(|half| u64::from_str_radix(half, 16).ok()).unwrap_or(1))
    }
}

impl Parent {
    /// The parent of the work that a stored message calls for, which is the work that
    /// committed it. The record itself keeps the one of its creation.
    #[must_use]
    pub fn of_stored(message: &StageMessage) -> Option<Self> {
        let created = Self::parse(message.trace.as_deref()?)?;
        Some(match message.hops {
            0 => created,
            hops => Self { span: SpanId::of_hand_on(&message.task, hops), ..created },
        })
    }

    /// Reads a `traceparent`. A wrong one is as good as none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (version, trace) = (hex(parts.next()?, 2)?, hex(parts.next()?, 32)?);
        let (span, flags) = (hex(parts.next()?, 16)?, hex(parts.next()?, 2)?);
        let known = version < 0xff && trace != 0 && span != 0;
        Some(Self {
            trace: TraceId(trace),
            span: SpanId(u64::try_from(span).ok()?),
            sampled: flags & 1 == 1,
        })
        .filter(|_| known)
    }
}

/// Lower-case hexadecimal of exactly so many digits: all that the specification takes.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (lower && text.len() == digits).then(|| u128::from_str_radix(text, 16).ok())?
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Display for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace, self.span, u8::from(self.sampled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_the_specification_takes_is_read_and_written_back() {
        let parent = Parent::parse(EXAMPLE).unwrap();
        assert!(parent.sampled);
        assert_eq!(parent.to_string(), EXAMPLE);
        let dropped = EXAMPLE.replace("-01", "-02");
        assert!(!Parent::parse(&dropped).unwrap().sampled);
        assert!(Parent::parse(&EXAMPLE.replacen("00", "01", 1)).is_some(), "a later version");
    }

    #[test]
    fn what_it_calls_invalid_is_none() {
        for wrong in [
            "",
            "00",
            &EXAMPLE.replacen("00", "ff", 1),
            &EXAMPLE.replace("0af7", "0AF7"),
            &EXAMPLE.replace("0af7", "+af7"),
            &EXAMPLE.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &EXAMPLE.replace("b7ad6b7169203331", &"0".repeat(16)),
            &EXAMPLE.replace("b7ad", "b7a"),
        ] {
            assert_eq!(Parent::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_hand_on_has_one_id_whoever_asks_and_another_for_each_hop_and_task() {
        let of = |task: &str, hops| SpanId::of_hand_on(&TaskId::new(task).unwrap(), hops);
        assert_eq!(of("t", 1), of("t", 1));
        assert_ne!(of("t", 1), of("t", 2));
        assert_ne!(of("t", 1), of("u", 1));
    }

    #[test]
    fn an_event_without_a_trace_has_the_same_one_each_time() {
        let trace = |body: &str| TraceId::of(&Envelope::parse(body).unwrap());
        let event = |id: &str| {
            trace(&format!(
                r#"{{"specversion":"1.0","id":"{id}","source":"s","type":"t","data":{{}}}}"#
            ))
        };
        assert_eq!(event("1"), event("1"));
        assert_ne!(event("1"), event("2"));
        assert_eq!(event("1").to_string().len(), 32);
    }
}
