//! What the proxy has seen, and the rules in force.

use crate::about::{Sent, Written};
use crate::action::{Called, Part};
use crate::fault::{Fault, Kind};
use crate::witness::{Seen, Witness};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A call that went through, or was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The calling function's name; empty when the caller is no function.
    pub function: String,
    /// `dynamodb` or `sqs`.
    pub service: String,
    /// The operation as the API names it.
    pub operation: String,
    /// The permissions it needs.
    pub parts: BTreeSet<Part>,
    /// The HTTP status that went back; 0 when none did.
    pub status: u16,
    /// The error's name, when the answer was one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// DynamoDB write units, in hundredths.
    pub write_centiunits: u64,
    /// DynamoDB read units, in hundredths.
    pub read_centiunits: u64,
    /// The items that it writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written: Vec<Written>,
    /// The partition keys that it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<String>,
    /// The messages that it sends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Sent>,
    /// Bytes of the request's body.
    pub bytes: usize,
    /// What was made to go wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Kind>,
}

/// Everything seen, and every rule.
#[derive(Debug, Default)]
pub struct Record {
    calls: Mutex<Vec<Call>>,
    faults: Mutex<Vec<Fault>>,
    witness: Mutex<Witness>,
}

impl Record {
    /// Notes a call.
    pub(crate) fn note(&self, call: Call) {
        lock(&self.calls).push(call);
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.calls).clone()
    }

    /// Forgets the calls.
    pub fn forget(&self) {
        lock(&self.calls).clear();
    }

    /// Adds a rule.
    pub fn add(&self, fault: Fault) {
        lock(&self.faults).push(fault);
    }

    /// The rules.
    pub fn faults(&self) -> Vec<Fault> {
        lock(&self.faults).clone()
    }

    /// No more faults.
    pub fn calm(&self) {
        lock(&self.faults).clear();
    }

    /// The first rule that a call fits, which is then used once.
    pub(crate) fn strike(&self, function: &str, called: &Called, body: &str) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        let fault = faults.iter_mut().find(|fault| fault.fits(function, called, body))?;
        fault.times -= 1;
        lock(&self.witness).struck(fault.kind);
        Some(fault.clone())
    }

    /// Lets the witness look at a call that was carried out.
    pub(crate) fn witness(&self, called: &Called, request: &Value, answer: &Value, late: bool) {
        lock(&self.witness).carried_out(called, request, answer, late);
    }

    /// What the witness has seen since the start.
    pub fn seen(&self) -> Seen {
        lock(&self.witness).seen()
    }
}

/// A panic elsewhere leaves lists that are whole: each change is one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
