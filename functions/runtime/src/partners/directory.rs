//! Who is called, as data: `functions/communication/data/partners.toml`.

use super::bounded;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The version of the file that this release reads.
const VERSION: u32 = 1;

/// The partners file is wrong. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// Not TOML, or a field is missing or wrong; says the line.
    #[error("{0}")]
    Toml(String),
    /// Another version than this release reads.
    #[error("partners: version: expected {VERSION}, got {0}")]
    Version(u32),
    /// The same carrier twice.
    #[error("partners: carrier {0:?} stands there twice")]
    Twice(String),
}

/// The partners and how they behave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// No call takes longer.
    pub time_limit: Duration,
    /// Where the dispatch desk's notices go.
    pub notices: String,
    /// Where the shop's go, for its customers.
    pub customer_events: String,
    /// The carriers by id.
    pub carriers: BTreeMap<String, Carrier>,
}

/// How a carrier is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    id: String,
    /// Where bookings are made.
    pub bookings: String,
    /// Whether it recognises a repeated call by its key.
    pub honours_keys: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    time_limit_ms: u64,
    dispatch: Dispatch,
    customer: Customer,
    carrier: Vec<Carrier>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dispatch {
    notices: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Customer {
    events: String,
}

impl Directory {
    /// Reads the file's text; `{base}` in a URL becomes `base`.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn parse(text: &str, base: &str) -> Result<Self, DirectoryError> {
        let file: File = toml::from_str(text).map_err(|error| not_read(text, &error))?;
        if file.version != VERSION {
            return Err(DirectoryError::Version(file.version));
        }
        let url = |template: &str| template.replace("{base}", base.trim_end_matches('/'));
        let mut carriers = BTreeMap::new();
        for carrier in file.carrier {
            let at = Carrier { bookings: url(&carrier.bookings), ..carrier };
            if let Some(twice) = carriers.insert(at.id.clone(), at) {
                return Err(DirectoryError::Twice(bounded(&twice.id)));
            }
        }
        Ok(Self {
            time_limit: Duration::from_millis(file.time_limit_ms),
            notices: url(&file.dispatch.notices),
            customer_events: url(&file.customer.events),
            carriers,
        })
    }
}

/// The problem and its line, in one line of bounded length.
fn not_read(text: &str, error: &toml::de::Error) -> DirectoryError {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
    DirectoryError::Toml(format!("partners: line {line}: {}", bounded(error.message())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../communication/data/partners.toml");

    #[test]
    fn the_bundled_file_reads() {
        let directory = Directory::parse(FILE, "http://127.0.0.1:4580/").unwrap();
        assert_eq!(directory.notices, "http://127.0.0.1:4580/dispatch/notices");
        assert_eq!(directory.customer_events, "http://127.0.0.1:4580/customer/events");
        assert!(!directory.carriers["tortoise"].honours_keys);
        assert!(directory.carriers["swift"].honours_keys);
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| Directory::parse(text, "b").unwrap_err();
        let text = error(&FILE.replace("[customer]", "[shop]")).to_string();
        assert!(text.contains("shop") && text.contains("line"), "{text}");
        assert_eq!(error(&FILE.replace("version = 1", "version = 2")), DirectoryError::Version(2));
        let twice = FILE.replace("id = \"steady\"", "id = \"swift\"");
        assert_eq!(error(&twice), DirectoryError::Twice("swift".to_owned()));
        let text = error(&FILE.replace("honours_keys = false", "honours_key = false")).to_string();
        assert!(text.contains("honours_key") && text.contains("line"), "{text}");
    }
}
