//! The plan as parameters of `template.yaml`.

use crate::forecast::Forecast;
use crate::network::Pollers;
use crate::plan::Plan;
use flotilla_task::Stage as Agent;
use jiff::civil::DateTime;

/// Name and value of each parameter, for `sam deploy --parameter-overrides`.
///
/// One peak is told by `PeakStart` and `PeakEnd`. More than one, of different heights, are
/// not: they are the scheduled actions of [`crate::schedule`], and provisioned concurrency
/// of the stack itself stays off.
#[must_use]
pub fn parameters(plan: &Plan, forecast: &Forecast) -> Vec<(String, String)> {
    let setup = &plan.sized.setup;
    let mut all = vec![
        ("BatchSize".to_owned(), setup.batch.to_string()),
        ("BatchWindowSeconds".to_owned(), setup.window.to_string()),
    ];
    let own = setup.pollers.values().any(|pollers| matches!(pollers, Pollers::Provisioned { .. }));
    all.push(("Pollers".to_owned(), if own { "provisioned" } else { "shared" }.to_owned()));
    for (agent, pollers) in &setup.pollers {
        let name = title(*agent);
        match pollers {
            Pollers::Shared { most: Some(most) } => {
                all.push((format!("{name}Concurrency"), most.to_string()));
            }
            Pollers::Provisioned { least, most } => {
                all.push((format!("{name}PollersMinimum"), least.to_string()));
                all.push((format!("{name}PollersMaximum"), most.to_string()));
            }
            Pollers::Shared { most: None } | Pollers::Fixed { .. } => {}
        }
    }
    if let Some((start, end)) = one_peak(plan, forecast) {
        all.push(("ProvisionedConcurrency".to_owned(), "on".to_owned()));
        for need in &plan.sized.needs {
            let name = title(need.agent);
            let peak = need.ready.first().map_or(0.0, |ready| ready.count);
            all.push((format!("{name}ProvisionedMinimum"), "0".to_owned()));
            all.push((format!("{name}ProvisionedMaximum"), "0".to_owned()));
            all.push((format!("{name}ProvisionedPeak"), peak.to_string()));
        }
        all.push(("PeakStart".to_owned(), at(start)));
        all.push(("PeakEnd".to_owned(), at(end)));
        all.push(("PeakTimezone".to_owned(), forecast.timezone.clone()));
    }
    all.push(("WarmThroughput".to_owned(), "on".to_owned()));
    all.push(("WarmWriteUnits".to_owned(), setup.warm.writes.to_string()));
    all.push(("WarmReadUnits".to_owned(), setup.warm.reads.to_string()));
    all
}

/// As one line for `sam deploy --parameter-overrides`, quoted for a shell.
#[must_use]
pub fn line(parameters: &[(String, String)]) -> String {
    let each = parameters.iter().map(|(name, value)| {
        if value.contains('(') { format!("{name}='{value}'") } else { format!("{name}={value}") }
    });
    each.collect::<Vec<_>>().join(" ")
}

/// Beginning and end of the only peak, the lead time before it included.
fn one_peak(plan: &Plan, forecast: &Forecast) -> Option<(DateTime, DateTime)> {
    if plan.sized.peaks.len() != 1 {
        return None;
    }
    let firsts = plan.sized.needs.iter().filter_map(|need| need.ready.first());
    let from = firsts.map(|ready| ready.from).fold(f64::INFINITY, f64::min);
    let to = plan.sized.peaks.first()?.to;
    Some((forecast.clock(from)?, forecast.clock(to)?))
}

/// A moment as Application Auto Scaling writes it.
pub(crate) fn at(moment: DateTime) -> String {
    format!("at({})", moment.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// An agent's name as the template writes it.
pub(crate) fn title(agent: Agent) -> String {
    let name = agent.as_str();
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_ascii_uppercase())
}
