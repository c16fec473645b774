//! Whether the newest policy document counts, from what decision logs about it.
//!
//! Decision says `policy refused` at every look for a newer document while the newest
//! is none, and `policy followed` once it follows another: whatever it said last holds.

use serde_json::Value;

/// How it stands with the newest document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// It counts.
    Counts,
    /// It is refused, and an older one goes on deciding.
    Refused {
        /// What is wrong with it.
        problem: String,
        /// What decides meanwhile.
        stays: String,
    },
    /// Nothing was heard of one: none was refused, and none newly followed.
    Quiet,
    /// What decision logs cannot be read.
    Unknown,
}

/// Judges by the lines of both kinds, with the moments at which they were logged.
#[must_use]
pub fn judge(refused: &[(u64, String)], followed: &[(u64, String)]) -> Policy {
    let newest = |lines: &[(u64, String)], what: &str| {
        let told = lines.iter().filter_map(|(at, line)| Some((*at, fields(line, what)?)));
        told.max_by_key(|(at, _)| *at)
    };
    let refused = newest(refused, "policy refused");
    let followed = newest(followed, "policy followed");
    match (refused, followed) {
        (None, None) => Policy::Quiet,
        (None, Some(_)) => Policy::Counts,
        (Some((refused, _)), Some((followed, _))) if followed >= refused => Policy::Counts,
        (Some((_, line)), _) => {
            let word =
                |name: &str| line.get(name).and_then(Value::as_str).unwrap_or("unknown").to_owned();
            Policy::Refused { problem: word("problem"), stays: word("policy") }
        }
    }
}

/// What a line says, if it is of that kind.
fn fields(line: &str, what: &str) -> Option<Value> {
    // Log formats put a prefix before the JSON or none.
    let json = line.get(line.find('{')?..)?;
    let mut value = serde_json::from_str::<Value>(json.trim_end()).ok()?;
    let fields = value.get_mut("fields").map_or(Value::Null, Value::take);
    let fields = if fields.is_null() { value } else { fields };
    (fields.get("message")?.as_str()? == what).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(at: u64) -> (u64, String) {
        let line = r#"{"level":"ERROR","fields":{"problem":"s3://b/broken.toml: limit","policy":"3","message":"policy refused"}}"#;
        (at, line.to_owned())
    }

    fn followed(at: u64) -> (u64, String) {
        (at, "INFO {\"message\":\"policy followed\",\"policy\":\"4\"}\n".to_owned())
    }

    #[test]
    fn what_was_said_last_holds() {
        let broken =
            Policy::Refused { problem: "s3://b/broken.toml: limit".into(), stays: "3".into() };
        assert_eq!(judge(&[], &[]), Policy::Quiet);
        assert_eq!(judge(&[], &[followed(5)]), Policy::Counts);
        assert_eq!(judge(&[refused(5)], &[]), broken);
        assert_eq!(judge(&[refused(5), refused(9)], &[followed(7)]), broken);
        assert_eq!(judge(&[refused(5)], &[followed(1), followed(7)]), Policy::Counts);
        // Other lines that hold the words.
        let other = (9, r#"{"fields":{"message":"no policy refused"}}"#.to_owned());
        assert_eq!(judge(&[other, (9, "policy refused".into())], &[]), Policy::Quiet);
    }
}
