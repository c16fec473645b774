//! How a source is pulled, from its `[source.pull]` in the file of sources.

use super::feed::Fields;
use crate::invalid::quoted;
use crate::toml_section::{Section, Setting, TomlError};
use std::time::Duration;

/// Stands in addresses for the setting `SOURCES_URL`.
pub const BASE: &str = "{base}";

const USUAL_PAGE: i64 = 100;
const LARGEST_PAGE: i64 = 1000;
/// A week: who pulls less often has a file, not a feed.
const LONGEST_EVERY: i64 = 7 * 24 * 60;
const MAX_URL: usize = 512;

/// What a source speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaks {
    /// The query interface of GS1 EPCIS 2.0: `GET /events`.
    Epcis,
    /// DCSA Track and Trace 2.x: `GET /v2/events`.
    Dcsa,
    /// Rows in JSON.
    Json {
        /// Where the list of rows stands; empty for the document itself.
        rows: Vec<String>,
        /// Where the token of the next page stands, if the feed has pages.
        next: Option<Vec<String>>,
        /// What is read of a row.
        fields: Fields,
    },
    /// Rows in CSV, with a header.
    Csv {
        /// What is read of a row.
        fields: Fields,
    },
}

/// Names of query parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    /// How many events a page may have.
    pub page_size: Option<String>,
    /// From when on.
    pub since: Option<String>,
    /// Which page.
    pub cursor: Option<String>,
}

/// How a source shows who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Where the secret is kept, such as `ssm:/flotilla/wms`.
    pub reference: String,
    /// The header that carries it; none: as a bearer token.
    pub header: Option<String>,
}

/// How a source is pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What it speaks.
    pub speaks: Speaks,
    /// Where its first page is.
    pub url: String,
    /// Events of a page.
    pub page_size: Option<u32>,
    /// How often.
    pub every: Duration,
    /// From how long ago on, the first time.
    pub first: Duration,
    /// Query pairs that are always sent.
    pub filter: Vec<(String, String)>,
    /// The names of the others.
    pub parameters: Parameters,
    /// How it shows who asks.
    pub credentials: Option<Credentials>,
}

impl Plan {
    /// The type of the messages that its events become.
    #[must_use]
    pub const fn message_type(&self) -> &'static str {
        match self.speaks {
            Speaks::Epcis => "flotilla.epcis.v2",
            Speaks::Dcsa => "flotilla.dcsa.v2",
            Speaks::Json { .. } | Speaks::Csv { .. } => "flotilla.tracking.v1",
        }
    }

    /// What it asks its source to answer with.
    #[must_use]
    pub const fn accepts(&self) -> &'static str {
        match self.speaks {
            Speaks::Epcis | Speaks::Dcsa | Speaks::Json { .. } => {
                "application/json, application/ld+json"
            }
            Speaks::Csv { .. } => "text/csv",
        }
    }

    /// What the section says.
    pub(crate) fn of(section: &Section<'_>) -> Result<Self, TomlError> {
        section.only(&[
            "kind",
            "url",
            "page_size",
            "every_minutes",
            "first_days",
            "filter",
            "parameters",
            "credentials",
            "credentials_header",
            "rows",
            "next",
            "scheme",
            "fields",
            "milestones",
        ])?;
        let kind = section.required("kind")?;
        let speaks = speaks(section, &kind)?;
        let usual = usual_parameters(&speaks);
        let whole = |name: &str, usual: i64, most: i64| {
            section.optional(name).map_or(Ok(usual), |setting| setting.up_to(most))
        };
        let minutes = whole("every_minutes", 15, LONGEST_EVERY)?;
        let days = whole("first_days", 14, 365)?;
        let size = whole("page_size", USUAL_PAGE, LARGEST_PAGE)?;
        let seconds = |number: i64, each: u64| {
            Duration::from_secs(u64::try_from(number).unwrap_or_default() * each)
        };
        Ok(Self {
            url: url(&section.required("url")?)?,
            page_size: u32::try_from(size).ok(),
            every: seconds(minutes, 60),
            first: seconds(days, 86_400),
            filter: filter(section)?,
            parameters: parameters(section, usual)?,
            credentials: credentials(section)?,
            speaks,
        })
    }
}

