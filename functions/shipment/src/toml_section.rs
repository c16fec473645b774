//! Reading TOML so that every error names line and field, and numbers are read
//! from their digits, not through a float.

use crate::invalid::{clip, quoted};
use crate::quantity::Decimal;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A settings file that cannot be used, with the spot to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: line {line}, {field}: {problem}")]
pub struct TomlError {
    /// The file.
    pub file: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// The field, as a path: `rules.delayed.do`.
    pub field: String,
    /// What was expected and found.
    pub problem: String,
}

/// The text that errors point into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    pub(crate) file: &'a str,
}

impl<'a> Source<'a> {
    /// Reads the file.
    pub(crate) fn table(self) -> Result<Spanned<DeTable<'a>>, TomlError> {
        DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.error(at, "syntax", error.message())
        })
    }

    pub(crate) fn error(&self, at: usize, field: &str, problem: &str) -> TomlError {
        let before = self.text.get(..at).unwrap_or(self.text);
        TomlError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            field: clip(field, 96),
            problem: clip(problem, 240),
        }
    }
}

/// A table, its path and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Section<'a> {
    source: Source<'a>,
    path: String,
    span: Range<usize>,
    table: &'a DeTable<'a>,
}

/// A value, its path and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Setting<'a> {
    source: Source<'a>,
    path: String,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Section<'a> {
    pub(crate) fn root(source: Source<'a>, table: &'a Spanned<DeTable<'a>>) -> Self {
        Self { source, path: String::new(), span: 0..0, table: table.get_ref() }
    }

    fn below(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// An error about something that is not there.
    pub(crate) fn missing(&self, name: &str) -> TomlError {
        self.source.error(self.span.start, &self.below(name), "missing")
    }

    pub(crate) fn optional(&self, name: &str) -> Option<Setting<'a>> {
        let value = self.table.get(name)?;
        Some(Setting { source: self.source, path: self.below(name), value })
    }

    pub(crate) fn required(&self, name: &str) -> Result<Setting<'a>, TomlError> {
        self.optional(name).ok_or_else(|| self.missing(name))
    }

    /// A table inside.
    pub(crate) fn section(&self, name: &str) -> Result<Section<'a>, TomlError> {
        self.required(name)?.section()
    }

    /// A table inside that may be absent.
    pub(crate) fn any_section(&self, name: &str) -> Result<Option<Section<'a>>, TomlError> {
        self.optional(name).map(|setting| setting.section()).transpose()
    }

    /// The tables of `[[name]]`, of which there must be one.
    pub(crate) fn sections(&self, name: &str) -> Result<Vec<Section<'a>>, TomlError> {
        self.required(name)?.sections()
    }

    /// The tables of `[[name]]`, if there are any.
    pub(crate) fn any_sections(&self, name: &str) -> Result<Vec<Section<'a>>, TomlError> {
        self.optional(name).map_or_else(|| Ok(Vec::new()), |setting| setting.sections())
    }

    /// Every setting inside, by name.
    pub(crate) fn all(&self) -> Vec<(&'a str, Setting<'a>)> {
        let setting = |name: &'a str, value| {
            (name, Setting { source: self.source, path: self.below(name), value })
        };
        self.table.iter().map(|(key, value)| setting(key.get_ref(), value)).collect()
    }

    /// Refuses names that mean nothing here: a typing error would otherwise be
    /// a setting without effect.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), TomlError> {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let problem = format!("unknown, expected one of {}", known.join(", "));
                return Err(self.source.error(key.span().start, &self.below(name), &problem));
            }
        }
        Ok(())
    }
}

impl<'a> Setting<'a> {
    pub(crate) fn error(&self, problem: &str) -> TomlError {
        self.source.error(self.value.span().start, &self.path, problem)
    }

    fn expected(&self, what: &str) -> TomlError {
        self.error(&format!("expected {what}, got {}", kind(self.value.get_ref())))
    }

