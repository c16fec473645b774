//! Who is called, as data: `functions/communication/data/partners.toml`.

use super::terms::TermsFile;
use crate::secrets::{Reference, ReferenceError};
use flotilla_shipment::partner::Terms;
use flotilla_task::safe;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The versions of the file that this release reads.
const VERSIONS: std::ops::RangeInclusive<u32> = 1..=2;
/// Stands for the path of the deployment's own secrets.
const SECRETS: &str = "{secrets}";
/// The dispatch desk's name among the partners.
const DISPATCH: &str = "dispatch";
/// The shop's.
const CUSTOMER: &str = "customer";

/// The partners file is wrong. A retry does not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// Not TOML, or a field is missing or wrong; says the line and its field.
    #[error("{0}")]
    Toml(String),
    /// Another version than this release reads.
    #[error("partners: version: expected 1 or 2, got {0}")]
    Version(u32),
    /// Where a partner's keys are is not said as a reference.
    #[error("partners: {0}.signing: {1}")]
    Signing(&'static str, ReferenceError),
    /// The same partner twice.
    #[error("partners: {0:?} stands there twice")]
    Twice(String),
}

/// The partners and how they are called.
#[derive(Debug, Clone, PartialEq)]
pub struct Directory {
    /// Where the dispatch desk's notices go.
    pub notices: String,
    /// Where the shop's go, for its customers.
    pub customer_events: String,
    /// The carriers by id.
    pub carriers: BTreeMap<String, Carrier>,
    terms: BTreeMap<String, Terms>,
    /// Where the keys are that notices are signed with, as the file says it.
    signing: [(&'static str, Option<String>); 2],
}

/// How a carrier is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// Where bookings are made.
    pub bookings: String,
    /// Where it tells what was booked under a key, if it does: `{key}` stands for it.
    pub look_up: Option<String>,
    /// Whether it recognises a repeated call by its key.
    pub honours_keys: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    /// Version 1 has this and no terms.
    time_limit_ms: Option<u64>,
    #[serde(default)]
    terms: TermsFile,
    dispatch: Dispatch,
    customer: Customer,
    carrier: Vec<CarrierFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dispatch {
    notices: String,
    signing: Option<String>,
    #[serde(default)]
    terms: TermsFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Customer {
    events: String,
    signing: Option<String>,
    #[serde(default)]
    terms: TermsFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CarrierFile {
    id: String,
    bookings: String,
    look_up: Option<String>,
    honours_keys: bool,
    #[serde(default)]
    terms: TermsFile,
}

impl Directory {
    /// Reads the file's text; `{base}` in a URL becomes `base`.
    ///
    /// # Errors
    /// [`DirectoryError`].
    pub fn parse(text: &str, base: &str) -> Result<Self, DirectoryError> {
        let file: File = toml::from_str(text).map_err(|error| not_read(text, &error))?;
        if !VERSIONS.contains(&file.version) {
            return Err(DirectoryError::Version(file.version));
        }
        let url = |template: &str| template.replace("{base}", base.trim_end_matches('/'));
        let mut everyone = Terms::DEFAULT;
        if let Some(millis) = file.time_limit_ms {
            everyone.time_limit = Duration::from_millis(millis);
        }
        let everyone = file.terms.over(everyone);
        let mut terms = BTreeMap::from([
            (DISPATCH.to_owned(), file.dispatch.terms.over(everyone)),
            (CUSTOMER.to_owned(), file.customer.terms.over(everyone)),
        ]);
        let mut carriers = BTreeMap::new();
        for carrier in file.carrier {
            if terms.insert(carrier.id.clone(), carrier.terms.over(everyone)).is_some() {
                return Err(DirectoryError::Twice(safe(&carrier.id)));
            }
            let called = Carrier {
                bookings: url(&carrier.bookings),
                look_up: carrier.look_up.as_deref().map(url),
                honours_keys: carrier.honours_keys,
            };
            carriers.insert(carrier.id, called);
        }
        Ok(Self {
            notices: url(&file.dispatch.notices),
            customer_events: url(&file.customer.events),
            carriers,
            terms,
            signing: [(DISPATCH, file.dispatch.signing), (CUSTOMER, file.customer.signing)],
        })
    }

    /// Where the keys are of each partner whose notices are signed. `{secrets}` becomes
    /// `secrets`; a partner whose keys are there has none while that is not set.
    ///
    /// # Errors
    /// [`DirectoryError::Signing`] names the partner.
    pub fn signing(
        &self,
        secrets: Option<&str>,
    ) -> Result<BTreeMap<String, Reference>, DirectoryError> {
        let mut references = BTreeMap::new();
        for (partner, said) in &self.signing {
            let Some(said) = said else { continue };
            let said = match (said.contains(SECRETS), secrets) {
                (false, _) => said.clone(),
                (true, Some(secrets)) => said.replace(SECRETS, secrets),
                (true, None) => continue,
            };
            let reference = said.parse();
            let wrong = |error| DirectoryError::Signing(partner, error);
            references.insert((*partner).to_owned(), reference.map_err(wrong)?);
        }
        Ok(references)
    }

    /// On which terms a partner is called.
    #[must_use]
    pub fn terms(&self, partner: &str) -> Terms {
        self.terms.get(partner).copied().unwrap_or(Terms::DEFAULT)
    }

    /// Every partner's id, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.terms.keys().map(String::as_str)
    }

    /// Every URL that is called.
    pub(super) fn urls(&self) -> impl Iterator<Item = &str> {
        let carriers = self.carriers.values();
        let theirs = carriers.flat_map(|at| [Some(&at.bookings), at.look_up.as_ref()]);
        let all = [&self.notices, &self.customer_events].into_iter().chain(theirs.flatten());
        all.map(String::as_str)
    }

    /// Every time limit that there is.
    pub(super) fn time_limits(&self) -> impl Iterator<Item = Duration> {
        self.terms.values().map(|terms| terms.time_limit)
    }

    /// So many records side by side leave room for one more, when every partner has
    /// as many calls under way as it may have.
    #[must_use]
    pub fn room(&self) -> usize {
        self.terms.values().fold(1, |room, terms| room + terms.concurrency as usize)
    }
}

/// The problem, its line and the field there, in one line of bounded length.
fn not_read(text: &str, error: &toml::de::Error) -> DirectoryError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count();
    let field = text.lines().nth(line).and_then(|line| line.split_once('='));
    let field = field.map_or(String::new(), |(field, _)| format!(", {}", safe(field.trim())));
    let problem = format!("partners: line {}{field}: {}", line + 1, error.message());
    DirectoryError::Toml(safe(&problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_shipment::partner::Rate;

    const FILE: &str = include_str!("../../../communication/data/partners.toml");
    const VERSION_1: &str = include_str!("../../../../tests/fuzz/directory/version-1.toml");

    #[test]
    fn the_bundled_file_reads() {
        let directory = Directory::parse(FILE, "http://127.0.0.1:4580/").unwrap();
        assert_eq!(directory.notices, "http://127.0.0.1:4580/dispatch/notices");
        assert_eq!(directory.customer_events, "http://127.0.0.1:4580/customer/events");
        assert!(!directory.carriers["tortoise"].honours_keys);
        assert!(directory.carriers["swift"].honours_keys);
        assert_eq!(directory.terms("swift"), Terms::DEFAULT, "the file says what the code does");
        assert_eq!(directory.room(), 101);
    }

    #[test]
    fn notices_are_signed_where_the_file_says_and_the_deployment_has_secrets() {
        let directory = Directory::parse(FILE, "b").unwrap();
        assert!(directory.signing(None).unwrap().is_empty());
        let signing = directory.signing(Some("/fleet/communication")).unwrap();
        let told = |partner: &str| signing[partner].to_string();
        assert_eq!(told("customer"), "ssm:/fleet/communication/customer-webhook");
        assert_eq!(told("dispatch"), "ssm:/fleet/communication/dispatch-webhook");
        let secret = FILE.replace("ssm:{secrets}/customer-webhook", "whsec_aHVzaA==");
        let said = Directory::parse(&secret, "b").unwrap().signing(None).unwrap_err().to_string();
        assert!(said.starts_with("partners: customer.signing: expected"), "{said}");
        assert!(!said.contains("whsec"), "{said}");
    }

    #[test]
    fn a_file_of_version_1_still_reads() {
        let directory = Directory::parse(VERSION_1, "http://127.0.0.1:4580").unwrap();
        let terms = Terms { time_limit: Duration::from_millis(1500), ..Terms::DEFAULT };
        for partner in ["swift", "steady", "tortoise", "dispatch", "customer"] {
            assert_eq!(directory.terms(partner), terms);
        }
        assert!(directory.carriers.values().all(|carrier| carrier.look_up.is_none()));
    }

    #[test]
    fn a_partners_own_terms_count_before_everyones_and_those_before_the_defaults() {
        let own = "honours_keys = false\nterms.rate = { per_second = 2.5, burst = 5 }\n\
                   terms.retry = { budget = 3 }";
        let text = FILE.replace("honours_keys = false", own);
        let text = text.replace("concurrency = 20", "concurrency = 7");
        let directory = Directory::parse(&text, "b").unwrap();
        let tortoise = directory.terms("tortoise");
        assert_eq!(tortoise.rate, Some(Rate { per_second: 2.5, burst: 5 }));
        assert_eq!(tortoise.retry.budget, Some(3));
        assert_eq!(tortoise.retry.backoff, Terms::DEFAULT.retry.backoff);
        assert_eq!((tortoise.concurrency, directory.terms("swift").concurrency), (7, 7));
        assert_eq!(directory.terms("swift").rate, None);
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| Directory::parse(text, "b").unwrap_err();
        let text = error(&FILE.replace("[customer]", "[shop]")).to_string();
        assert!(text.contains("shop") && text.contains("line"), "{text}");
        assert_eq!(error(&FILE.replace("version = 2", "version = 3")), DirectoryError::Version(3));
        for id in ["swift", "dispatch"] {
            let twice = FILE.replace("id = \"steady\"", &format!("id = {id:?}"));
            assert_eq!(error(&twice), DirectoryError::Twice(id.to_owned()));
        }
        let text = error(&FILE.replace("honours_keys = false", "honours_key = false")).to_string();
        assert!(text.contains("honours_key") && text.contains("line"), "{text}");
        let text = error(&FILE.replace("concurrency = 20", "concurrency = 0")).to_string();
        let line = 1 + FILE.lines().position(|line| line.starts_with("concurrency")).unwrap();
        let named = format!("partners: line {line}, concurrency: expected a whole number");
        assert!(text.starts_with(&named) && text.contains("got 0"), "{text}");
        let rate = "honours_keys = false\nterms.rate = { per_second = -1.0, burst = 5 }";
        let text = error(&FILE.replace("honours_keys = false", rate)).to_string();
        assert!(text.contains("terms.rate") && text.contains("got -1"), "{text}");
    }
}