fn speaks(section: &Section<'_>, kind: &Setting<'_>) -> Result<Speaks, TomlError> {
    let path = |setting: Setting<'_>| -> Result<Vec<String>, TomlError> {
        Ok(setting.text()?.split('.').map(str::to_owned).collect())
    };
    let only_for = |names: &[&str], whom: &str| {
        let found = names.iter().find_map(|name| section.optional(name));
        found.map_or(Ok(()), |setting| Err(setting.error(&format!("is for {whom} only"))))
    };
    match kind.text()? {
        standard @ ("epcis" | "dcsa") => {
            let feeds = ["rows", "next", "scheme", "fields", "milestones"];
            only_for(&feeds, "the kinds json and csv")?;
            Ok(if standard == "epcis" { Speaks::Epcis } else { Speaks::Dcsa })
        }
        "json" => Ok(Speaks::Json {
            rows: section.optional("rows").map_or_else(|| Ok(Vec::new()), path)?,
            next: section.optional("next").map(path).transpose()?,
            fields: Fields::read(section)?,
        }),
        "csv" => {
            only_for(&["rows", "next"], "the kind json")?;
            Ok(Speaks::Csv { fields: Fields::read(section)? })
        }
        other => {
            Err(kind.error(&format!("expected epcis, dcsa, json or csv, got {}", quoted(other))))
        }
    }
}

fn usual_parameters(speaks: &Speaks) -> Parameters {
    let named = |page_size: &str, since: &str, cursor: &str| Parameters {
        page_size: Some(page_size.to_owned()),
        since: Some(since.to_owned()),
        cursor: Some(cursor.to_owned()),
    };
    match speaks {
        Speaks::Epcis => named("perPage", "GE_recordTime", "nextPageToken"),
        Speaks::Dcsa => named("limit", "eventCreatedDateTime:gte", "cursor"),
        Speaks::Json { .. } | Speaks::Csv { .. } => Parameters::default(),
    }
}

fn parameters(section: &Section<'_>, usual: Parameters) -> Result<Parameters, TomlError> {
    let Some(named) = section.any_section("parameters")? else { return Ok(usual) };
    named.only(&["page_size", "since", "cursor"])?;
    let or =
        |name: &str, usual| named.optional(name).map_or(Ok(usual), |name| word(&name).map(Some));
    Ok(Parameters {
        page_size: or("page_size", usual.page_size)?,
        since: or("since", usual.since)?,
        cursor: or("cursor", usual.cursor)?,
    })
}

