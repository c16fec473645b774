//! What must not be seen.

use std::fmt;
use zeroize::Zeroizing;

/// A secret's text. Neither `Debug` nor an error nor a log line shows it, and its
/// memory is wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text, for whoever has to use it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::from("hush".to_owned());
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)).matches("hush").count(), 0);
        assert_eq!(secret.reveal(), "hush");
    }
}
