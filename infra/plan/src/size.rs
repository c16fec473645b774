//! What each agent needs for a forecast.
//!
//! Everything follows from the rates: `concurrency = records a second x seconds of a full
//! batch / records of it`. It is rounded up to what `template.yaml` allows.

use crate::fleet::{Setup, Work};
use crate::forecast::Forecast;
use crate::formula;
use crate::limits::Limits;
use crate::network::{Network, Pollers, Ready, Units};
use crate::rates::Rates;
use flotilla_task::Stage as Agent;
use serde::{Deserialize, Serialize};

/// The values of `...Concurrency` and of `...PollersMaximum` in `template.yaml`.
const CONCURRENCIES: [f64; 11] =
    [2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
const POLLERS: [f64; 8] = [2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];
/// Seconds between two looks at the forecast.
const LOOK: f64 = 10.0;
/// A scheduled action may begin late, and environments are made one after the other.
const LEAD: f64 = 900.0;
/// Peaks closer than this are one.
const APART: f64 = 3600.0;

/// What the plan is to keep.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Seconds that 99 of 100 events take at most from end to end.
    pub p99: f64,
    /// How many times what is expected should still be carried.
    pub headroom: f64,
}

impl Default for Goal {
    fn default() -> Self {
        Self { p99: 10.0, headroom: 1.3 }
    }
}

/// What an agent needs at the peak.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Need {
    /// Which agent.
    pub agent: Agent,
    /// Records a second at the peak, as expected.
    pub records: f64,
    /// Batches at once that carry them with headroom.
    pub concurrency: f64,
    /// Environments that are ready in each peak, with the time that they take to be made.
    pub ready: Vec<Ready>,
    /// Seconds before the peak at which they are asked for.
    pub lead: f64,
    /// Why its pollers are what they are.
    pub why: String,
}

/// A stretch in which more comes than usual.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Peak {
    /// When it begins, in seconds.
    pub from: f64,
    /// When it is over.
    pub to: f64,
    /// Events a second at its highest.
    pub rate: f64,
}

/// A setup for a forecast, with why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sized {
    /// How the fleet is to be deployed.
    pub setup: Setup,
    /// Each agent.
    pub needs: Vec<Need>,
    /// The peaks for which environments are made ready.
    pub peaks: Vec<Peak>,
    /// Units a second that the table has to take at the peak, with headroom.
    pub units: Units,
    /// Write units a second of the hottest partition key, with headroom.
    pub hottest: f64,
    /// Messages in flight in the fullest queue, with headroom.
    pub in_flight: f64,
}

/// Sizes the fleet for a forecast, beginning with what is deployed.
#[must_use]
pub fn size(forecast: &Forecast, work: &Work, now: &Setup, goal: &Goal, limits: &Limits) -> Sized {
    let rates = &forecast.rates;
    let network = now.network(work, limits);
    let visits = network.visits();
    let peaks = peaks(rates);
    let mut setup = now.clone();
    let mut needs = Vec::new();
    let mut in_flight = 0.0_f64;
    for ((agent, stage), visits) in Agent::ALL.into_iter().zip(&network.stages).zip(&visits) {
        let batch = f64::from(stage.batch);
        let tries = formula::Attempts::of(stage.trouble.failure, stage.trouble.receives).mean;
        let each = visits * tries;
        let takes = stage.service.mean(batch);
        let at_once = |rate: f64| formula::concurrency(rate * each * goal.headroom, takes, batch);
        let concurrency = at_once(rates.peak());
        let (pollers, why) = pollers(rates, &at_once, stage, each * goal.headroom, limits);
        let usable = usable(pollers, limits);
        in_flight = in_flight.max(usable * batch);
        let ready: Vec<Ready> = peaks
            .iter()
            .map(|peak| {
                // As many as may be at work at some moment: three deviations more.
                let busy = at_once(peak.rate);
                let count = (busy + 3.0 * busy.sqrt()).ceil().min(usable);
                let lead = LEAD + count / limits.ready_ramp;
                Ready { from: peak.from - lead, to: peak.to, count }
            })
            .collect();
        let most = ready.iter().map(|ready| ready.count).fold(0.0, f64::max);
        setup.pollers.insert(agent, pollers);
        setup.ready.insert(agent, ready.clone());
        let records = rates.peak() * each;
        let lead = LEAD + most / limits.ready_ramp;
        needs.push(Need { agent, records, concurrency, ready, lead, why });
    }
    let units = asked(&network, rates.peak() * goal.headroom);
    let thousands = |units: f64| (units / 1000.0).ceil() * 1000.0;
    setup.warm = Units {
        writes: thousands(units.writes).max(now.warm.writes),
        reads: thousands(units.reads).max(now.warm.reads),
    };
    for (agent, why) in together(&mut setup) {
        needs.iter_mut().filter(|need| need.agent == agent).for_each(|need| need.why = why.clone());
    }
    let needed = setup.account_needed(limits);
    setup.account = setup.account.max((needed / 100.0).ceil() * 100.0);
    Sized { setup, needs, peaks, units, hottest: units.writes * work.hottest, in_flight }
}

