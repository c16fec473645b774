//! Pulling sources: a message starts a pull, which reads page after page, hands
//! each on as messages to this function itself, and then commits how far it came.
//!
//! ```text
//! flotilla.pull.v1 {}          -> a message for each source that is due
//! flotilla.pull.v1 {"source"}  -> claim the cursor
//!      +-> fetch a page -> read it -> send its events -> commit the cursor --+
//!      +---------------------------------------------------------------------+
//!          last page: the pull ends       no time: laid down, a next message goes on
//!          bad page: noted in the cursor, which stays
//! ```
//!
//! A crash between sending and committing sends the page once more. Its events are
//! the same, under the same ids, so they are recognised as every duplicate is.

mod call;
mod hand_on;
mod turning;

use crate::intake::permanent;
use call::PullCall;
use flotilla_runtime::Function;
use flotilla_runtime::batch::{Call, Handled, Handler};
use flotilla_runtime::meter::Meter;
use flotilla_runtime::outbound::Outbound;
use flotilla_runtime::queue::{Queues, SqsQueues};
use flotilla_runtime::records::Records;
use flotilla_runtime::secrets::Vault;
use flotilla_runtime::settings::Settings;
use flotilla_runtime::signed::Signed;
use flotilla_runtime::sources::{HttpPages, Keys};
use flotilla_runtime::stage::{LEASE_MARGIN, new_attempt, refuse};
use flotilla_shipment::pull::ports::{Cursors, Kept, Pages};
use flotilla_shipment::pull::{Act, Cursor, Plan, Ruling, rule};
use flotilla_task::{AttemptId, Clock, Failure, ReasonCode, Source, SystemClock, Timestamp};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use call::PULL;

/// Tries at a claim that others' writes come before.
const RACES: usize = 3;

/// Pulls sources.
#[derive(Debug)]
pub struct Puller<K, P, Q, C> {
    /// How far each was read.
    pub cursors: K,
    /// The sources.
    pub pages: P,
    /// Where events go: this function's own queue.
    pub queues: Q,
    /// The time.
    pub clock: C,
    /// Which sources are pulled, and how.
    pub sources: Vec<(Source, Plan)>,
    /// Budgets and URLs.
    pub settings: Settings,
    /// What was done.
    pub meter: Arc<Meter>,
}

/// A pull that holds the lease.
pub(crate) struct Held<'a> {
    source: &'a Source,
    plan: &'a Plan,
    by: AttemptId,
    cursor: Cursor,
}

/// What came of trying to get the lease.
enum Claimed<'a> {
    Mine(Box<Held<'a>>),
    /// Another's, until then.
    Busy(Timestamp),
    /// What the message called for was done.
    Done,
}

impl Puller<Records, HttpPages<Signed>, SqsQueues, SystemClock> {
    /// The puller of a function, with sources over HTTP.
    ///
    /// # Errors
    /// When a setting is wrong, or TLS cannot be set up.
    pub fn of(
        function: &Function,
        sources: Vec<(Source, Plan)>,
    ) -> Result<Self, lambda_runtime::Error> {
        let env = &function.env;
        let every = Vault::<Signed, SystemClock>::interval(env)?;
        let path = env.get("SECRETS_PATH").unwrap_or_default();
        let keys = Keys::new(function.signed()?, every, path);
        Ok(Self {
            cursors: function.records(),
            pages: HttpPages::new(&Outbound::read(env)?, &sources, keys)?,
            queues: function.queues(),
            clock: SystemClock,
            sources,
            settings: function.settings.clone(),
            meter: Arc::clone(&function.meter),
        })
    }
}

impl<K: Cursors, P: Pages, Q: Queues, C: Clock> Handler for Puller<K, P, Q, C> {
    async fn handle(&self, call: Call<'_>) -> Handled {
        let pulled = match PullCall::read(call.envelope) {
            Ok(asked) => match asked.source.clone() {
                None => self.fan_out().await,
                Some(source) => self.pull(call, &source, &asked).await,
            },
            Err(failure) => Err(failure),
        };
        pulled.unwrap_or_else(|failure| self.ended(call, failure))
    }
}

