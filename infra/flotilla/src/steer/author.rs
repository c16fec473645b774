//! Who changes something, as the record is to say it.

use clap::Args;
use flotilla_task::{AttemptId, Reason, ReasonCode, TaskRecord};

/// Longer names are cut: an attempt's id has 128 bytes at most.
const MAX_NAME: usize = 64;
/// How the attempts of operators begin; agents' are hex digits.
const OPERATOR: &str = "operator:";

/// Who does it.
#[derive(Debug, Clone, Default, Args)]
pub struct Author {
    /// Who does it, as the task's record is to say; this machine's user unless given.
    #[arg(long, env = "FLOTILLA_OPERATOR", value_name = "NAME")]
    by: Option<String>,
}

impl Author {
    /// The name, of printable ASCII characters only.
    #[must_use]
    pub fn name(&self) -> String {
        let user = || ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
        let name = self.by.clone().or_else(user).unwrap_or_default();
        let plain = |c: char| if c.is_ascii_graphic() { c } else { '_' };
        let name: String = name.trim().chars().map(plain).take(MAX_NAME).collect();
        if name.is_empty() { "unknown".to_owned() } else { name }
    }

    /// A new attempt of this person. It is the author of the write, so that a release,
    /// which leaves no reason, says who made it as well.
    #[must_use]
    pub fn attempt(&self) -> AttemptId {
        let bits = fastrand::u64(..);
        AttemptId::new(format!("{OPERATOR}{}:{bits:016x}", self.name()))
            .unwrap_or_else(|_too_long| AttemptId::from_bits(bits))
    }

    /// Their reason, with their name.
    #[must_use]
    pub fn reason(&self, text: Option<&str>) -> Reason {
        let text = text.unwrap_or("no reason given");
        Reason::new(ReasonCode::Operator, format!("operator {}: {text}", self.name()))
    }
}

/// Whether it was an operator who wrote the record as it stands, and no agent since.
#[must_use]
pub fn is_operators(record: &TaskRecord) -> bool {
    record.writer.as_str().starts_with(OPERATOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn author(name: &str) -> Author {
        Author { by: Some(name.to_owned()) }
    }

    #[test]
    fn the_record_says_who_it_was_and_why() {
        let ada = author("ada");
        assert_eq!(ada.reason(Some("the carrier called")).text, "operator ada: the carrier called");
        assert_eq!(ada.reason(None).text, "operator ada: no reason given");
        assert!(ada.attempt().as_str().starts_with("operator:ada:"));
        assert_ne!(ada.attempt(), ada.attempt(), "an attempt's id is new each time");
    }

    #[test]
    fn any_name_is_one_that_fits() {
        assert_eq!(author("Ada L\u{e9}on\n").name(), "Ada_L_on");
        assert_eq!(author("  ").name(), "unknown");
        let long = author(&"x".repeat(300));
        assert!(long.attempt().as_str().starts_with("operator:xxx"));
    }
}
