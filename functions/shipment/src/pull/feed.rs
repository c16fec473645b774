//! Rows of a plain feed become the fleet's own tracking events, as the file of
//! sources maps their fields. Nothing else of a row is taken along.

use crate::event::Milestone;
use crate::identifier::Scheme;
use crate::inbound::RECEIVED;
use crate::toml_section::{Section, Setting, TomlError};
use flotilla_task::fingerprint;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The longest id of a row that is kept as it is.
const MAX_ID: usize = 96;

/// What is read of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    scheme: Scheme,
    identifier: Vec<String>,
    milestone: Vec<String>,
    occurred_at: Vec<String>,
    id: Option<Vec<String>>,
    place: Option<Vec<String>>,
    estimated_arrival: Option<Vec<String>>,
    /// The feed's words and the fleet's; none for a row that is left out.
    milestones: BTreeMap<String, Option<String>>,
}

/// A tracking event: its id and its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) data: String,
}

impl Fields {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, TomlError> {
        let scheme = section.required("scheme")?;
        let fields = section.section("fields")?;
        let names = ["identifier", "milestone", "occurred_at", "id", "place", "estimated_arrival"];
        fields.only(&names)?;
        let path = |setting: Setting<'_>| -> Result<Vec<String>, TomlError> {
            Ok(setting.text()?.split('.').map(str::to_owned).collect())
        };
        let required = |name: &str| fields.required(name).and_then(path);
        let optional = |name: &str| fields.optional(name).map(path).transpose();
        let mut milestones = BTreeMap::new();
        if let Some(section) = section.any_section("milestones")? {
            for (theirs, ours) in section.all() {
                milestones.insert(theirs.to_owned(), milestone(&ours)?);
            }
        }
        Ok(Self {
            scheme: scheme.text()?.parse().map_err(|error| scheme.error(&format!("{error}")))?,
            identifier: required("identifier")?,
            milestone: required("milestone")?,
            occurred_at: required("occurred_at")?,
            id: optional("id")?,
            place: optional("place")?,
            estimated_arrival: optional("estimated_arrival")?,
            milestones,
        })
    }

    /// The first column that a table lacks.
    pub(super) fn missing_in(&self, columns: &[String]) -> Option<String> {
        let required = [&self.identifier, &self.milestone, &self.occurred_at];
        let optional = [&self.id, &self.place, &self.estimated_arrival];
        let all = required.into_iter().chain(optional.into_iter().flatten());
        all.map(|path| path.join(".")).find(|name| !columns.contains(name))
    }

    /// The tracking event of a row in JSON; none for a row that is left out. What a
    /// row lacks its event lacks, so that it is refused alone, with its field's name.
    pub(super) fn of_json(&self, row: &Value) -> Option<Row> {
        self.event(|path| {
            let found = path.iter().try_fold(row, |value, name| value.get(name))?;
            match found {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(flag) => Some(flag.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            }
        })
    }

    /// The same of a row of cells under the names of their columns.
    pub(super) fn of_cells(&self, columns: &[String], cells: &[String]) -> Option<Row> {
        self.event(|path| {
            let name = path.join(".");
            let at = columns.iter().position(|column| *column == name)?;
            cells.get(at).map(|cell| cell.trim().to_owned())
        })
    }

    fn event(&self, value: impl Fn(&[String]) -> Option<String>) -> Option<Row> {
        let value = |path: &[String]| value(path).filter(|text| !text.is_empty());
        let maybe = |path: &Option<Vec<String>>| path.as_deref().and_then(value);
        let milestone = match value(&self.milestone) {
            Some(theirs) => match self.milestones.get(&theirs) {
                Some(None) => return None,
                Some(Some(ours)) => Some(ours.clone()),
                None => Some(theirs),
            },
            None => None,
        };
        let identifier = value(&self.identifier)
            .map(|text| json!({"scheme": self.scheme.as_str(), "value": text}));
        let mut data = Map::new();
        for (name, value) in [
            ("identifier", identifier),
            ("milestone", milestone.map(Value::from)),
            ("occurred_at", value(&self.occurred_at).map(Value::from)),
            ("place", maybe(&self.place).map(Value::from)),
            ("estimated_arrival", maybe(&self.estimated_arrival).map(Value::from)),
        ] {
            data.extend(value.map(|value| (name.to_owned(), value)));
        }
        let data = Value::Object(data).to_string();
        let id = match maybe(&self.id) {
            Some(id) if id.len() <= MAX_ID && id.bytes().all(|b| b.is_ascii_graphic()) => id,
            Some(id) => fingerprint(&[&id]),
            None => fingerprint(&["row", &data]),
        };
        Some(Row { id, data })
    }
}

/// The fleet's word for a feed's; an empty one leaves such rows out.
fn milestone(setting: &Setting<'_>) -> Result<Option<String>, TomlError> {
    let text = setting.text()?;
    if text.is_empty() {
        return Ok(None);
    }
    if text != RECEIVED {
        text.parse::<Milestone>().map_err(|error| setting.error(&error.to_string()))?;
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pull::plan::Speaks;
    use crate::pull::plan::tests::{ROWS, plan};

    fn fields() -> Fields {
        match plan("csv", "https://a.example", ROWS).speaks {
            Speaks::Csv { fields } => fields,
            other @ (Speaks::Epcis | Speaks::Dcsa | Speaks::Json { .. }) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_row_becomes_a_tracking_event_and_loses_everything_else() {
        let row = json!({"nr": 7, "box": "CSQU3054383", "what": "IN", "at": "2026-11-28T08:00",
            "gate": "DEHAM", "driver": "Mrs Smith"});
        let event = fields().of_json(&row).unwrap();
        assert_eq!(event.id, "7");
        assert_eq!(
            event.data,
            r#"{"identifier":{"scheme":"container","value":"CSQU3054383"},"milestone":"arrived","occurred_at":"2026-11-28T08:00","place":"DEHAM"}"#
        );
    }

    #[test]
    fn a_row_without_an_id_is_known_by_what_it_says_of_the_fields_that_count() {
        let id = |more: &str| {
            let row = json!({"box": "B", "what": "departed", "at": "t", "driver": more});
            fields().of_json(&row).unwrap().id
        };
        assert_eq!(id("Smith"), id("Jones"));
        assert_eq!(id("").len(), 32);
        let long = json!({"nr": "x".repeat(200), "box": "B"});
        assert_eq!(fields().of_json(&long).unwrap().id.len(), 32);
    }

    #[test]
    fn rows_of_no_interest_are_left_out_and_rows_with_gaps_are_not() {
        assert_eq!(fields().of_json(&json!({"what": "SCAN"})), None);
        assert_eq!(fields().of_json(&json!([])).unwrap().data, "{}");
        let cells = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let columns = cells("what,box,at,gate,nr");
        let event = fields().of_cells(&columns, &cells("IN,,x")).unwrap();
        assert_eq!(event.data, r#"{"milestone":"arrived","occurred_at":"x"}"#);
        assert_eq!(fields().missing_in(&columns), None);
        assert_eq!(fields().missing_in(&cells("what,box,at,gate")).as_deref(), Some("nr"));
    }
}
