//! Asks the cloud for everything that makes up a snapshot.
//!
//! Queues, mappings, the index of what needs attention and a handful of items are
//! read in full, and an error there is one of the whole look. Logs are read as far as
//! they can be in a short time; without them the rest is still worth seeing.

use super::policy::{self, Policy};
use super::recent::Recent;
use super::{Agent, Counted, Failing, Snapshot};
use crate::cloud::Cloud;
use crate::cloud::attention::Wanted;
use crate::cloud::heard::Heard;
use crate::cloud::logs::Invocation;
use crate::cloud::mappings::Mapping;
use crate::error::Error;
use flotilla_task::{Clock, Source, Stage, Timestamp};
use futures_util::future::{join_all, try_join_all};
use futures_util::try_join;
use std::time::Duration;

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Wish {
    /// How far back invocations are looked at.
    pub window: Duration,
    /// How long to wait for logs.
    pub patience: Duration,
    /// The sources that the fleet pulls.
    pub sources: Vec<Source>,
    /// The partners that it calls.
    pub partners: Vec<String>,
}

/// So many entries of the index are counted: one request.
const COUNTED: i32 = 1000;
/// While a document is refused, decision says so at every look for a newer one, once a
/// minute unless the deployment says otherwise. So that an idle hour hides nothing:
const POLICY_WINDOW: Duration = Duration::from_secs(3600);

impl Cloud {
    /// Takes a look at the whole fleet.
    ///
    /// # Errors
    /// [`Error::Environment`] when the cloud does not answer.
    pub async fn snapshot(&self, wish: &Wish, clock: &impl Clock) -> Result<Snapshot, Error> {
        let at = clock.now();
        let newest = |wanted| self.newest(wanted, COUNTED);
        let logs = async { Ok(self.logged(wish, at).await) };
        let (agents, mappings, pauses, partners, failed, held, parked, sources, logged) = try_join!(
            self.depths(),
            self.mappings(),
            self.agent_pauses(),
            self.partners(&wish.partners),
            newest(Wanted::Failed),
            newest(Wanted::Held),
            newest(Wanted::Parked),
            self.failing(&wish.sources),
            logs,
        )?;
        let Logged { invocations, policy, unknown } = logged;
        let agents = agents.into_iter().zip(invocations).map(|(mut agent, invocations)| {
            agent.add_mapping(mappings.iter().find(|mapping| mapping.stage == agent.stage));
            agent.pause = pauses.get(&agent.stage).copied();
            agent.recent = invocations.as_ref().map(|all| Recent::of(all, at, wish.window));
            agent.invocations = invocations.unwrap_or_default();
            agent
        });
        Ok(Snapshot {
            at,
            agents: agents.collect(),
            partners,
            policy,
            failed: Counted::from(&failed),
            held: Counted::from(&held),
            parked: Counted::from(&parked),
            sources,
            unknown,
        })
    }

    async fn depths(&self) -> Result<Vec<Agent>, Error> {
        try_join_all(Stage::ALL.map(|stage| async move {
            let own = self.depth(self.stack.queue(stage)?);
            let dead = self.depth(self.stack.dead_letters(stage)?);
            let (depth, dead) = try_join!(own, dead)?;
            Ok(Agent {
                stage,
                depth,
                dead_letters: dead.visible + dead.in_flight,
                polls: false,
                mapping: String::new(),
                maximum: None,
                pause: None,
                recent: None,
                invocations: Vec::new(),
            })
        }))
        .await
    }

    async fn failing(&self, sources: &[Source]) -> Result<Vec<Failing>, Error> {
        let cursors = sources.iter().map(|source| self.cursor(source));
        let cursors = try_join_all(cursors).await?;
        let failing = |(source, cursor): (&Source, Option<_>)| {
            let cursor: flotilla_shipment::pull::Cursor = cursor?;
            let problem = cursor.problem?;
            Some(Failing {
                source: source.clone(),
                problem: format!("{}: {}", problem.code.as_str(), problem.text),
                at: problem.at,
                failures: cursor.failures,
            })
        };
        Ok(sources.iter().zip(cursors).filter_map(failing).collect())
    }

    async fn logged(&self, wish: &Wish, at: Timestamp) -> Logged {
        let since = |window| ago(at, window);
        let heard = Stage::ALL
            .map(|stage| self.heard(stage, "invocation", since(wish.window), wish.patience));
        let lines = |pattern: &'static str| {
            self.heard(Stage::Decision, pattern, since(POLICY_WINDOW), wish.patience)
        };
        let (heard, refused, followed) = futures_util::join!(
            join_all(heard),
            lines("\"policy refused\""),
            lines("\"policy followed\""),
        );
        let mut unknown = Vec::new();
        let mut invocations = Vec::new();
        for (stage, heard) in Stage::ALL.into_iter().zip(heard) {
            invocations.push(read(stage, heard, &mut unknown));
        }
        let policy = match (refused, followed) {
            (Ok(refused), Ok(followed)) => {
                let judged = policy::judge(&refused.lines, &followed.lines);
                // What could not be read in time is the newest.
                let cut = refused.cut || followed.cut;
                if cut { Policy::Unknown } else { judged }
            }
            (Err(_), _) | (_, Err(_)) => Policy::Unknown,
        };
        Logged { invocations, policy, unknown }
    }
}

struct Logged {
    invocations: Vec<Option<Vec<Invocation>>>,
    policy: Policy,
    unknown: Vec<String>,
}

fn read(
    stage: Stage,
    heard: Result<Heard, String>,
    unknown: &mut Vec<String>,
) -> Option<Vec<Invocation>> {
    match heard {
        Err(problem) => {
            unknown.push(format!("what {stage} did of late: {problem}"));
            None
        }
        Ok(heard) => {
            if heard.cut {
                unknown.push(format!("all of what {stage} did of late: it logs more than is read"));
            }
            let lines = heard.lines.iter();
            Some(lines.filter_map(|(at, line)| Invocation::read(stage, *at, line)).collect())
        }
    }
}

/// So long before a moment, in milliseconds since 1970.
fn ago(at: Timestamp, window: Duration) -> u64 {
    let window = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
    at.as_millis().saturating_sub(window)
}

impl Agent {
    fn add_mapping(&mut self, mapping: Option<&Mapping>) {
        if let Some(mapping) = mapping {
            self.polls = mapping.polls();
            self.mapping.clone_from(&mapping.state);
            self.maximum = mapping.maximum;
        }
    }
}
