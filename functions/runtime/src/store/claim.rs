//! Claim: an agent with outside effects takes the task under a lease.
//!
//! Condition: at the agent's stage, and pending, or running with a lapsed lease
//! of another attempt. Losing means that another attempt is at work, or the task
//! is elsewhere, or this attempt has it: its claim, repeated, finds itself even
//! when its lease has lapsed. The message's epoch is not compared: an operator's
//! release has raised it.

use super::update::Update;
use crate::table::item::{number, text};
use flotilla_task::{Command, Stage, StatusKind, Timestamp};

pub(super) fn update(command: &Command, stage: Stage, lease_until: Timestamp) -> Update {
    let condition = "#stage = :at_stage AND (#status = :pending OR \
                     (#status = :running AND #lease_until <= :now AND #writer <> :writer))";
    Update::when(condition, command)
        .value(":at_stage", text(stage.as_str()))
        .value(":pending", text(StatusKind::Pending.as_str()))
        .value(":running", text(StatusKind::Running.as_str()))
        .value(":now", number(command.now.as_millis()))
        .status(StatusKind::Running)
        .set("lease_until", number(lease_until.as_millis()))
}