fn filter(section: &Section<'_>) -> Result<Vec<(String, String)>, TomlError> {
    let Some(pairs) = section.any_section("filter")? else { return Ok(Vec::new()) };
    let pair = |(name, value): (&str, Setting<'_>)| Ok((name.to_owned(), word(&value)?));
    pairs.all().into_iter().map(pair).collect()
}

fn credentials(section: &Section<'_>) -> Result<Option<Credentials>, TomlError> {
    let header = section.optional("credentials_header");
    let Some(reference) = section.optional("credentials") else {
        return match header {
            Some(header) => Err(header.error("needs credentials beside it")),
            None => Ok(None),
        };
    };
    let text = reference.text()?;
    let known = ["ssm:", "secretsmanager:"];
    if !known.iter().any(|store| text.strip_prefix(store).is_some_and(|name| !name.is_empty())) {
        // What stands there may be the secret itself, so it is not shown.
        let problem = "expected where the secret is kept, ssm:NAME or secretsmanager:NAME";
        return Err(reference.error(problem));
    }
    let header = match header {
        Some(header) => {
            let name = header.text()?;
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            if name.is_empty() || !name.bytes().all(plain) {
                return Err(header.error("expected a header's name such as X-Api-Key"));
            }
            Some(name.to_owned())
        }
        None => None,
    };
    Ok(Some(Credentials { reference: text.to_owned(), header }))
}

/// Text of a query.
fn word(setting: &Setting<'_>) -> Result<String, TomlError> {
    let text = setting.text()?;
    if text.is_empty() || text.len() > 128 || text.chars().any(char::is_control) {
        return Err(setting.error("expected 1 to 128 bytes of text"));
    }
    Ok(text.to_owned())
}

fn url(setting: &Setting<'_>) -> Result<String, TomlError> {
    let text = setting.text()?;
    let starts = [BASE, "https://", "http://"];
    let rest = starts.iter().find_map(|start| text.strip_prefix(start)).unwrap_or_default();
    let clean = text.len() <= MAX_URL && text.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    // Credentials in an address end up in logs.
    let bare = !rest.split('/').next().unwrap_or_default().contains('@');
    if rest.is_empty() || !clean || !bare {
        let expected = "expected https://HOST/PATH, or {base}/PATH with the setting SOURCES_URL";
        return Err(setting.error(&format!("{expected}, got {}", quoted(text))));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::sources::Sources;

    /// What a feed of rows needs.
    pub(crate) const ROWS: &str = "scheme = \"container\"\nfields = {identifier = \"box\", \
        milestone = \"what\", occurred_at = \"at\", place = \"gate\", id = \"nr\"}\n\
        milestones = {IN = \"arrived\", SCAN = \"\"}";

    pub(crate) fn plan(kind: &str, url: &str, more: &str) -> Plan {
        let text = format!(
            "[[source]]\nname = \"urn:a\"\n[source.pull]\nkind = \"{kind}\"\nurl = \"{url}\"\n{more}\n"
        );
        let sources = Sources::parse(&text, "s.toml").unwrap();
        sources.pulled("http://127.0.0.1:1").into_iter().next().unwrap().1
    }

    fn error(more: &str) -> String {
        let text = format!("[[source]]\nname = \"urn:a\"\n[source.pull]\n{more}\n");
        Sources::parse(&text, "s.toml").unwrap_err().to_string()
    }

    #[test]
    fn a_plan_has_the_usual_values_of_its_kind() {
        let plan = plan("epcis", "{base}/warehouse/events", "every_minutes = 5");
        assert_eq!(plan.url, "http://127.0.0.1:1/warehouse/events");
        assert_eq!((plan.page_size, plan.every.as_secs()), (Some(100), 300));
        assert_eq!(plan.parameters.since.as_deref(), Some("GE_recordTime"));
        assert_eq!(plan.message_type(), "flotilla.epcis.v2");
    }

    #[test]
    fn mistakes_are_named_with_their_line_and_field() {
        let url = "url = \"https://a.example\"";
        for (text, problem) in [
            (url.to_owned(), "line 3, source[0].pull.kind: missing"),
            (
                format!("kind = \"soap\"\n{url}"),
                "line 4, source[0].pull.kind: expected epcis, dcsa",
            ),
            ("kind = \"dcsa\"".to_owned(), "line 3, source[0].pull.url: missing"),
            (
                "kind = \"dcsa\"\nurl = \"ftp://a\"".to_owned(),
                "line 5, source[0].pull.url: expected https://HOST/PATH",
            ),
            (
                "kind = \"dcsa\"\nurl = \"https://me:secret@a.example/\"".to_owned(),
                "line 5, source[0].pull.url: expected https://HOST/PATH",
            ),
            (
                format!("kind = \"dcsa\"\n{url}\npage_size = 5000"),
                "line 6, source[0].pull.page_size: expected at most 1000, got 5000",
            ),
            (
                format!("kind = \"dcsa\"\n{url}\ncredentials = \"hunter2\""),
                "line 6, source[0].pull.credentials: expected where the secret is kept",
            ),
            (
                format!("kind = \"dcsa\"\n{url}\nscheme = \"sscc\""),
                "line 6, source[0].pull.scheme: is for the kinds json and csv only",
            ),
            (
                format!("kind = \"csv\"\n{url}\n{ROWS}\nnext = \"a\""),
                "line 9, source[0].pull.next: is for the kind json only",
            ),
            (format!("kind = \"csv\"\n{url}"), "line 3, source[0].pull.scheme: missing"),
            (
                format!(
                    "kind = \"csv\"\n{url}\nscheme = \"sscc\"\nfields = {{identifier = \"a\"}}"
                ),
                "line 7, source[0].pull.fields.milestone: missing",
            ),
            (
                format!("kind = \"csv\"\n{url}\n{ROWS}").replace("arrived", "lost"),
                "line 8, source[0].pull.milestones.IN: expected one of picked_up",
            ),
        ] {
            let found = error(&text);
            assert!(found.starts_with(&format!("s.toml: {problem}")), "{found}");
            assert!(!found.contains("hunter2"));
        }
    }

    #[test]
    fn a_source_that_is_pulled_has_a_name_of_its_own() {
        let text =
            "[[source]]\nname = \"urn:a*\"\n[source.pull]\nkind = \"dcsa\"\nurl = \"https://a\"\n";
        let found = Sources::parse(text, "s.toml").unwrap_err().to_string();
        assert!(
            found.starts_with("s.toml: line 2, source[0].name: one source is pulled"),
            "{found}"
        );
    }
}
