//! What a row's mappings and functions have counted and logged.

use super::Rig;
use flotilla_wire::host::Tally;
use serde_json::Value;

impl Rig {
    /// What happened to messages and processes.
    pub(crate) fn tally(&self) -> Tally {
        self.mappings.iter().map(|(_, mapping)| mapping.tally()).fold(
            Tally::default(),
            |sum, one| Tally {
                started: sum.started + one.started,
                died: sum.died + one.died,
                redelivered: sum.redelivered + one.redelivered,
                late: sum.late + one.late,
                failed: sum.failed + one.failed,
            },
        )
    }

    /// What the functions have counted under a metric's name, such as `Resent`.
    pub(crate) fn counted(&self, name: &str) -> u64 {
        let environments = self.mappings.iter().flat_map(|(_, mapping)| mapping.environments());
        let logs: Vec<String> = environments.map(|environment| environment.printed()).collect();
        let lines = logs.iter().flat_map(|log| log.lines());
        let counts = lines.filter_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            (line["message"] == "invocation").then(|| line[name].as_u64())?
        });
        counts.sum()
    }

    /// Everything that the functions have logged, for whoever has to find out why.
    pub(crate) fn logs(&self) -> String {
        let mut all = String::new();
        for (stage, mapping) in &self.mappings {
            for environment in mapping.environments() {
                all += &format!("--- {stage}, pid {}\n{}", environment.pid, environment.printed());
            }
        }
        all
    }
}
