//! Who sends to the fleet, and who is asked, from a file that its users edit: the
//! zone in which the times of a source are read that come without an offset, and
//! how it is pulled.

use crate::invalid::quoted;
use crate::pull::Plan;
use crate::pull::plan::BASE;
pub use crate::toml_section::TomlError as SourcesError;
use crate::toml_section::{Section, Setting, Source as File};
use crate::zone;
use flotilla_task::Source;

/// The list that is built in.
const BUNDLED: &str = include_str!("../data/sources.toml");
const BUNDLED_NAME: &str = "sources.toml";

/// At the end of a name: the sources whose name begins so.
const ANY: char = '*';

/// The sources that the fleet was told about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources(Vec<Known>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    /// As it stands in the file.
    name: String,
    zone: Option<String>,
    pull: Option<Plan>,
}

impl Sources {
    /// Reads a file of sources.
    ///
    /// # Errors
    /// [`SourcesError`] names the file, line and field of the first syntax error,
    /// missing, unknown or doubled value.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, SourcesError> {
        let file = File { text, file: file_name };
        let table = file.table()?;
        let root = Section::root(file, &table);
        root.only(&["source"])?;
        let mut sources: Vec<Known> = Vec::new();
        for section in root.any_sections("source")? {
            section.only(&["name", "zone", "pull"])?;
            let name = section.required("name")?;
            let pull = section.any_section("pull")?.map(|pull| Plan::of(&pull)).transpose()?;
            let zone = match (section.optional("zone"), &pull) {
                (Some(setting), _) => Some(zone(&setting)?),
                (None, Some(_)) => None,
                (None, None) => return Err(section.missing("zone")),
            };
            let known = Known { name: pattern(&name)?, zone, pull };
            if known.pull.is_some() && known.name.ends_with(ANY) {
                return Err(name.error("one source is pulled, not all whose name begins so"));
            }
            if sources.iter().any(|earlier| earlier.name == known.name) {
                return Err(name.error(&format!("{} stands in the file twice", known.name)));
            }
            sources.push(known);
        }
        Ok(Self(sources))
    }

    /// The list that is built in.
    ///
    /// # Errors
    /// Only if the file in the source tree was broken; a test reads it.
    pub fn bundled() -> Result<Self, SourcesError> {
        Self::parse(BUNDLED, BUNDLED_NAME)
    }

    /// The zone of a source's times that have no offset: of its full name, else
    /// of the longest beginning of it.
    #[must_use]
    pub fn zone_of(&self, source: &Source) -> Option<&str> {
        let fit = |known: &&Known| match known.name.strip_suffix(ANY) {
            Some(beginning) => source.as_str().starts_with(beginning),
            None => source.as_str() == known.name,
        };
        let rank = |known: &&Known| (!known.name.ends_with(ANY), known.name.len());
        let zoned = |known: &&Known| known.zone.is_some();
        let known = self.0.iter().filter(fit).filter(zoned).max_by_key(rank)?;
        known.zone.as_deref()
    }

    /// The sources that are pulled. `base` stands for `{base}` in their addresses;
    /// where it is empty, those that need it are left out.
    #[must_use]
    pub fn pulled(&self, base: &str) -> Vec<(Source, Plan)> {
        let base = base.trim_end_matches('/');
        let pulled = self.0.iter().filter_map(|known| {
            let plan = known.pull.as_ref()?;
            let is_there = !plan.url.starts_with(BASE) || !base.is_empty();
            let url = plan.url.replacen(BASE, base, 1);
            let plan = is_there.then(|| Plan { url, ..plan.clone() })?;
            Some((Source::new(&known.name).ok()?, plan))
        });
        pulled.collect()
    }
}

fn pattern(name: &Setting<'_>) -> Result<String, SourcesError> {
    let text = name.text()?;
    let beginning = text.strip_suffix(ANY).unwrap_or(text);
    // "*" by itself is every source.
    let is_name = text == "*" || Source::new(beginning).is_ok();
    if !is_name || beginning.contains(ANY) {
        let problem = format!(
            "expected a source such as urn:acme:wms, or its beginning with a * behind it, got {}",
            quoted(text)
        );
        return Err(name.error(&problem));
    }
    Ok(text.to_owned())
}

