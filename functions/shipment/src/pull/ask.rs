//! The addresses of a source's pages.
//!
//! A page is remembered by path and query. The host is always the one that the file
//! of sources names: a source cannot send the fleet, and its credentials, elsewhere.

use super::Plan;
use flotilla_task::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The longest path and query of a page that is remembered.
pub const MAX_POSITION: usize = 2048;

/// What stands in a query as it is (RFC 3986, unreserved).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Plan {
    /// The path and query of the first page.
    #[must_use]
    pub fn first_page(&self, since: Option<Timestamp>) -> String {
        let mut query: Vec<(&str, String)> =
            self.filter.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        if let (Some(name), Some(size)) = (&self.parameters.page_size, self.page_size) {
            query.push((name, size.to_string()));
        }
        if let (Some(name), Some(since)) = (&self.parameters.since, since) {
            let whole = Timestamp::from_millis(since.as_millis() / 1000 * 1000);
            query.push((name, jiff::Timestamp::from(whole).to_string()));
        }
        with(self.path(), &query)
    }

    /// The path and query of the page behind a token that stood in an answer.
    #[must_use]
    pub fn page_of(&self, token: &str, since: Option<Timestamp>) -> Option<String> {
        let name = self.parameters.cursor.as_deref()?;
        Some(with(&self.first_page(since), &[(name, token.to_owned())]))
    }

    /// The whole address of a page.
    #[must_use]
    pub fn address(&self, position: &str) -> String {
        format!("{}{position}", self.origin())
    }

    /// Scheme and host.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.url.get(..self.path_starts()).unwrap_or(&self.url)
    }

    fn path(&self) -> &str {
        match self.url.get(self.path_starts()..) {
            None | Some("") => "/",
            Some(path) => path,
        }
    }

    fn path_starts(&self) -> usize {
        let host = self.url.find("://").map_or(0, |at| at + 3);
        let rest = self.url.get(host..).unwrap_or_default();
        rest.find(['/', '?']).map_or(self.url.len(), |at| host + at)
    }
}

fn with(path: &str, query: &[(&str, String)]) -> String {
    let mut address = path.to_owned();
    if address.starts_with('?') {
        address.insert(0, '/');
    }
    for (name, value) in query {
        address.push(if address.contains('?') { '&' } else { '?' });
        let name = utf8_percent_encode(name, ESCAPED);
        let value = utf8_percent_encode(value, ESCAPED);
        address.push_str(&format!("{name}={value}"));
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pull::plan::tests::plan;

    #[test]
    fn the_first_page_asks_for_what_is_new_in_the_words_of_its_kind() {
        let since = Some(Timestamp::from_millis(1_795_852_805_123));
        let epcis = plan("epcis", "https://wms.example.com/epcis/events?site=7", "page_size = 50");
        let first = epcis.first_page(since);
        assert_eq!(first, "/epcis/events?site=7&perPage=50&GE_recordTime=2026-11-28T08%3A00%3A05Z");
        assert_eq!(epcis.address(&first), format!("https://wms.example.com{first}"));
        let dcsa = plan("dcsa", "https://line.example.com", "filter = {eventType = \"EQUIPMENT\"}");
        assert_eq!(
            dcsa.first_page(since),
            "/?eventType=EQUIPMENT&limit=100&eventCreatedDateTime%3Agte=2026-11-28T08%3A00%3A05Z"
        );
        assert_eq!(
            dcsa.page_of("a b&c", None).unwrap(),
            "/?eventType=EQUIPMENT&limit=100&cursor=a%20b%26c"
        );
    }

    #[test]
    fn a_plain_feed_is_asked_for_as_it_stands_unless_it_has_parameters() {
        let feed =
            plan("csv", "https://yard.example.com/moves.csv", crate::pull::plan::tests::ROWS);
        assert_eq!(feed.first_page(Some(Timestamp::from_millis(1))), "/moves.csv");
        assert_eq!(feed.page_of("2", None), None, "it has no word for a cursor");
    }
}
