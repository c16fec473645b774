//! Who has been told what was decided, noted where one of them could not be.
//!
//! A task may wait for dispatch for hours, and look again every half a minute. Without
//! the note each look would tell the customer once more, and a thousand tasks that wait
//! would be a load on a receiver that is well. It is written when it says something
//! that was not known, beside the booking, so that a task whose notices leave at once
//! has no write more.

use flotilla_shipment::decision::{Action, Decision};
use flotilla_task::Failure;
use serde::{Deserialize, Serialize};

/// The checkpoint.
pub(crate) const TOLD: &str = "told";

/// What came of each notice: whether it was taken. None while it has still to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dispatch: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) customer: Option<bool>,
}

impl Told {
    /// What is known before this try: what the last one noted, or else who need not be
    /// told at all.
    pub(crate) fn known(noted: Option<&str>, decision: &Decision) -> Result<Self, Failure> {
        if let Some(noted) = noted {
            let told = serde_json::from_str(noted);
            return told.map_err(|error| Failure::retry(format!("checkpoint {TOLD}: {error}")));
        }
        // Where everything stays as it is, dispatch has nothing to do.
        let dispatch = (decision.action == Action::Keep).then_some(false);
        Ok(Self { dispatch, customer: (!decision.tell_customer).then_some(false) })
    }
}
