//! What AWS answers, and what its errors mean.

use super::Parameter;
use crate::outbound::{body, innermost};
use flotilla_task::safe;
use reqwest::StatusCode;
use serde::Deserialize;

/// Above any parameter and any secret, which are 64 KiB at most, escaped in JSON.
pub(super) const MAX_ANSWER_BYTES: usize = 512 * 1024;
/// Above any document that a function keeps in memory.
pub(super) const MAX_OBJECT_BYTES: usize = 1024 * 1024;

/// Why there is no value. None of them holds the value itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The environment lacks something, or it is wrong. A retry does not help.
    #[error("AWS cannot be called: {0}")]
    Unset(String),
    /// Nothing of that name. A retry does not help, unless somebody makes it.
    #[error("there is nothing of that name ({0})")]
    Missing(String),
    /// The function's role may not read it.
    #[error("the function may not read it ({0})")]
    Denied(String),
    /// No answer, or one that asks to come back. A retry may help.
    #[error("no answer: {0}")]
    Unanswered(String),
    /// An answer that says something else than a value.
    #[error("the answer cannot be used: {0}")]
    Unusable(String),
}

impl Error {
    /// Whether the same call may succeed a moment later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        match self {
            Self::Unanswered(_) => true,
            Self::Unset(_) | Self::Missing(_) | Self::Denied(_) | Self::Unusable(_) => false,
        }
    }

    /// The innermost cause of a failed call.
    pub(super) fn unanswered(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Unanswered(innermost(error))
    }

    /// What a status and the code in the body mean.
    pub(super) fn of(status: StatusCode, said: &str) -> Self {
        let code = code(said);
        let told = safe(&format!("{} {code}", status.as_u16()));
        match code {
            "ParameterNotFound" | "ParameterVersionNotFound" | "ResourceNotFoundException" => {
                Self::Missing(told)
            }
            code if code.contains("Throttl") || code == "SlowDown" => Self::Unanswered(told),
            code if code.contains("AccessDenied") => Self::Denied(told),
            _ => match status {
                StatusCode::NOT_FOUND => Self::Missing(told),
                StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => Self::Denied(told),
                StatusCode::TOO_MANY_REQUESTS => Self::Unanswered(told),
                status if status.is_server_error() => Self::Unanswered(told),
                _ => Self::Unusable(told),
            },
        }
    }
}

impl From<body::Error> for Error {
    fn from(error: body::Error) -> Self {
        match error {
            body::Error::BrokeOff(problem) => Self::Unanswered(problem),
            body::Error::TooLarge { .. } | body::Error::NotUtf8 => {
                Self::Unusable(error.to_string())
            }
        }
    }
}

pub(super) fn parameter(text: &str) -> Result<Parameter, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        parameter: Inner,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Inner {
        value: String,
        #[serde(default)]
        version: u64,
    }
    let Answer { parameter } = read(text)?;
    Ok(Parameter { value: parameter.value, version: parameter.version })
}

pub(super) fn secret(text: &str) -> Result<String, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        secret_string: Option<String>,
    }
    let answer: Answer = read(text)?;
    answer.secret_string.ok_or_else(|| Error::Unusable("the secret is binary".to_owned()))
}

/// The parser's own words are left out: they may quote the value.
fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| {
        let at = format!("not what AWS says, line {} column {}", error.line(), error.column());
        Error::Unusable(at)
    })
}

/// The error's code: JSON's `__type`, or S3's `<Code>`.
fn code(said: &str) -> &str {
    #[derive(Deserialize)]
    struct Problem<'a> {
        #[serde(rename = "__type", borrow)]
        kind: &'a str,
    }
    if let Ok(problem) = serde_json::from_str::<Problem<'_>>(said) {
        return problem.kind.rsplit('#').next().unwrap_or_default();
    }
    let after = said.split_once("<Code>").map(|(_, after)| after);
    after.and_then(|after| after.split_once("</Code>")).map_or("", |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_never_told_in_an_error() {
        let read = parameter(r#"{"Parameter":{"Name":"n","Value":"s3://b/k","Version":3}}"#);
        let read = read.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((read.value.as_str(), read.version), ("s3://b/k", 3));
        assert_eq!(secret(r#"{"SecretString":"whsec_x"}"#).unwrap(), "whsec_x");
        assert!(matches!(secret(r#"{"SecretBinary":"eA=="}"#), Err(Error::Unusable(_))));
        let wrong = secret(r#"{"SecretString":["hush"]}"#).unwrap_err().to_string();
        assert!(wrong.contains("line 1") && !wrong.contains("hush"), "{wrong}");
    }

    #[test]
    fn an_error_says_whether_a_retry_helps() {
        let of = |status: u16, said: &str| Error::of(StatusCode::from_u16(status).unwrap(), said);
        let missing = [
            of(400, r#"{"__type":"ParameterNotFound"}"#),
            of(400, r#"{"__type":"com.amazonaws#ResourceNotFoundException","message":"m"}"#),
            of(404, "<Error><Code>NoSuchKey</Code><Message>m</Message></Error>"),
        ];
        assert!(missing.iter().all(|error| matches!(error, Error::Missing(_))), "{missing:?}");
        assert_eq!(missing[2].to_string(), "there is nothing of that name (404 NoSuchKey)");
        for denied in [of(400, r#"{"__type":"AccessDeniedException"}"#), of(403, "<html>")] {
            assert!(matches!(denied, Error::Denied(_)) && !denied.is_retryable(), "{denied}");
        }
        for later in [of(400, r#"{"__type":"ThrottlingException"}"#), of(503, ""), of(429, "x")] {
            assert!(later.is_retryable(), "{later}");
        }
        assert!(matches!(of(301, "<Code>PermanentRedirect</Code>"), Error::Unusable(_)));
    }
}
