//! What Lambda, SQS and DynamoDB would refuse, or what would go wrong without a word.

use super::{Network, Pollers, Stage};
use std::fmt;

/// What is wrong with a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Of which stage; none if it is all of them together.
    pub stage: Option<String>,
    /// Which setting.
    pub setting: &'static str,
    /// What is wrong with it, and what to do.
    pub text: String,
    /// Whether it can be had by asking AWS for a higher quota. Everything else is refused.
    pub quota: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.stage {
            Some(stage) => write!(f, "{stage}: {}: {}", self.setting, self.text),
            None => write!(f, "{}: {}", self.setting, self.text),
        }
    }
}

impl Network {
    /// Everything that is wrong with it; nothing if it can be simulated and deployed.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> =
            self.stages.iter().flat_map(|stage| self.of_stage(stage)).collect();
        let mut whole = |setting, text, quota| {
            problems.push(Problem { stage: None, setting, text, quota });
        };
        let ready: f64 = self.stages.iter().map(most_ready).sum();
        if ready > self.account {
            let text = format!(
                "{ready} environments are to be ready at once, and the account has {}",
                self.account
            );
            whole("provisioned concurrency", text, true);
        }
        if self.table.warm.writes > self.limits.table_quota {
            let text = format!(
                "{} write units a second, and a table has {} at most until the quota is raised",
                self.table.warm.writes, self.limits.table_quota
            );
            whole("warm throughput", text, true);
        }
        if !(0.0..=1.0).contains(&self.table.hottest) {
            whole("hottest key", format!("{} is no share", self.table.hottest), false);
        }
        problems
    }

    fn of_stage(&self, stage: &Stage) -> Vec<Problem> {
        let mut problems = Vec::new();
        let limits = &self.limits;
        let mut wrong = |setting, text: String| {
            let stage = Some(stage.name.clone());
            problems.push(Problem { stage, setting, text, quota: false });
        };
        let numbers = [
            ("service time", stage.service.base),
            ("service time of a record", stage.service.record),
            ("cold start", stage.cold),
            ("batch window", stage.window),
            ("write units", stage.units.writes),
            ("read units", stage.units.reads),
            ("message size", stage.bytes),
            ("messages sent on", stage.copies),
        ];
        for (setting, value) in numbers {
            if !value.is_finite() || value < 0.0 {
                wrong(setting, format!("{value} is no number of zero or more"));
            }
        }
        if stage.service.base + stage.service.record <= 0.0 {
            wrong("service time", "an invocation takes time".to_owned());
        }
        for (setting, share) in
            [("failures", stage.trouble.failure), ("crashes", stage.trouble.crash)]
        {
            if !(0.0..1.0).contains(&share) {
                wrong(setting, format!("{share} is no share from 0 to below 1"));
            }
        }
        let batch = f64::from(stage.batch);
        let (with, without, fifo) = limits.batch;
        if stage.batch == 0 {
            wrong("batch size", "0 records; a batch has one at least".to_owned());
        } else if stage.groups.is_some() && stage.window > 0.0 {
            wrong(
                "batch window",
                format!(
                    "{} s, and batches of a FIFO queue cannot wait to fill; leave it at 0 or use standard queues",
                    stage.window
                ),
            );
        } else if stage.groups.is_some() && batch > fifo {
            wrong(
                "batch size",
                format!("{batch}, and batches of a FIFO queue have {fifo} records at most"),
            );
        } else if stage.window == 0.0 && batch > without {
            wrong(
                "batch size",
                format!(
                    "{batch}, and batches of more than {without} have to wait to fill; give a window of 1 s or more"
                ),
            );
        } else if batch > with {
            wrong("batch size", format!("{batch}, and {with} is the most"));
        }
        match stage.pollers {
            Pollers::Shared { most: Some(most) } => {
                let (least, highest) = limits.maximum_concurrency;
                if !(least..=highest).contains(&most) {
                    wrong(
                        "MaximumConcurrency",
                        format!("{most}, and {least} to {highest} is allowed"),
                    );
                }
            }
            Pollers::Provisioned { least, most } => {
                let (fewest, highest) = limits.pollers;
                if least > most {
                    wrong(
                        "provisioned pollers",
                        format!("the minimum of {least} is above the maximum of {most}"),
                    );
                }
                if least > limits.pollers_kept {
                    wrong(
                        "provisioned pollers",
                        format!(
                            "a minimum of {least}, and {} is the most that Lambda keeps ready",
                            limits.pollers_kept
                        ),
                    );
                }
                if least < fewest || most > highest {
                    wrong(
                        "provisioned pollers",
                        format!("{least} to {most}, and {fewest} to {highest} is allowed"),
                    );
                }
            }
            Pollers::Shared { most: None } | Pollers::Fixed { .. } => {}
        }
        let usable = stage.most_at_once(limits);
        if most_ready(stage) > usable {
            wrong(
                "provisioned concurrency",
                format!(
                    "{} environments, and its pollers use {usable} at most: more would never be called",
                    most_ready(stage)
                ),
            );
        }
        let hidden = stage.service.mean(batch) * limits.visibility + stage.window;
        if stage.trouble.visibility < hidden {
            wrong(
                "visibility timeout",
                format!(
                    "{} s, and six times a full batch and its window are {hidden:.1} s: messages would come again while they are worked on",
                    stage.trouble.visibility
                ),
            );
        }
        problems
    }
}

fn most_ready(stage: &Stage) -> f64 {
    stage.ready.iter().map(|ready| ready.count).fold(0.0, f64::max)
}