impl<K: Cursors, P: Pages, Q: Queues, C: Clock> Puller<K, P, Q, C> {
    /// A message for each source that is due.
    async fn fan_out(&self) -> Result<Handled, Failure> {
        let now = self.clock.now();
        let mut messages = Vec::new();
        for (source, _) in &self.sources {
            let cursor = self.cursors.cursor(source).await?;
            if cursor.is_due(now) {
                messages.push(self.message(&PullCall::of(source, cursor.epoch, false))?);
            }
        }
        tracing::info!(sources = self.sources.len(), due = messages.len(), "looked for due pulls");
        Ok(Handled::sending(messages))
    }

    async fn pull(&self, call: Call<'_>, name: &str, asked: &PullCall) -> Result<Handled, Failure> {
        let found = self.sources.iter().find(|(source, _)| source.as_str() == name);
        let Some((source, plan)) = found else {
            let text = "data.source: no source of that name is pulled by this fleet";
            return Err(permanent(ReasonCode::InvalidField, text));
        };
        match self.claim(call, source, plan, asked).await? {
            Claimed::Mine(held) => self.turn_pages(call, *held).await,
            Claimed::Done => {
                self.meter.replayed.add(1);
                Ok(Handled::DONE)
            }
            Claimed::Busy(until) => {
                self.meter.busy.add(1);
                tracing::info!(%source, "is being pulled already");
                // The first call for a pull has nothing to add to the one under way.
                // One that goes on with a pull, or comes once more after a crash,
                // may be the only one there is.
                if call.incoming.receives == 1 && !asked.continues {
                    return Ok(Handled::DONE);
                }
                Ok(Handled::give_back(self.until(until)))
            }
        }
    }

    /// Takes the lease, which lasts as long as this invocation may.
    async fn claim<'a>(
        &self,
        call: Call<'_>,
        source: &'a Source,
        plan: &'a Plan,
        asked: &PullCall,
    ) -> Result<Claimed<'a>, Failure> {
        let by = new_attempt();
        let mut cursor = self.cursors.cursor(source).await?;
        for _ in 0..RACES {
            if asked.is_done(&cursor) {
                return Ok(Claimed::Done);
            }
            let now = self.clock.now();
            let first = plan.first.as_millis().try_into().unwrap_or(u64::MAX);
            let act = Act::Claim {
                until: call.deadline.plus(LEASE_MARGIN),
                first: Timestamp::from_millis(now.as_millis().saturating_sub(first)),
                every: plan.every,
            };
            match rule(&cursor, &by, now, &act) {
                Ruling::Busy { until } => return Ok(Claimed::Busy(until)),
                Ruling::Fenced => break,
                Ruling::Write(next) => match self.keep(source, &next).await? {
                    Kept::Mine => {
                        let held = Held { source, plan, by, cursor: next };
                        return Ok(Claimed::Mine(Box::new(held)));
                    }
                    Kept::Lost(now) => cursor = *now,
                },
            }
        }
        Err(Failure::retry(format!("lost {RACES} races for the cursor of {source} in a row")))
    }

    /// Writes, and once more when no answer came: the store knows its own write.
    async fn keep(&self, source: &Source, cursor: &Cursor) -> Result<Kept, Failure> {
        match self.cursors.keep_cursor(source, cursor).await {
            Err(error) if error.is_retryable() => {
                Ok(self.cursors.keep_cursor(source, cursor).await?)
            }
            answer => Ok(answer?),
        }
    }

    /// From now until then, a second at least.
    fn until(&self, then: Timestamp) -> Duration {
        self.clock.now().until(then).max(Duration::from_secs(1))
    }

    /// What a failure means for the message. The cursor counts what is wrong with a
    /// source; here it is the table, a queue, or the message itself.
    fn ended(&self, call: Call<'_>, failure: Failure) -> Handled {
        match failure {
            Failure::Permanent(reason) => refuse(reason, call.incoming.receives, &self.settings),
            Failure::Wait { delay, .. } => Handled::give_back(delay),
            Failure::Retry { reason, .. } => {
                self.meter.retried.add(1);
                tracing::warn!(message_id = %call.incoming.id, %reason, "will be tried again");
                Handled::back_off(call.incoming.receives)
            }
            Failure::Hold(_) | Failure::Fenced => {
                self.meter.fenced.add(1);
                Handled::back_off(call.incoming.receives)
            }
        }
    }
}
