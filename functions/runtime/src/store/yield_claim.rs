//! Yield: a claimed task that cannot go on yet gives its claim up.
//!
//! Condition: running, at this stage and epoch. Losing means that another
//! attempt owns the task.

use super::update::Update;
use flotilla_task::{Command, Fence, StatusKind};

pub(super) fn update(command: &Command, fence: &Fence) -> Update {
    Update::fenced(fence, command).status(StatusKind::Pending).remove(&["lease_until"])
}
