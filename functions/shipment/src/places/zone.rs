//! A place's time zone, whose rules are read when they are first asked for: each start
//! reads the whole file of places, and the events of an environment ask for a few.

use crate::zone::{self, NotZone};
use jiff::tz::{self, TimeZone};
use std::collections::HashSet;
use std::sync::{LazyLock, OnceLock};

/// The zones of the database that is compiled in, in its own spelling.
static NAMES: LazyLock<HashSet<String>> =
    LazyLock::new(|| tz::db().available().map(|name| name.to_string()).collect());

/// A zone that is known to exist.
#[derive(Debug, Clone)]
pub struct PlaceZone {
    name: String,
    rules: OnceLock<Option<TimeZone>>,
}

impl PlaceZone {
    pub(super) fn parse(name: &str) -> Result<Self, NotZone> {
        let rules = OnceLock::new();
        if !NAMES.contains(name) {
            // An offset, or another spelling: reading it tells.
            let read = Some(zone::parse(name)?);
            rules.get_or_init(|| read);
        }
        Ok(Self { name: name.to_owned(), rules })
    }

    /// The time there. `None` only if the database has the name and not the zone.
    pub fn rules(&self) -> Option<&TimeZone> {
        self.rules.get_or_init(|| zone::parse(&self.name).ok()).as_ref()
    }
}

impl PartialEq for PlaceZone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_when_they_are_asked_for() {
        let berlin = PlaceZone::parse("Europe/Berlin").unwrap();
        assert!(berlin.rules.get().is_none());
        assert_eq!(berlin.rules().and_then(TimeZone::iana_name), Some("Europe/Berlin"));
        assert_eq!(berlin, PlaceZone::parse("Europe/Berlin").unwrap());
    }

    #[test]
    fn every_name_of_the_database_has_its_zone() {
        assert!(NAMES.len() > 400, "{} names", NAMES.len());
        for name in NAMES.iter() {
            assert!(PlaceZone::parse(name).unwrap().rules().is_some(), "{name}");
        }
    }

    #[test]
    fn what_the_database_does_not_spell_so_is_read_at_once() {
        for name in ["europe/berlin", "+05:30"] {
            assert!(PlaceZone::parse(name).unwrap().rules.get().is_some(), "{name}");
        }
        assert!(PlaceZone::parse("Europe/Rotterdam").is_err());
    }
}
