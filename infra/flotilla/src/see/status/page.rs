//! A snapshot as one screen of text, in colours.

use crate::see::fleet::needs::Need;
use crate::see::fleet::policy::Policy;
use crate::see::fleet::words::{counted, milliseconds, partners, policy};
use crate::see::fleet::{Agent, Snapshot};
use clap::builder::styling::{AnsiColor, Style};
use flotilla_shipment::words::{day_and_time, minutes_between, span};
use std::fmt::Write as _;

const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const HEAD: Style = Style::new().bold();

/// Tells it.
pub(super) fn tell(fleet: &Snapshot, needs: &[Need], stack: &str) -> String {
    let mut page = format!("{stack}, {}\n\n", day_and_time(fleet.at.into()));
    table(fleet, &mut page);
    page.push('\n');
    let mut line = |name: &str, text: &str, bad: bool| {
        let style = if bad { BAD } else { Style::new() };
        // Writing to a string cannot fail.
        let _ = writeln!(page, "{name}: {style}{text}{style:#}");
    };
    for text in partners(fleet) {
        line("partners", &text, needs.iter().any(|need| need.what == text));
    }
    let refused = matches!(fleet.policy, Policy::Refused { .. });
    line("policy", &policy(&fleet.policy), refused);
    let tasks = format!(
        "{} failed, {} on hold",
        counted(fleet.failed, "task"),
        crate::counts::count(fleet.held.count)
    );
    line("tasks", &tasks, fleet.failed.count + fleet.held.count > 0);
    if fleet.parked.count > 0 {
        let text = format!("{} waiting for their order", counted(fleet.parked, "event"));
        line("parked", &text, false);
    }
    for failing in &fleet.sources {
        let ago = span(minutes_between(failing.at.into(), fleet.at.into()));
        let text = format!(
            "{}: {} ({ago} ago, {} in a row)",
            failing.source, failing.problem, failing.failures
        );
        line("sources", &text, true);
    }
    for unknown in &fleet.unknown {
        line("not known", unknown, false);
    }
    page.push('\n');
    what_is_needed(needs, &mut page);
    page
}

fn table(fleet: &Snapshot, page: &mut String) {
    let head = format!(
        "{:<13}{:>8}{:>10}{:>8}{:>6}{:>10}{:>9}  {}",
        "agent", "backlog", "in flight", "delayed", "dead", "records/s", "slowest", "polled"
    );
    let _ = writeln!(page, "{HEAD}{head}{HEAD:#}");
    for agent in &fleet.agents {
        row(agent, page);
    }
}

fn row(agent: &Agent, page: &mut String) {
    let unknown = || "?".to_owned();
    let rate = agent.recent.map_or_else(unknown, |recent| format!("{:.1}", recent.per_second));
    let slowest = agent.recent.map_or_else(unknown, |recent| {
        recent.slowest_ms.map_or_else(|| "-".to_owned(), milliseconds)
    });
    let goal = agent.noted().filter(|note| note.climbs()).and_then(|note| note.maximum);
    let polled = match (agent.polls, agent.maximum, goal) {
        (true, Some(now), Some(goal)) => format!("by {now} of {goal}"),
        (true, Some(most), None) => format!("by up to {most}"),
        (true, None, _) => "yes".to_owned(),
        (false, _, _) => format!("no: {}", agent.mapping),
    };
    let style = |bad: bool| if bad { BAD } else { Style::new() };
    let (dead, idle) = (style(agent.dead_letters > 0), style(!agent.polls));
    let depth = agent.depth;
    let _ = writeln!(
        page,
        "{:<13}{:>8}{:>10}{:>8}{dead}{:>6}{dead:#}{rate:>10}{slowest:>9}  {idle}{polled}{idle:#}",
        agent.stage.as_str(),
        depth.visible,
        depth.in_flight,
        depth.delayed,
        agent.dead_letters,
    );
}

fn what_is_needed(needs: &[Need], page: &mut String) {
    if needs.is_empty() {
        let _ = writeln!(page, "{GOOD}Nothing needs a person.{GOOD:#}");
        return;
    }
    let _ = writeln!(page, "{HEAD}What needs a person, and what helps:{HEAD:#}");
    for need in needs {
        let _ = writeln!(page, "  {BAD}{}{BAD:#}\n      {}", need.what, need.command);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::queues::Depth;
    use crate::see::fleet::needs::needs;
    use crate::see::fleet::recent::Recent;
    use crate::see::fleet::{Counted, calm};
    use anstream::adapter::strip_str;
    use flotilla_shipment::partner::Breaker;
    use flotilla_task::Timestamp;

    const NOW: Timestamp = Timestamp::from_millis(1_764_230_400_000);

    fn told(fleet: &Snapshot) -> String {
        strip_str(&tell(fleet, &needs(fleet), "flotilla")).to_string()
    }

    #[test]
    fn a_fleet_in_good_order() {
        let text = told(&calm(NOW));
        assert!(text.starts_with("flotilla, Thu 27 Nov 08:00 UTC\n"), "{text}");
        assert!(text.contains("\npartners: all 2 are well\n"), "{text}");
        assert!(text.contains("\npolicy: the newest document counts\n"), "{text}");
        assert!(text.contains("\ntasks: 0 tasks failed, 0 on hold\n"), "{text}");
        assert!(text.ends_with("\n\nNothing needs a person.\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn a_fleet_in_trouble() {
        let mut fleet = calm(NOW);
        let communication = &mut fleet.agents[3];
        communication.depth = Depth { visible: 40, in_flight: 2, delayed: 7 };
        communication.polls = false;
        communication.mapping = "Disabled".to_owned();
        communication.dead_letters = 1;
        let per_second = 12.34;
        communication.recent =
            Some(Recent { per_second, slowest_ms: Some(8_250), ..Recent::default() });
        let until = Timestamp::from_millis(1_764_230_408_000);
        fleet.partners[0].breaker = Breaker::Open { until, times: 1 };
        fleet.failed = Counted { count: 3, more: false };
        fleet.unknown.push("what state did of late: no".to_owned());
        let text = told(&fleet);
        let row = "communication      40         2       7     1      12.3    8.2 s  no: Disabled";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("partners: steady is open, tried again in 8 s\n"), "{text}");
        assert!(text.contains("tasks: 3 tasks failed, 0 on hold\n"), "{text}");
        assert!(text.contains("not known: what state did of late: no\n"), "{text}");
        assert!(text.contains("\n  1 dead letter\n      flotilla dlq list\n"), "{text}");
        assert!(text.lines().count() <= 24, "one screen: {text}");
        let coloured = tell(&fleet, &needs(&fleet), "flotilla");
        assert!(coloured.contains("\u{1b}[1m\u{1b}[31m"), "{coloured:?}");
    }
}
