//! Page after page, as long as there is time.

use super::call::PullCall;
use super::hand_on::Unsent;
use super::{Held, Puller};
use flotilla_crashpoint::{Point, reach};
use flotilla_runtime::batch::{BACKOFF, Call, Handled};
use flotilla_runtime::queue::Queues;
use flotilla_shipment::pull::ask::MAX_POSITION;
use flotilla_shipment::pull::ports::{Ask, Cursors, Fetched, Kept, Pages};
use flotilla_shipment::pull::{Act, Code, Problem, Ruling, Validators, rule};
use flotilla_task::{Clock, Failure, Reason, ReasonCode, fingerprint};
use std::time::Duration;

/// No page is waited for longer.
const LONGEST_FETCH: Duration = Duration::from_secs(10);
/// So often a message tries a source that fails for the moment; after that it is
/// the schedule's.
const TRIES: u32 = 5;

/// How a page ended that was read.
enum Turned {
    /// Another follows.
    More,
    /// It was the last.
    Last,
    /// It could not be read, or leads nowhere.
    Stopped(Problem),
}

impl<K: Cursors, P: Pages, Q: Queues, C: Clock> Puller<K, P, Q, C> {
    pub(super) async fn turn_pages(
        &self,
        call: Call<'_>,
        mut held: Held<'_>,
    ) -> Result<Handled, Failure> {
        let limit = (self.left(call) / 2).min(LONGEST_FETCH);
        // A page takes its fetch and as much again at the worst, so that a slow source
        // is told from a pull that has no more time.
        while self.left(call) >= limit + limit / 2 && !limit.is_zero() {
            match self.turn(call, &mut held, limit).await {
                Ok(Turned::More) => {}
                Ok(Turned::Last) => {
                    tracing::info!(source = %held.source, "was pulled to its end");
                    return Ok(Handled::DONE);
                }
                Ok(Turned::Stopped(problem)) => return self.stop(call, held, problem).await,
                Err(failure) => {
                    // So that the next try need not wait for the lease. Without an
                    // answer it waits.
                    let _either_way = self.write(&mut held, &Act::LayDown).await;
                    return Err(failure);
                }
            }
        }
        self.write(&mut held, &Act::LayDown).await?;
        let next = PullCall::of(held.source, held.cursor.epoch, true);
        tracing::info!(source = %held.source, "goes on in a next message");
        Ok(Handled::sending(vec![self.message(&next)?]))
    }

    /// One page: fetched, read, handed on, committed.
    async fn turn(
        &self,
        call: Call<'_>,
        held: &mut Held<'_>,
        limit: Duration,
    ) -> Result<Turned, Failure> {
        let Some(run) = held.cursor.run.clone() else { return Err(Failure::Fenced) };
        let plan = held.plan;
        let position = run.position.clone().unwrap_or_else(|| plan.first_page(run.since));
        let is_first = run.position.is_none();
        let asked = fingerprint(&[&plan.address(&position), &format!("{:?}", plan.speaks)]);
        let known = held.cursor.validators.as_ref();
        let validators = known.filter(|known| is_first && known.asked == asked);
        let ask = Ask { plan, position: &position, since: run.since, validators, limit };
        let (body, linked, etag, last_modified) = match self.pages.fetch(ask).await {
            Ok(Fetched::Unchanged) => {
                self.write(held, &Act::Unchanged).await?;
                return Ok(Turned::Last);
            }
            Ok(Fetched::Answer { body, next, etag, last_modified }) => {
                (body, next, etag, last_modified)
            }
            Err(problem) => return Ok(Turned::Stopped(problem)),
        };
        let page = match plan.read(&body) {
            Ok(page) => page,
            Err(problem) => return Ok(Turned::Stopped(problem)),
        };
        drop(body);
        match self.hand_on(call, (held.source, plan), &page.documents).await {
            Ok(()) => {}
            Err(Unsent::Page(problem)) => return Ok(Turned::Stopped(problem)),
            Err(Unsent::Queue(failure)) => return Err(failure),
        }
        self.meter.pages.add(1);
        self.meter.pulled.add(page.documents.len() as u64);
        reach(Point::Pulled);
        let events = page.documents.len() as u64;
        let token = page.next.as_deref();
        let next = linked.or_else(|| token.and_then(|token| plan.page_of(token, run.since)));
        let turned = match next {
            Some(next) if next.len() > MAX_POSITION => {
                let text = format!("the next page has an address of {} bytes", next.len());
                Turned::Stopped(Problem::new(Code::NotAPage, text))
            }
            Some(next) if next == position || run.has_read(&next) => {
                let text = format!("page {} leads back to one that was read", run.pages + 1);
                Turned::Stopped(Problem::new(Code::RepeatedCursor, text))
            }
            Some(next) => {
                self.write(held, &Act::Turn { next, events }).await?;
                Turned::More
            }
            None => {
                // Of several pages the first does not say whether the last has grown.
                let tells = is_first && (etag.is_some() || last_modified.is_some());
                let validators = tells.then_some(Validators { asked, etag, last_modified });
                self.write(held, &Act::End { events, validators }).await?;
                Turned::Last
            }
        };
        reach(Point::Turned);
        Ok(turned)
    }

    /// Notes what is wrong. The schedule tries again, at growing intervals; what may
    /// pass by itself this message tries a few times more. Then it becomes a dead
    /// letter with the reason.
    async fn stop(
        &self,
        call: Call<'_>,
        mut held: Held<'_>,
        problem: Problem,
    ) -> Result<Handled, Failure> {
        let every = held.plan.every;
        self.write(&mut held, &Act::Stop { problem: problem.clone(), every }).await?;
        self.meter.retried.add(1);
        self.meter.sources_failing.add(1);
        let (source, failures) = (held.source, held.cursor.failures);
        tracing::warn!(%source, %problem, failures, "could not be pulled");
        let receives = call.incoming.receives;
        if problem.code.passes() && receives < TRIES {
            let usual = BACKOFF.delay(receives, fastrand::f64());
            return Ok(Handled::give_back(problem.after.unwrap_or_default() + usual));
        }
        let code =
            if problem.code.passes() { ReasonCode::RetriesExhausted } else { ReasonCode::Failed };
        Ok(Handled::dead_letter(Reason::new(code, format!("{source}: {problem}"))))
    }

    /// Writes what this pull has done, or learns that it is another's now.
    async fn write(&self, held: &mut Held<'_>, act: &Act) -> Result<(), Failure> {
        match rule(&held.cursor, &held.by, self.clock.now(), act) {
            Ruling::Write(next) => match self.keep(held.source, &next).await? {
                Kept::Mine => {
                    held.cursor = next;
                    Ok(())
                }
                Kept::Lost(_) => Err(Failure::Fenced),
            },
            Ruling::Busy { .. } | Ruling::Fenced => Err(Failure::Fenced),
        }
    }

    /// Until the batch loop would cut this record off.
    fn left(&self, call: Call<'_>) -> Duration {
        self.clock.now().until(call.deadline).saturating_sub(self.settings.margin)
    }
}
