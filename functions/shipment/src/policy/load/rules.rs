//! The rules, as the file says.

use super::super::section::{Section, Setting};
use super::super::{Act, Policy, PolicyError, Rule, TellCustomer, Unbookable};
use crate::event::Milestone;
use crate::invalid::quoted;
use std::collections::BTreeMap;

/// The rule for orders that no carrier takes.
const UNBOOKABLE: &str = "unbookable";

pub(super) fn rules(section: &Section<'_>) -> Result<BTreeMap<Milestone, Rule>, PolicyError> {
    let mut known: Vec<&str> = Milestone::ALL.iter().map(|milestone| milestone.as_str()).collect();
    known.push(UNBOOKABLE);
    section.only(&known)?;
    let rule =
        |milestone: &Milestone| Ok((*milestone, rule(&section.section(milestone.as_str())?)?));
    Milestone::ALL.iter().map(rule).collect()
}

fn rule(section: &Section<'_>) -> Result<Rule, PolicyError> {
    section.only(&["do", "when_slack_below_hours", "from_value", "tell_customer"])?;
    let what = section.required("do")?;
    let below = section.optional("when_slack_below_hours");
    let from = section.optional("from_value");
    let slack = || section.required("when_slack_below_hours")?.hours();
    let act = match what.text()? {
        "keep" => Act::Keep,
        "notify" => Act::Notify,
        "hold" => Act::Hold { from_value_cents: from.as_ref().map(Setting::cents).transpose()? },
        "rebook" => Act::Rebook { when_slack_below_minutes: slack()? },
        "reroute" => Act::Reroute { when_slack_below_minutes: slack()? },
        other => {
            let got = quoted(other);
            let problem = format!("expected keep, rebook, reroute, notify or hold, got {got}");
            return Err(what.error(&problem));
        }
    };
    if let Some(below) = below
        && !act.rescues()
    {
        let problem = "contradicts `do`: only rebook and reroute look at the slack";
        return Err(below.error(problem));
    }
    if let Some(from) = from
        && !matches!(act, Act::Hold { .. })
    {
        return Err(from.error("contradicts `do`: only hold looks at the value"));
    }
    let told = section.optional("tell_customer");
    let customer = told.map_or(Ok(TellCustomer::OfThePromise), |told| customer(&told))?;
    Ok(Rule { act, customer })
}

fn customer(told: &Setting<'_>) -> Result<TellCustomer, PolicyError> {
    match told.text()? {
        "always" => Ok(TellCustomer::Always),
        "never" => Ok(TellCustomer::Never),
        other => Err(told.error(&format!("expected always or never, got {}", quoted(other)))),
    }
}

pub(super) fn unbookable(rules: &Section<'_>) -> Result<Unbookable, PolicyError> {
    let section = rules.section(UNBOOKABLE)?;
    section.only(&["do"])?;
    let what = section.required("do")?;
    match what.text()? {
        "hold" => Ok(Unbookable::Hold),
        "notify" => Ok(Unbookable::Notify),
        other => Err(what.error(&format!("expected hold or notify, got {}", quoted(other)))),
    }
}

/// A rule that rebooks under a limit of nothing, or reroutes without a hub, could
/// never do so.
pub(super) fn may_rescue(root: &Section<'_>, policy: &Policy) -> Result<(), PolicyError> {
    let Some((milestone, _)) = policy.rules.iter().find(|(_, rule)| rule.act.rescues()) else {
        return Ok(());
    };
    let section = root.section("rescue")?;
    for (name, value) in [
        ("limit", policy.rescue.limit_cents),
        ("limit_per_hour_gained", policy.rescue.limit_per_hour_gained_cents),
        ("share_of_value_percent", policy.rescue.share_of_value_percent),
    ] {
        if value == 0 {
            let problem =
                format!("is 0, which contradicts rules.{milestone}: it could pay nothing");
            return Err(section.required(name)?.error(&problem));
        }
    }
    let reroutes = |rule: &Rule| matches!(rule.act, Act::Reroute { .. });
    if let Some((milestone, _)) = policy.rules.iter().find(|(_, rule)| reroutes(rule))
        && policy.hubs.is_empty()
    {
        let rule = root.section("rules")?.section(milestone.as_str())?;
        return Err(rule
            .required("do")?
            .error("reroute needs a hub: expected at least one [[hub]]"));
    }
    Ok(())
}
