//! A forecast, the plan for it, and the same day with and without the plan.

use crate::bill::Bill;
use crate::book::{Book, Error as PriceError};
use crate::fleet::{Setup, Work};
use crate::forecast::Forecast;
use crate::limits::Limits;
use crate::network::Pollers;
use crate::network::check::Problem;
use crate::sim::{Options, Outcome, flow};
use crate::size::{Goal, Sized, size};
use crate::tell::number;
use serde::{Deserialize, Serialize};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings could not be deployed. No number was computed.
    #[error("{}", lines(.0))]
    Refused(Vec<Problem>),
    /// The price file lacks something.
    #[error(transparent)]
    Prices(#[from] PriceError),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What a plan is made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What comes.
    pub forecast: Forecast,
    /// What the work is like.
    pub work: Work,
    /// How the fleet is deployed without a plan.
    pub now: Setup,
    /// What the plan is to keep.
    pub goal: Goal,
    /// How both days are simulated.
    pub options: Options,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What the forecast is called.
    pub forecast: String,
    /// Events of the whole day, and a second at the peak.
    pub events: f64,
    /// Events a second at the peak.
    pub peak: f64,
    /// What the plan is to keep.
    pub goal: Goal,
    /// What each agent needs, and why.
    pub sized: Sized,
    /// The day with the plan.
    pub planned: Day,
    /// The day as it is deployed, where everything follows the load by itself.
    pub reactive: Day,
    /// What to ask AWS for.
    pub quotas: Vec<Quota>,
    /// What no quota helps against.
    pub warnings: Vec<String>,
    /// Where the figures come from, and what had to be assumed.
    pub assumptions: Vec<String>,
}

/// A simulated day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Day {
    /// How the fleet was deployed.
    pub setup: Setup,
    /// What happened.
    pub outcome: Outcome,
    /// What it cost.
    pub bill: Bill,
    /// Whether 99 of 100 events were through in time, and nothing was left.
    pub keeps_goal: bool,
}

/// A quota of the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quota {
    /// Of what.
    pub what: String,
    /// What an account has by default.
    pub has: f64,
    /// What the plan takes.
    pub needs: f64,
    /// Whether one has to ask.
    pub is_short: bool,
    /// What else to know.
    pub note: String,
}

impl Plan {
    /// Whether the planned day keeps the goal and nothing needs a person before it: no quota
    /// is short and no warning stands against it.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.planned.keeps_goal
            && self.warnings.is_empty()
            && !self.quotas.iter().any(|quota| quota.is_short)
    }

    /// Makes one.
    ///
    /// # Errors
    /// [`Error::Refused`] names everything that could not be deployed as it is told, before
    /// anything is computed.
    pub fn make(request: &Request, book: &Book) -> Result<Self, Error> {
        let limits = Limits::of(book)?;
        let Request { forecast, work, now, goal, options } = request;
        let refused = now.network(work, &limits).problems();
        if refused.iter().any(|problem| !problem.quota) {
            return Err(Error::Refused(refused));
        }
        let sized = size(forecast, work, now, goal, &limits);
        let problems = sized.setup.network(work, &limits).problems();
        if problems.iter().any(|problem| !problem.quota) {
            return Err(Error::Refused(problems));
        }
        let day = |setup: &Setup| -> Result<Day, PriceError> {
            let network = setup.network(work, &limits);
            let outcome = flow::run(&network, &forecast.rates, options);
            let bill = Bill::of(&outcome, &network, work, setup, book)?;
            let keeps_goal = outcome.drained.is_some() && outcome.end_to_end.p99 <= goal.p99;
            Ok(Day { setup: setup.clone(), outcome, bill, keeps_goal })
        };
        Ok(Self {
            forecast: forecast.name.clone(),
            events: forecast.rates.total(),
            peak: forecast.rates.peak(),
            goal: *goal,
            planned: day(&sized.setup)?,
            reactive: day(now)?,
            quotas: quotas(&sized, &limits),
            warnings: warnings(&sized, work, &limits),
            assumptions: work.sources.clone(),
            sized,
        })
    }
}

/// What the account has to have.
fn quotas(sized: &Sized, limits: &Limits) -> Vec<Quota> {
    let quota = |what: &str, has: f64, needs: f64, note: String| Quota {
        what: what.to_owned(),
        has,
        needs,
        is_short: needs > has,
        note,
    };
    let new = format!(
        "a new account may have {} until AWS raises it: ask early, it takes days",
        limits.new_account
    );
    let warm = sized.setup.warm;
    let table = "of one table; a larger peak needs the quota first and then WarmWriteUnits";
    let flight = "of the fullest queue".to_owned();
    vec![
        quota(
            "Lambda concurrent executions",
            limits.account,
            sized.setup.account_needed(limits),
            new,
        ),
        quota("DynamoDB write units a second", limits.table_quota, warm.writes, table.to_owned()),
        quota(
            "DynamoDB read units a second",
            limits.table_quota,
            warm.reads,
            "of one table".to_owned(),
        ),
        quota("SQS messages in flight", limits.in_flight, sized.in_flight, flight),
    ]
}

fn warnings(sized: &Sized, work: &Work, limits: &Limits) -> Vec<String> {
    let mut warnings = Vec::new();
    if sized.hottest > limits.partition.0 {
        warnings.push(format!(
            "The hottest partition key would get {:.0} write units a second, and no key takes more than {:.0}, whatever the table takes: spread its writes over several keys.",
            sized.hottest, limits.partition.0
        ));
    }
    let calls = sized.needs.iter().find(|need| need.agent == flotilla_task::Stage::Communication);
    if let Some(calls) = calls.filter(|need| need.records > work.partner.rate) {
        warnings.push(format!(
            "{:.0} calls a second are expected and the carriers allow {:.0}: what is above waits, however many environments there are. Ask them for more.",
            calls.records, work.partner.rate
        ));
    }
    let above = sized.setup.pollers.iter().filter_map(|(agent, pollers)| match pollers {
        Pollers::Provisioned { most, .. } if *most > limits.pollers_kept => {
            Some(format!("{agent} {}", number(*most)))
        }
        Pollers::Provisioned { .. } | Pollers::Shared { .. } | Pollers::Fixed { .. } => None,
    });
    let above: Vec<String> = above.collect();
    if !above.is_empty() {
        warnings.push(format!(
            "More provisioned pollers are needed, with headroom, than the {} a queue that can be kept ready and that template.yaml offers: {}. The others come at {} a minute once messages wait, which is too late: give an agent several queues, or several fleets a part of the shipments each.",
            number(limits.pollers_kept),
            above.join(", "),
            number(limits.poller_ramp * 60.0 / limits.poller_invocations)
        ));
    }
    if sized.setup.window > 0.0 {
        warnings.push("A batch window can last 20 s on a quiet queue, even where it is set lower; the simulation takes it as set.".to_owned());
    }
    warnings
}

impl Setup {
    /// Environments of the account that all pollers together may use, and those that
    /// reservations have to leave.
    #[must_use]
    pub fn account_needed(&self, limits: &Limits) -> f64 {
        let all = self.pollers.values().map(|pollers| crate::size::usable(*pollers, limits));
        all.sum::<f64>() + limits.kept_free
    }
}
