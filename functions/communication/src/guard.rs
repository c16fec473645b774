//! Partners at arm's length: whether a call may be made is asked before each one,
//! and how it ended is noted after it.
//!
//! ```text
//! admit: an operator's pause -> a pause it asked for -> calls under way -> breaker
//!        -> rate                                                       else: wait
//! call:  timed; a call that fails or is slow may open the breaker
//! ```
//!
//! What must wait is told so at once, so that a call to another partner never stands
//! behind it. When the table does not answer, calls go by what is known: this
//! protects partners, it decides nothing.

mod pass;
mod ward;

pub use pass::Pass;

use flotilla_runtime::meter::Meter;
use flotilla_shipment::partner::{Breaker, Changed, Seen, Shared, Taken, Terms};
use flotilla_shipment::ports::{BookingRequest, CallError, Notice, Partners};
use flotilla_shipment::slot::Booking;
use flotilla_task::Clock;
use pass::{Wards, lock};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use ward::{Ended, Entry, Wait, Ward};

/// How long a partner that throttles is left alone at least.
const THROTTLED: Duration = Duration::from_secs(2);
/// How soon to come back when it cannot be said.
const SOON: Duration = Duration::from_secs(1);
/// Those who wait for the same moment come back spread over at least this time.
const SPREAD: Duration = Duration::from_secs(1);
/// So many writes of the breaker may be lost in a row.
const ROUNDS: usize = 3;

/// Partners whose calls are guarded.
#[derive(Debug)]
pub struct Guarded<P, S, C> {
    /// Makes the calls.
    pub partners: P,
    shared: S,
    clock: Arc<C>,
    /// A uniform random number in `0.0..1.0`.
    dice: fn() -> f64,
    wards: Wards,
    meter: Arc<Meter>,
}

impl<P: Partners<Pass = ()>, S: Shared, C: Clock> Guarded<P, S, C> {
    /// Guards partners by what the environments share.
    pub fn new(partners: P, shared: S, clock: C, dice: fn() -> f64) -> Self {
        let (clock, wards, meter) = (Arc::new(clock), Wards::default(), Arc::default());
        Self { partners, shared, clock, dice, wards, meter }
    }

    /// The same, and calls are counted there.
    #[must_use]
    pub fn counted_by(self, meter: &Arc<Meter>) -> Self {
        Self { meter: Arc::clone(meter), ..self }
    }

    fn ward<T>(&self, partner: &str, look: impl FnOnce(&mut Ward) -> T) -> T {
        let mut wards = lock(&self.wards);
        if let Some(ward) = wards.get_mut(partner) {
            return look(ward);
        }
        look(wards.entry(partner.to_owned()).or_default())
    }

    /// Learns what the others have found out, where that is not known well enough.
    async fn refresh(&self, partner: &str) {
        let now = self.clock.now();
        let (must_read, known) = self.ward(partner, |ward| (ward.must_read(now), ward.version()));
        if !must_read {
            return;
        }
        match self.shared.breaker(partner).await {
            Ok(seen) => self.ward(partner, |ward| ward.learn(seen, known, false, self.clock.now())),
            Err(error) => tracing::warn!(partner, %error, "the breaker cannot be read"),
        }
    }

    async fn enter(&self, partner: &str, terms: &Terms) -> Result<Pass<C>, Wait> {
        self.refresh(partner).await;
        // Calls that were cut off had nobody left to draw the conclusion.
        self.conclude(partner, terms).await;
        for _ in 0..ROUNDS {
            let now = self.clock.now();
            let (seen, to) = match self.ward(partner, |ward| ward.enter(terms, now)) {
                Entry::Wait(wait) => return Err(wait),
                Entry::IfMine(seen, to) => (seen, to),
                Entry::Passed(version) => {
                    let (wards, clock) = (Arc::clone(&self.wards), Arc::clone(&self.clock));
                    let (is_used, began, partner) = (false, None, partner.to_owned());
                    let meter = Arc::clone(&self.meter);
                    return Ok(Pass { wards, clock, meter, partner, version, is_used, began });
                }
            };
            if !self.change(partner, seen, to).await {
                break;
            }
        }
        let why = "its circuit breaker is not closed".into();
        Err(Wait { why, for_: SOON, known: false })
    }

    /// Writes a change of the breaker and learns who won. False without an answer.
    async fn change(&self, partner: &str, seen: Seen, to: Breaker) -> bool {
        let known = seen.version;
        let changed = match self.shared.change(partner, seen, to).await {
            Ok(changed) => changed,
            Err(error) => {
                tracing::warn!(partner, %error, "the breaker cannot be written");
                return false;
            }
        };
        let now = self.clock.now();
        match changed {
            Changed::Written(seen) => {
                tracing::info!(partner, breaker = to.name(), "breaker");
                self.ward(partner, |ward| ward.learn(seen, known, true, now));
            }
            Changed::Lost(seen) => self.ward(partner, |ward| ward.learn(seen, known, false, now)),
        }
        true
    }

