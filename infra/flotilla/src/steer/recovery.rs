//! What the stack says about recovery, for whoever leaves a message to it.

use super::words::long;
use crate::cloud::Stack;
use crate::error::Error;
use std::time::Duration;

/// When a task that has lost its message gets another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Nothing has to have touched the task for so long.
    pub after: Duration,
    /// How often such tasks are looked for: `rate(1 day)`, `cron(...)` or `off`.
    pub schedule: String,
}

impl Recovery {
    /// As the stack was deployed.
    ///
    /// # Errors
    /// [`Error::Environment`] when the stack lacks a parameter.
    pub fn of(stack: &Stack) -> Result<Self, Error> {
        let schedule = stack.recovery_schedule()?.to_owned();
        Ok(Self { after: stack.recover_after()?, schedule })
    }

    /// What becomes of a message that was not sent, without a full stop.
    #[must_use]
    pub fn words(&self) -> String {
        match self.schedule.as_str() {
            "off" => "nothing sends it by itself: recovery is off (RecoverySchedule)".to_owned(),
            schedule => format!(
                "recovery sends it when it next looks (RecoverySchedule: {schedule}) and nothing \
                 has touched the task for {}",
                long(self.after)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_the_schedules_as_well() {
        let of = |schedule: &str| Recovery {
            after: Duration::from_secs(21_600),
            schedule: schedule.to_owned(),
        };
        assert_eq!(
            of("rate(1 day)").words(),
            "recovery sends it when it next looks (RecoverySchedule: rate(1 day)) and nothing has \
             touched the task for 6 h"
        );
        assert!(of("off").words().starts_with("nothing sends it by itself"));
    }
}
