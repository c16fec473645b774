//! What one agent logged of late, as far as it can be read in a short time.

use super::Cloud;
use flotilla_task::Stage;
use std::time::Duration;

/// Lines of one agent's log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heard {
    /// When each was logged, in milliseconds since 1970, and its text.
    pub lines: Vec<(u64, String)>,
    /// Whether the time was too short for all of them.
    pub cut: bool,
}

impl Cloud {
    /// The lines that hold a pattern of CloudWatch Logs, since a moment in milliseconds.
    /// What could not be read within `limit` is left out: a busy fleet logs more in five
    /// minutes than a glance may wait for.
    ///
    /// # Errors
    /// Says in words why there are none; whoever asks goes on without them.
    pub async fn heard(
        &self,
        stage: Stage,
        pattern: &str,
        since_ms: u64,
        limit: Duration,
    ) -> Result<Heard, String> {
        let mut heard = Heard::default();
        let mut problems = Vec::new();
        let read = async {
            for group in self.stack.log_groups(stage) {
                let add = |at, line: &str| heard.lines.push((at, line.to_owned()));
                match self.read_group(&group, pattern, since_ms, add).await {
                    // A cloud logs to one of them.
                    Ok(()) if !heard.lines.is_empty() => break,
                    Ok(()) => {}
                    Err(problem) => problems.push(format!("{group}: {problem}")),
                }
            }
        };
        let cut = tokio::time::timeout(limit, read).await.is_err();
        let groups = self.stack.log_groups(stage).len();
        if heard.lines.is_empty() && problems.len() == groups {
            return Err(problems.join("; "));
        }
        Ok(Heard { cut, ..heard })
    }
}
