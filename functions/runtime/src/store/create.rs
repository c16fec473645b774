//! Create: a task appears, pending at processing.
//!
//! Condition: no such item. Losing means that the task was created before:
//! perhaps a duplicate, perhaps a crash before the send, so the old record that
//! comes back decides whether the stored message is sent again.

/// The condition of the put.
pub(super) const CONDITION: &str = "attribute_not_exists(pk)";