    fn section(&self) -> Result<Section<'a>, TomlError> {
        let table = self.value.get_ref().as_table().ok_or_else(|| self.expected("a table"))?;
        let span = self.value.span();
        Ok(Section { source: self.source, path: self.path.clone(), span, table })
    }

    fn sections(&self) -> Result<Vec<Section<'a>>, TomlError> {
        let list = self.value.get_ref().as_array();
        let list = list.ok_or_else(|| self.expected("a list of tables"))?;
        let sections = list.iter().enumerate().map(|(at, value)| {
            let path = format!("{}[{at}]", self.path);
            Setting { source: self.source, path, value }.section()
        });
        let sections = sections.collect::<Result<Vec<_>, _>>()?;
        if sections.is_empty() {
            return Err(self.error("expected at least one"));
        }
        Ok(sections)
    }

    pub(crate) fn text(&self) -> Result<&'a str, TomlError> {
        self.value.get_ref().as_str().ok_or_else(|| self.expected("text"))
    }

    /// A name that can stand in an address and in a key of the table.
    pub(crate) fn name(&self) -> Result<String, TomlError> {
        let text = self.text()?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if text.is_empty() || text.len() > 32 || !text.bytes().all(plain) {
            let got = quoted(text);
            return Err(self.error(&format!("expected 1 to 32 letters, digits, - or _, got {got}")));
        }
        Ok(text.to_owned())
    }

    /// A number of at least 0, times `10^places`, which must make it whole.
    pub(crate) fn scaled(&self, places: u32) -> Result<i64, TomlError> {
        let value = self.value.get_ref();
        let digits = match (value.as_integer(), value.as_float()) {
            (Some(whole), _) if whole.radix() == 10 => whole.as_str(),
            (None, Some(float)) => float.as_str(),
            _ => return Err(self.expected("a number")),
        };
        let number: Decimal = digits.parse().map_err(|_| {
            self.error(&format!("expected a decimal number such as 15.50, got {digits}"))
        })?;
        if number.is_negative() {
            return Err(self.error(&format!("must not be negative, got {digits}")));
        }
        number.exactly(places).filter(|scaled| *scaled <= MOST).ok_or_else(|| {
            let fine = match places {
                0 => "a whole number".to_owned(),
                places => format!("at most {places} decimals"),
            };
            self.error(&format!("expected {fine} and no more than 12 digits, got {digits}"))
        })
    }

    /// A whole number of at least 0.
    pub(crate) fn whole(&self) -> Result<i64, TomlError> {
        self.scaled(0)
    }

    /// A whole number above 0.
    pub(crate) fn positive(&self) -> Result<i64, TomlError> {
        let number = self.whole()?;
        if number == 0 {
            return Err(self.error("must be more than 0, got 0"));
        }
        Ok(number)
    }

    /// A whole number above 0 and at most this.
    pub(crate) fn up_to(&self, most: i64) -> Result<i64, TomlError> {
        let number = self.positive()?;
        if number > most {
            return Err(self.error(&format!("expected at most {most}, got {number}")));
        }
        Ok(number)
    }

    /// A share in percent, times `10^places`.
    pub(crate) fn share(&self, places: u32) -> Result<i64, TomlError> {
        let scaled = self.scaled(places)?;
        if scaled > 100 * 10_i64.pow(places) {
            return Err(self.error("expected at most 100, a share in percent"));
        }
        Ok(scaled)
    }

    /// Money in cents.
    pub(crate) fn cents(&self) -> Result<i64, TomlError> {
        self.scaled(2)
    }

    /// Hours in minutes, rounded to the next minute.
    pub(crate) fn hours(&self) -> Result<i64, TomlError> {
        // Three decimals of an hour are 3.6 seconds: finer than any timetable.
        Ok((self.scaled(3)? * 60 + 500) / 1000)
    }
}

/// Bounds every number, so that sums and products of a few stay within `i64`.
const MOST: i64 = 999_999_999_999;

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "another kind of number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