    /// Takes one of the calls that all environments together may make.
    async fn keep_to_the_rate(&self, partner: &str, terms: &Terms) -> Result<(), Wait> {
        let Some(rate) = terms.rate else { return Ok(()) };
        let now = self.clock.now();
        let block = self
            .ward(partner, |ward| (!ward.tokens.spend(now)).then(|| ward.tokens.block(rate, now)));
        let Some(block) = block else { return Ok(()) };
        let not_yet = |for_| {
            let why = "it has had as many calls as its rate allows".into();
            Err(Wait { why, for_, known: false })
        };
        match self.shared.take(partner, rate, block, now).await {
            Ok(Taken::Granted) => {
                self.ward(partner, |ward| ward.tokens.took(block, now));
                Ok(())
            }
            Ok(Taken::NotYet(for_)) => not_yet(for_),
            Err(error) => {
                tracing::warn!(partner, %error, "the rate cannot be kept to");
                not_yet(SOON)
            }
        }
    }

    fn postponed(&self, partner: &str, wait: Wait) -> CallError {
        self.meter.calls.postponed(partner);
        let spread = (wait.for_ / 2).max(SPREAD).mul_f64((self.dice)());
        let (why, after, known) = (wait.why, wait.for_ + spread, wait.known);
        CallError::Postponed { partner: partner.to_owned(), why, after, known }
    }

    async fn through<T>(
        &self,
        pass: &mut Pass<C>,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let partner = pass.partner.clone();
        let terms = self.partners.terms(&partner);
        if pass.is_used {
            let kept = self.keep_to_the_rate(&partner, &terms).await;
            kept.map_err(|wait| self.postponed(&partner, wait))?;
        }
        let began = self.clock.now();
        (pass.is_used, pass.began) = (true, Some(began));
        let answer = call.await;
        let now = self.clock.now();
        if let Some(ended) = ended(&answer, began.until(now) >= terms.slow()) {
            pass.ended(ended);
        }
        pass.began = None;
        let asked = match &answer {
            Err(CallError::Throttled { after, .. }) => {
                Some(after.unwrap_or(THROTTLED)).max(self.partners.asked_for(&partner))
            }
            Ok(_)
            | Err(
                CallError::Postponed { .. }
                | CallError::NotSent { .. }
                | CallError::Refused { .. }
                | CallError::Ambiguous { .. },
            ) => self.partners.asked_for(&partner),
        };
        if let Some(pause) = asked {
            self.ward(&partner, |ward| ward.pause(pause, now));
        }
        self.conclude(&partner, &terms).await;
        answer
    }

    /// Makes the change of the breaker that follows from what was counted here.
    async fn conclude(&self, partner: &str, terms: &Terms) {
        let due = self.ward(partner, |ward| ward.due(terms, self.clock.now()));
        if let Some((seen, to)) = due {
            self.change(partner, seen, to).await;
        }
        let state = self.ward(partner, |ward| ward.state(self.clock.now()));
        self.meter.calls.state(partner, state);
    }

    async fn call<T>(
        &self,
        partner: &str,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let mut pass = self.admit(partner).await?;
        self.through(&mut pass, call).await
    }
}

/// What a call says about the partner's health. A refusal is an answer like another.
/// Nothing where no call was made.
fn ended<T>(answer: &Result<T, CallError>, slow: bool) -> Option<Ended> {
    match answer {
        Ok(_) | Err(CallError::Refused { .. }) if slow => Some(Ended::Failed),
        Ok(_) | Err(CallError::Refused { .. }) => Some(Ended::Answered),
        Err(CallError::Throttled { .. }) => Some(Ended::Throttled),
        Err(CallError::Postponed { .. }) => None,
        Err(CallError::NotSent { .. } | CallError::Ambiguous { .. }) => Some(Ended::Failed),
    }
}

impl<P: Partners<Pass = ()>, S: Shared, C: Clock> Partners for Guarded<P, S, C> {
    type Pass = Pass<C>;

    fn honours_keys(&self, carrier: &str) -> bool {
        self.partners.honours_keys(carrier)
    }

    fn looks_up(&self, carrier: &str) -> bool {
        self.partners.looks_up(carrier)
    }

    fn terms(&self, partner: &str) -> Terms {
        self.partners.terms(partner)
    }

    fn asked_for(&self, partner: &str) -> Option<Duration> {
        self.partners.asked_for(partner)
    }

    async fn admit(&self, partner: &str) -> Result<Pass<C>, CallError> {
        let terms = self.partners.terms(partner);
        let entered = self.enter(partner, &terms).await;
        let pass = entered.map_err(|wait| self.postponed(partner, wait))?;
        let kept = self.keep_to_the_rate(partner, &terms).await;
        kept.map_err(|wait| self.postponed(partner, wait))?;
        Ok(pass)
    }

    async fn book(
        &self,
        request: &BookingRequest,
        pass: &mut Pass<C>,
    ) -> Result<Booking, CallError> {
        self.through(pass, self.partners.book(request, &mut ())).await
    }

    async fn look_up(&self, request: &BookingRequest) -> Result<Option<Booking>, CallError> {
        self.call(&request.carrier, self.partners.look_up(request)).await
    }

    async fn cancel(&self, booking: &Booking, pass: &mut Pass<C>) -> Result<(), CallError> {
        self.through(pass, self.partners.cancel(booking, &mut ())).await
    }

    async fn notify(&self, notice: &Notice) -> Result<(), CallError> {
        self.call(notice.audience.partner(), self.partners.notify(notice)).await
    }
}
