//! Where a secret is: `ssm:/name` or `secretsmanager:name`.

use std::fmt;
use std::str::FromStr;

/// A secret by its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// An SSM parameter, by its whole name; a `SecureString` is decrypted.
    Parameter(String),
    /// A secret of Secrets Manager, by its name or ARN.
    Secret(String),
}

/// Not a reference. It does not repeat what stands there: that may be the secret
/// itself, put where its reference belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a reference such as ssm:/name or secretsmanager:name")]
pub struct ReferenceError;

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (place, name) = text.split_once(':').ok_or(ReferenceError)?;
        let fits = |others: &[u8], most| {
            let letter = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
            (1..=most).contains(&name.len()) && name.bytes().all(letter)
        };
        match place {
            "ssm" if name.starts_with('/') && fits(b"/_.-", 1011) => {
                Ok(Self::Parameter(name.to_owned()))
            }
            "secretsmanager" if fits(b"/_+=.@-:", 2048) => Ok(Self::Secret(name.to_owned())),
            _ => Err(ReferenceError),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name) => write!(f, "ssm:{name}"),
            Self::Secret(name) => write!(f, "secretsmanager:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_one_of_two_kinds_and_reads_back() {
        for text in [
            "ssm:/flotilla/prod/swift",
            "secretsmanager:flotilla/swift",
            "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:flotilla/x-AbCdEf",
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
        for wrong in
            ["", "ssm:", "ssm:name", "ssm:/a b", "secretsmanager:", "vault:/x", "whsec_aGk="]
        {
            let error = wrong.parse::<Reference>().unwrap_err().to_string();
            assert!(!error.contains("whsec"), "{error}");
        }
    }
}
