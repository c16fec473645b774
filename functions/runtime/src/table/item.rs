//! Attributes of items: written and read with their types.

use aws_sdk_dynamodb::types::AttributeValue;
use flotilla_task::{StoreError, Timestamp};
use std::collections::HashMap;
use std::fmt::Display;
use std::time::Duration;

/// A DynamoDB item.
pub type Item = HashMap<String, AttributeValue>;

/// A string attribute.
pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A value as a JSON string attribute.
///
/// # Errors
/// [`StoreError::Rejected`] when it cannot be written as JSON.
pub fn json(value: &impl serde::Serialize) -> Result<AttributeValue, StoreError> {
    serde_json::to_string(value)
        .map(AttributeValue::S)
        .map_err(|error| StoreError::Rejected(format!("cannot be written as JSON: {error}")))
}

/// The TTL attribute of something that ended then. Open tasks have none.
#[must_use]
pub fn expiry(ended: Timestamp, horizon: Duration) -> AttributeValue {
    number(ended.plus(horizon).as_millis() / 1000)
}

/// Typed access to an item's attributes; errors name the attribute.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(pub &'a Item);

impl<'a> Fields<'a> {
    /// A string attribute.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] names the attribute.
    pub fn text(&self, name: &str) -> Result<&'a str, StoreError> {
        match self.0.get(name) {
            Some(AttributeValue::S(value)) => Ok(value),
            Some(_) => Err(wrong(name, "not a string")),
            None => Err(wrong(name, "missing")),
        }
    }

    /// A number attribute.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] names the attribute.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Result<T, StoreError> {
        match self.0.get(name) {
            Some(AttributeValue::N(value)) => value.parse().map_err(|_| wrong(name, value)),
            Some(_) => Err(wrong(name, "not a number")),
            None => Err(wrong(name, "missing")),
        }
    }

    /// A moment in milliseconds.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] names the attribute.
    pub fn time(&self, name: &str) -> Result<Timestamp, StoreError> {
        self.number(name).map(Timestamp::from_millis)
    }

    /// A JSON string attribute.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] names the attribute.
    pub fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        serde_json::from_str(self.text(name)?).map_err(|error| wrong(name, &error.to_string()))
    }

    /// An attribute that may be absent.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] names the attribute.
    pub fn maybe<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Self) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.0.contains_key(name).then(|| read(self)).transpose()
    }

    /// A checked id.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`].
    pub fn id<T, E: Display>(
        &self,
        name: &str,
        make: impl FnOnce(String) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        make(self.text(name)?.to_owned()).map_err(|error| wrong(name, &error.to_string()))
    }
}

/// The error for an attribute that cannot be read. What stands there may be anything,
/// so it is cut, and its control characters are left out.
#[must_use]
pub fn wrong(name: &str, what: &str) -> StoreError {
    let shown: String = what.chars().filter(|c| !c.is_control()).take(64).collect();
    StoreError::Unreadable(format!("{name}: {shown}"))
}