fn zone(setting: &Setting<'_>) -> Result<String, SourcesError> {
    let text = setting.text()?;
    zone::parse(text).map_err(|error| setting.error(&error.to_string()))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone_of<'a>(sources: &'a Sources, name: &str) -> Option<&'a str> {
        sources.zone_of(&Source::new(name).unwrap())
    }

    #[test]
    fn the_bundled_list_has_one_source_by_its_name_and_some_by_their_beginning() {
        let sources = Sources::bundled().unwrap();
        assert_eq!(zone_of(&sources, "urn:example:warehouse:berlin"), Some("Europe/Berlin"));
        assert_eq!(zone_of(&sources, "urn:example:yard:7"), Some("+01:00"));
        assert_eq!(zone_of(&sources, "urn:flotilla:shop"), None);
    }

    #[test]
    fn the_full_name_counts_before_a_beginning_and_the_longer_before_the_shorter() {
        let list =
            [("*", "UTC"), ("urn:a:b", "+02:00"), ("urn:a:*", "+01:00"), ("urn:a:b*", "+03:00")];
        let forwards =
            list.map(|(name, zone)| format!("[[source]]\nname = \"{name}\"\nzone = \"{zone}\"\n"));
        let mut backwards = forwards.clone();
        backwards.reverse();
        for file in [forwards.concat(), backwards.concat()] {
            let sources = Sources::parse(&file, "s.toml").unwrap();
            for (name, zone) in [
                ("urn:a:b", "+02:00"),
                ("urn:a:bc", "+03:00"),
                ("urn:a:c", "+01:00"),
                ("urn:x", "UTC"),
            ] {
                assert_eq!(zone_of(&sources, name), Some(zone), "{name}");
            }
        }
        let none = Sources::parse("# nobody yet\n", "s.toml").unwrap();
        assert_eq!(zone_of(&none, "urn:a:b"), None);
    }

    #[test]
    fn errors_name_file_line_and_field() {
        let error = |text: &str| {
            let good = "[[source]]\nname = \"urn:a\"\nzone = \"UTC\"\n";
            Sources::parse(&format!("{good}{text}"), "s.toml").unwrap_err().to_string()
        };
        for (text, problem) in [
            ("zone", "line 4, syntax: "),
            ("[zones]\n", "line 4, zones: unknown, expected one of source"),
            ("name = \"x\"\n", "line 4, syntax: duplicate key"),
            ("[[source]]\nzone = \"UTC\"\n", "line 4, source[1].name: missing"),
            ("[[source]]\nname = \"urn:b\"\n", "line 4, source[1].zone: missing"),
            (
                "[[source]]\nname = \"urn:b\"\nzone = \"Europe/Rotterdam\"\n",
                "line 6, source[1].zone: expected a time zone such as Europe/Berlin or an offset such as +02:00, got \"Europe/Rotterdam\"",
            ),
            (
                "[[source]]\nname = \"urn:*:b\"\nzone = \"UTC\"\n",
                "line 5, source[1].name: expected a source such as urn:acme:wms, or its beginning with a * behind it, got \"urn:*:b\"",
            ),
            (
                "[[source]]\nname = \"\"\nzone = \"UTC\"\n",
                "line 5, source[1].name: expected a source such as",
            ),
            (
                "[[source]]\nname = \"urn:a\"\nzone = \"+01:00\"\n",
                "line 5, source[1].name: urn:a stands in the file twice",
            ),
            (
                "[[source]]\nname = 7\nzone = \"+01:00\"\n",
                "line 5, source[1].name: expected text, got another kind of number",
            ),
            (
                "[[source]]\nname = \"urn:b\"\nzone = \"UTC\"\nzones = \"UTC\"\n",
                "line 7, source[1].zones: unknown, expected one of name, zone, pull",
            ),
        ] {
            let found = error(text);
            assert!(found.starts_with(&format!("s.toml: {problem}")), "{found}");
        }
    }
}
