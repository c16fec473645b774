//! Reading JSON so that every error names the path of the field.
//!
//! serde's own messages say "missing field `value`" without saying of which
//! item, and quote what they found, which may be personal. These readers name
//! the path and describe a wrong type by its kind only.

use crate::Invalid;
use serde_json::{Number, Value};

/// A value and the path that led to it.
#[derive(Debug, Clone)]
pub(crate) struct Field<'a> {
    path: String,
    value: &'a Value,
}

impl<'a> Field<'a> {
    /// The document itself.
    pub(crate) fn root(value: &'a Value) -> Self {
        Self { path: String::new(), value }
    }

    /// The value itself.
    pub(crate) const fn value(&self) -> &'a Value {
        self.value
    }

    /// Whether it is text.
    pub(crate) fn is_text(&self) -> bool {
        self.value.is_string()
    }

    /// Where this value stands.
    pub(crate) fn path(&self) -> &str {
        if self.path.is_empty() { "data" } else { &self.path }
    }

    /// An error about this value.
    pub(crate) fn invalid(&self, problem: impl AsRef<str>) -> Invalid {
        Invalid::new(self.path(), problem)
    }

    fn expected(&self, what: &str) -> Invalid {
        self.invalid(format!("expected {what}, got {}", kind(self.value)))
    }

    fn below(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A member that may be absent or null.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<Field<'a>>, Invalid> {
        let object = self.value.as_object().ok_or_else(|| self.expected("an object"))?;
        Ok(object
            .get(name)
            .filter(|value| !value.is_null())
            .map(|value| Field { path: self.below(name), value }))
    }

    /// A member that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<Field<'a>, Invalid> {
        self.optional(name)?.ok_or_else(|| Invalid::new(&self.below(name), "missing"))
    }

    /// The value as text.
    pub(crate) fn text(&self) -> Result<&'a str, Invalid> {
        self.value.as_str().ok_or_else(|| self.expected("text"))
    }

    /// The value as text of at most `max` bytes.
    pub(crate) fn short_text(&self, max: usize) -> Result<String, Invalid> {
        let text = self.text()?;
        if text.is_empty() || text.len() > max {
            return Err(self.invalid(format!("expected 1 to {max} bytes, got {}", text.len())));
        }
        Ok(text.to_owned())
    }

    /// The value as a number, its digits untouched.
    pub(crate) fn number(&self) -> Result<Number, Invalid> {
        self.value.as_number().cloned().ok_or_else(|| self.expected("a number"))
    }

    /// The value as a whole number.
    pub(crate) fn whole(&self) -> Result<i64, Invalid> {
        self.value.as_i64().ok_or_else(|| match self.value.as_number() {
            Some(number) => self.invalid(format!("expected a whole number, got {number}")),
            None => self.expected("a whole number"),
        })
    }

    /// The members of a list of at most `max`.
    pub(crate) fn list(&self, max: usize) -> Result<Vec<Field<'a>>, Invalid> {
        let list = self.value.as_array().ok_or_else(|| self.expected("a list"))?;
        if list.len() > max {
            return Err(self.invalid(format!("expected at most {max} entries, got {}", list.len())));
        }
        let entry = |(at, value)| Field { path: format!("{}[{at}]", self.path), value };
        Ok(list.iter().enumerate().map(entry).collect())
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_name_the_path_and_the_kind() {
        let doc = json!({"a": [{"b": 1.5}, {"b": "x", "c": null}], "d": 7});
        let root = Field::root(&doc);
        let items = root.required("a").unwrap().list(2).unwrap();
        let of = |r: Result<i64, Invalid>| r.unwrap_err().to_string();
        assert_eq!(
            of(items[0].required("b").unwrap().whole()),
            "a[0].b: expected a whole number, got 1.5"
        );
        assert_eq!(
            of(items[1].required("b").unwrap().whole()),
            "a[1].b: expected a whole number, got text"
        );
        assert_eq!(items[1].required("c").unwrap_err().to_string(), "a[1].c: missing");
        assert_eq!(
            root.required("a").unwrap().list(1).unwrap_err().to_string(),
            "a: expected at most 1 entries, got 2"
        );
        let d = root.required("d").unwrap();
        assert_eq!(d.required("e").unwrap_err().to_string(), "d: expected an object, got a number");
        assert_eq!(d.text().unwrap_err().to_string(), "d: expected text, got a number");
        assert_eq!(d.list(9).unwrap_err().to_string(), "d: expected a list, got a number");
        let list = json!([]);
        assert_eq!(
            Field::root(&list).required("x").unwrap_err().to_string(),
            "data: expected an object, got a list"
        );
    }
}
