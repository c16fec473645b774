//! What one message asks of the fleet, where no run has measured it yet.

use super::Fleet;

/// Averages that a load is priced with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Tasks that come of a message.
    pub tasks: f64,
    /// Stages that a task passes.
    pub stages: f64,
    /// Records of an invocation.
    pub batch: f64,
    /// Messages that one request of the sender carries.
    pub sent_together: f64,
    /// Milliseconds that an invocation is billed for.
    pub invocation_ms: f64,
    /// Write units of the table that a task takes, over all stages.
    pub write_units: f64,
    /// Read units of the table that a task takes, over all stages.
    pub read_units: f64,
    /// Bytes that an invocation logs, Lambda's own lines included.
    pub log_bytes: f64,
}

impl Shape {
    /// As the demo measured it on the local cloud (README.md): 2,390 tasks of 1,503
    /// messages, 5.88 records an invocation, 8.77 write units a task. The rest is
    /// assumed, on the high side: most tasks skip communication, read seven units or
    /// fewer, and log 300 bytes or two times that; an invocation's record has about
    /// 1,000 bytes, and Lambda's lines have 500.
    #[must_use]
    pub const fn of_the_demo() -> Self {
        Self {
            tasks: 1.6,
            stages: 5.0,
            batch: 5.88,
            sent_together: 1.0,
            invocation_ms: 20.0,
            write_units: 8.77,
            read_units: 8.0,
            log_bytes: 2000.0,
        }
    }

    /// Says which of it was measured and which is assumed.
    pub(super) fn words(&self, fleet: &Fleet) -> Vec<String> {
        vec![
            format!(
                "Measured by the demo on the local cloud: {} tasks a message, {} records an invocation, {} write units a task.",
                self.tasks, self.batch, self.write_units
            ),
            format!(
                "Assumed: each message is sent in a request of its own, a task passes {} stages and takes {} read units, an invocation takes {} ms and logs {} bytes with Lambda's own lines.",
                self.stages, self.read_units, self.invocation_ms, self.log_bytes
            ),
            format!("Priced as {}.", fleet.words()),
        ]
    }
}