/// `Pollers` is one parameter for all queues: where one needs its own, all have them.
fn together(setup: &mut Setup) -> Vec<(Agent, String)> {
    let own = |pollers: &Pollers| matches!(pollers, Pollers::Provisioned { .. });
    if !setup.pollers.values().any(own) {
        return Vec::new();
    }
    let mut changed = Vec::new();
    for (agent, pollers) in &mut setup.pollers {
        if let Pollers::Shared { most } = *pollers {
            let wanted = (most.unwrap_or(20.0) / 10.0).max(2.0);
            let most = POLLERS.into_iter().find(|entry| *entry >= wanted).unwrap_or(wanted);
            *pollers = Pollers::Provisioned { least: 2.0, most };
            changed.push((
                *agent,
                "another agent needs pollers of its own, and `Pollers` is for all".to_owned(),
            ));
        }
    }
    changed
}

/// Environments that such pollers may use.
pub(crate) fn usable(pollers: Pollers, limits: &Limits) -> f64 {
    match pollers {
        Pollers::Shared { most } => most.unwrap_or(limits.shared_most),
        Pollers::Provisioned { most, .. } => most * limits.poller_invocations,
        Pollers::Fixed { servers } => servers,
    }
}

/// Units a second for so many events.
fn asked(network: &Network, events: f64) -> Units {
    let each = network.units();
    Units { writes: each.writes * events, reads: each.reads * events }
}

/// Shared ones where they grow as fast as what comes, else the queue's own.
fn pollers(
    rates: &Rates,
    at_once: &dyn Fn(f64) -> f64,
    stage: &crate::network::Stage,
    each: f64,
    limits: &Limits,
) -> (Pollers, String) {
    let mut has = limits.shared_start;
    let mut at = 0.0;
    let mut late = None;
    while at <= rates.seconds() {
        let needs = at_once(rates.rate(at));
        if needs > has + limits.shared_ramp * LOOK && late.is_none() {
            late = Some((at, needs - has));
        }
        has = needs.max(limits.shared_start);
        at += LOOK;
    }
    let most = at_once(rates.peak());
    let round = |table: &[f64], value: f64| table.iter().copied().find(|entry| *entry >= value);
    let highest = limits.maximum_concurrency.1;
    let batch = f64::from(stage.batch);
    let takes = stage.service.mean(batch);
    match late {
        None if most <= highest => {
            let most = round(&CONCURRENCIES, most.ceil()).unwrap_or(highest);
            (
                Pollers::Shared { most: Some(most) },
                "shared pollers grow as fast as what comes".to_owned(),
            )
        }
        _ => {
            let wanted = formula::pollers(rates.peak() * each, stage.bytes, takes, batch, limits);
            let count = round(&POLLERS, wanted).unwrap_or(wanted);
            let why = late.map_or_else(
                || format!("{most:.0} at once are more than MaximumConcurrency may be"),
                |(at, more)| {
                    format!("{more:.0} more at once are needed within {LOOK} s of second {at:.0}, and shared pollers add {:.0}", limits.shared_ramp * LOOK)
                },
            );
            (Pollers::Provisioned { least: count.min(limits.pollers_kept), most: count }, why)
        }
    }
}

/// Where the rate is above the middle between the day's average and its highest.
fn peaks(rates: &Rates) -> Vec<Peak> {
    let usual = rates.total() / rates.seconds();
    let bar = f64::midpoint(usual, rates.peak());
    let mut peaks: Vec<Peak> = Vec::new();
    let mut at = 0.0;
    while at <= rates.seconds() && rates.peak() > 1.5 * usual {
        let rate = rates.rate(at);
        if rate > bar {
            match peaks.last_mut() {
                Some(peak) if at - peak.to <= APART => {
                    peak.to = at + LOOK;
                    peak.rate = peak.rate.max(rate);
                }
                _ => peaks.push(Peak { from: at, to: at + LOOK, rate }),
            }
        }
        at += LOOK;
    }
    peaks
}
