//! What may be wrong with a source's answer: each case by its name, and whether
//! asking again soon may help.

use crate::invalid::clip;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// The longest text of a problem. It stands in the cursor and in dead letters.
const MAX_TEXT: usize = 240;

/// The kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Nobody answered.
    Unreachable,
    /// The answer ended before its end.
    CutOff,
    /// It asked to be asked later (429, or 503 with Retry-After).
    Throttled,
    /// It failed (5xx).
    Failed,
    /// It does not accept who asks (401, 403).
    NotAllowed,
    /// There is nothing at the address (404, 410).
    NotFound,
    /// It refused what was asked (another 4xx).
    Refused,
    /// It sent somewhere else, which is not followed.
    Redirected,
    /// A page for people instead of data.
    Html,
    /// An answer in which no list of events stands where one must be.
    NotAPage,
    /// More bytes than a page may have.
    TooLarge,
    /// The next page is one that was read already.
    RepeatedCursor,
    /// The next page is at another address than the source's own.
    Elsewhere,
    /// The credentials cannot be read.
    Credentials,
}

impl Code {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[
        Self::Unreachable,
        Self::CutOff,
        Self::Throttled,
        Self::Failed,
        Self::NotAllowed,
        Self::NotFound,
        Self::Refused,
        Self::Redirected,
        Self::Html,
        Self::NotAPage,
        Self::TooLarge,
        Self::RepeatedCursor,
        Self::Elsewhere,
        Self::Credentials,
    ];

    /// Its name in records, logs and reasons.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::CutOff => "cut_off",
            Self::Throttled => "throttled",
            Self::Failed => "failed",
            Self::NotAllowed => "not_allowed",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::Redirected => "redirected",
            Self::Html => "html",
            Self::NotAPage => "not_a_page",
            Self::TooLarge => "too_large",
            Self::RepeatedCursor => "repeated_cursor",
            Self::Elsewhere => "elsewhere",
            Self::Credentials => "credentials",
        }
    }

    /// Whether the same question may soon have another answer. With the others
    /// somebody has to mend something.
    #[must_use]
    pub const fn passes(self) -> bool {
        match self {
            Self::Unreachable | Self::CutOff | Self::Throttled | Self::Failed => true,
            Self::NotAllowed
            | Self::NotFound
            | Self::Refused
            | Self::Redirected
            | Self::Html
            | Self::NotAPage
            | Self::TooLarge
            | Self::RepeatedCursor
            | Self::Elsewhere
            | Self::Credentials => false,
        }
    }

    /// Whether it says that a remembered page is not known any more, as tokens
    /// expire: the pull begins again then.
    #[must_use]
    pub const fn is_about_the_page(self) -> bool {
        match self {
            Self::NotFound | Self::Refused => true,
            Self::Unreachable
            | Self::CutOff
            | Self::Throttled
            | Self::Failed
            | Self::NotAllowed
            | Self::Redirected
            | Self::Html
            | Self::NotAPage
            | Self::TooLarge
            | Self::RepeatedCursor
            | Self::Elsewhere
            | Self::Credentials => false,
        }
    }
}

/// Why a page could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {text}", code.as_str())]
pub struct Problem {
    /// Which kind.
    pub code: Code,
    /// In words, short and in one line.
    pub text: String,
    /// When the source wants to be asked again, if it said.
    pub after: Option<Duration>,
}

impl Problem {
    /// A problem with its text made short and safe to print.
    #[must_use]
    pub fn new(code: Code, text: impl fmt::Display) -> Self {
        let safe: String = text.to_string().chars().flat_map(printed).take(MAX_TEXT).collect();
        Self { code, text: clip(&safe, MAX_TEXT), after: None }
    }

    /// The same with the time that the source asked for.
    #[must_use]
    pub fn after(self, after: Option<Duration>) -> Self {
        Self { after, ..self }
    }
}

/// A control character as its escape, any other as it is.
fn printed(c: char) -> Vec<char> {
    if c.is_control() { c.escape_default().collect() } else { vec![c] }
}

/// What an error document says of itself, in EPCIS's form (RFC 7807) or DCSA's.
#[must_use]
pub fn said(body: &str) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(body).ok()?;
    let text = |path: &str| document.pointer(path).and_then(serde_json::Value::as_str);
    let problem = [text("/type").filter(|kind| *kind != "about:blank"), text("/detail")];
    let dcsa = [text("/errors/0/reason"), text("/errors/0/message")];
    let told: Vec<_> = problem.into_iter().chain(dcsa).flatten().collect();
    (!told.is_empty()).then(|| told.join(": "))
}

/// The problem that a status means, with what the answer's document says.
#[must_use]
pub fn of_status(status: u16, body: &str, after: Option<Duration>) -> Problem {
    let code = match status {
        300..=399 => Code::Redirected,
        401 | 403 | 407 => Code::NotAllowed,
        404 | 410 => Code::NotFound,
        429 => Code::Throttled,
        503 if after.is_some() => Code::Throttled,
        400..=499 => Code::Refused,
        _ => Code::Failed,
    };
    let text = match said(body) {
        Some(said) => format!("status {status}: {said}"),
        None => format!("status {status}"),
    };
    Problem::new(code, text).after(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_a_name_and_its_document_is_told() {
        let of = |status, body: &str| of_status(status, body, None).to_string();
        let problem = r#"{"type":"epcisException:QueryTooLargeException","detail":"ask for less"}"#;
        assert_eq!(
            of(413, problem),
            "refused: status 413: epcisException:QueryTooLargeException: ask for less"
        );
        let dcsa = r#"{"errors":[{"reason":"Unauthorized","message":"who are you?"}]}"#;
        assert_eq!(of(401, dcsa), "not_allowed: status 401: Unauthorized: who are you?");
        assert_eq!(of(404, "<html>"), "not_found: status 404");
        assert_eq!(of(302, ""), "redirected: status 302");
        assert_eq!(of(500, "[]"), "failed: status 500");
        let after = Some(Duration::from_secs(7));
        let busy = of_status(503, "", after);
        assert_eq!((busy.code, busy.after), (Code::Throttled, after));
        assert_eq!(of_status(503, "", None).code, Code::Failed);
    }

    #[test]
    fn a_problem_is_short_and_in_one_line() {
        let problem = Problem::new(Code::Html, "a\nb".repeat(500));
        assert!(problem.text.len() <= MAX_TEXT && problem.text.starts_with("a\\nba\\nb"));
    }

    #[test]
    fn every_code_has_a_name_of_its_own_which_records_use() {
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            let written = serde_json::to_string(code).unwrap();
            assert_eq!(written, format!("\"{}\"", code.as_str()));
        }
    }
}
