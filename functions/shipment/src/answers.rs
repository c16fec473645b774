//! What the fleet tells of a shipment, and what it forgets: ports of the state
//! agent.

use crate::Invalid;
use flotilla_task::{ShipmentId, StoreError, TaskId, Timestamp};
use serde::{Deserialize, Serialize};
use std::future::Future;

/// Entries of the decision log that one answer tells, unless asked for others.
const USUAL: u32 = 50;
/// The most that one answer tells.
const MOST: u32 = 200;
/// A moment of thirteen digits, `#` and a task's id.
const MOMENT: usize = 13;

/// Which part of the decision log is asked for, the newest entries first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    /// At most so many entries.
    pub limit: u32,
    /// Those that are older than this one: an answer's `next`.
    pub after: Option<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: USUAL, after: None }
    }
}

impl Page {
    /// Checks what somebody asked for.
    ///
    /// # Errors
    /// [`Invalid`] names the field.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.limit == 0 || self.limit > MOST {
            let text = format!("expected 1 to {MOST}, got {}", self.limit);
            return Err(Invalid::new("page.limit", text));
        }
        let is_entry = |after: &str| {
            after.split_once('#').is_some_and(|(moment, task)| {
                moment.len() == MOMENT
                    && moment.bytes().all(|byte| byte.is_ascii_digit())
                    && TaskId::new(task).is_ok()
            })
        };
        if !self.after.as_deref().is_none_or(is_entry) {
            return Err(Invalid::new("page.after", "expected an answer's \"next\""));
        }
        Ok(())
    }
}

/// What was erased for a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// When.
    pub at: Timestamp,
    /// The names of the fields, `contact.email`. Nothing was there when it is empty.
    pub fields: Vec<String>,
}

/// What the fleet knows of a shipment, for those who ask.
pub trait Answers: Send + Sync {
    /// One JSON document without personal data: state, slot, names, the tasks
    /// that matter now, and a page of the decision log with its events.
    /// `"known": false` when there is nothing.
    fn known(
        &self,
        shipment: &ShipmentId,
        page: &Page,
    ) -> impl Future<Output = Result<serde_json::Value, StoreError>> + Send;
}

/// Erasing a person's data.
pub trait Forget: Send + Sync {
    /// Erases the personal data of a shipment, and keeps data from coming back
    /// with an order from before. `asked` names the request: asked again, it is
    /// told the same once more.
    fn forget(
        &self,
        shipment: &ShipmentId,
        asked: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<Erased, StoreError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str) -> Result<(), String> {
        let page: Page = serde_json::from_str(page).map_err(|error| error.to_string())?;
        page.check().map_err(|error| error.to_string())
    }

    #[test]
    fn a_page_is_checked_by_field() {
        assert_eq!(check("{}"), Ok(()));
        assert_eq!(check(r#"{"limit": 200, "after": "1795852805000#0f3a5be07c21"}"#), Ok(()));
        for (page, field) in [
            (r#"{"limit": 0}"#, "page.limit: expected 1 to 200, got 0"),
            (r#"{"limit": 201}"#, "page.limit: expected 1 to 200, got 201"),
            (r#"{"after": "x"}"#, "page.after: expected an answer's"),
            (r#"{"after": "179585280500#t"}"#, "page.after: "),
            (r#"{"after": "1795852805000#"}"#, "page.after: "),
            (r#"{"afterwards": "x"}"#, "unknown field `afterwards`"),
            (r#"{"limit": -1}"#, "invalid value"),
        ] {
            let error = check(page).unwrap_err();
            assert!(error.starts_with(field), "{page}: {error}");
        }
    }
}
