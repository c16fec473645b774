//! From the file to a policy that is complete and without contradiction.

use super::section::{Section, Setting, Source};
use super::{Carrier, Policy, PolicyError, Quotes, Rescue, Rule, Service, Slack, Unbookable};
use crate::event::Milestone;
use crate::invalid::quoted;
use crate::quantity::Currency;
use std::collections::BTreeMap;

/// The rule for orders that no carrier takes.
const UNBOOKABLE: &str = "unbookable";

pub(super) fn policy(text: &str, file: &str) -> Result<Policy, PolicyError> {
    let source = Source { text, file };
    let table = source.table()?;
    let root = Section::root(source, &table);
    root.only(&[
        "name",
        "version",
        "currency",
        "rates",
        "safety_slack_hours",
        "rescue",
        "quotes",
        "rules",
        "carrier",
    ])?;
    let version = root.required("version")?;
    let currency = currency(&root.required("currency")?)?;
    let policy = Policy {
        name: root.required("name")?.name()?,
        version: u32::try_from(version.positive()?)
            .map_err(|_| version.error("expected a number below 4294967296"))?,
        currency,
        rates: rates(&root, currency)?,
        slack: slack(&root.section("safety_slack_hours")?)?,
        rescue: rescue(&root.section("rescue")?)?,
        quotes: quotes(&root.section("quotes")?)?,
        rules: rules(&root.section("rules")?)?,
        unbookable: unbookable(&root.section("rules")?.section(UNBOOKABLE)?)?,
        carriers: carriers(&root)?,
    };
    may_rescue(&root, &policy)?;
    Ok(policy)
}

fn currency(setting: &Setting<'_>) -> Result<Currency, PolicyError> {
    setting.text()?.parse::<Currency>().map_err(|error| setting.error(&error.to_string()))
}

fn rates(root: &Section<'_>, own: Currency) -> Result<BTreeMap<Currency, i64>, PolicyError> {
    let mut rates = BTreeMap::new();
    if root.optional("rates").is_none() {
        return Ok(rates);
    }
    for (name, setting) in root.section("rates")?.all() {
        let other: Currency = name.parse().map_err(|_| {
            setting.error("unknown, expected a currency code of three capital letters")
        })?;
        if other == own {
            return Err(setting.error("contradicts `currency`: this is the policy's own"));
        }
        let rate = setting.scaled(6)?;
        if rate == 0 {
            return Err(setting.error("must be more than 0, got 0"));
        }
        rates.insert(other, rate);
    }
    Ok(rates)
}

fn slack(section: &Section<'_>) -> Result<Slack, PolicyError> {
    section.only(&["economy", "standard", "express"])?;
    Ok(Slack {
        economy: section.required("economy")?.hours()?,
        standard: section.required("standard")?.hours()?,
        express: section.required("express")?.hours()?,
    })
}

fn rescue(section: &Section<'_>) -> Result<Rescue, PolicyError> {
    section.only(&[
        "limit",
        "share_of_value_percent",
        "hysteresis_hours",
        "unknown_delay_hours",
    ])?;
    Ok(Rescue {
        limit_cents: section.required("limit")?.cents()?,
        share_of_value_percent: section.required("share_of_value_percent")?.whole()?,
        hysteresis_minutes: section.required("hysteresis_hours")?.hours()?,
        unknown_delay_minutes: section.required("unknown_delay_hours")?.hours()?,
    })
}

fn quotes(section: &Section<'_>) -> Result<Quotes, PolicyError> {
    section.only(&[
        "unknown_distance_km",
        "learn_after",
        "learned_least_percent",
        "learned_most_percent",
    ])?;
    let km = section.required("unknown_distance_km")?;
    let least = section.required("learned_least_percent")?;
    let most = section.required("learned_most_percent")?;
    let quotes = Quotes {
        unknown_distance_km: u32::try_from(km.positive()?)
            .ok()
            .filter(|km| *km <= 20_016)
            .ok_or_else(|| km.error("expected at most 20016, half the earth's girth"))?,
        learn_after: section.required("learn_after")?.positive()?.unsigned_abs(),
        learned_least_percent: least.positive()?,
        learned_most_percent: most.positive()?,
    };
    if quotes.learned_least_percent > 100 {
        return Err(least.error("must be at most 100, or an ordinary time would be refused"));
    }
    if quotes.learned_most_percent < 100 {
        return Err(most.error("must be at least 100, or an ordinary time would be refused"));
    }
    Ok(quotes)
}

fn rules(section: &Section<'_>) -> Result<BTreeMap<Milestone, Rule>, PolicyError> {
    let mut known: Vec<&str> = Milestone::ALL.iter().map(|milestone| milestone.as_str()).collect();
    known.push(UNBOOKABLE);
    section.only(&known)?;
    let rule =
        |milestone: &Milestone| Ok((*milestone, rule(&section.section(milestone.as_str())?)?));
    Milestone::ALL.iter().map(rule).collect()
}

fn rule(section: &Section<'_>) -> Result<Rule, PolicyError> {
    section.only(&["do", "when_slack_below_hours", "from_value"])?;
    let what = section.required("do")?;
    let below = section.optional("when_slack_below_hours");
    let from = section.optional("from_value");
    let rule = match what.text()? {
        "keep" => Rule::Keep,
        "notify" => Rule::Notify,
        "hold" => Rule::Hold { from_value_cents: from.as_ref().map(Setting::cents).transpose()? },
        "rebook" => {
            let below = section.required("when_slack_below_hours")?;
            Rule::Rebook { when_slack_below_minutes: below.hours()? }
        }
        other => {
            let got = quoted(other);
            return Err(what.error(&format!("expected keep, rebook, notify or hold, got {got}")));
        }
    };
    if let Some(below) = below
        && !matches!(rule, Rule::Rebook { .. })
    {
        return Err(below.error("contradicts `do`: only rebook looks at the slack"));
    }
    if let Some(from) = from
        && !matches!(rule, Rule::Hold { .. })
    {
        return Err(from.error("contradicts `do`: only hold looks at the value"));
    }
    Ok(rule)
}

fn unbookable(section: &Section<'_>) -> Result<Unbookable, PolicyError> {
    section.only(&["do"])?;
    let what = section.required("do")?;
    match what.text()? {
        "hold" => Ok(Unbookable::Hold),
        "notify" => Ok(Unbookable::Notify),
        other => Err(what.error(&format!("expected hold or notify, got {}", quoted(other)))),
    }
}

fn carriers(root: &Section<'_>) -> Result<Vec<Carrier>, PolicyError> {
    let mut carriers: Vec<Carrier> = Vec::new();
    for section in root.sections("carrier")? {
        section.only(&["id", "name", "service"])?;
        let id = section.required("id")?;
        let carrier = Carrier {
            id: id.name()?,
            name: section.required("name")?.text()?.to_owned(),
            services: services(&section)?,
        };
        if carriers.iter().any(|known| known.id == carrier.id) {
            return Err(id.error(&format!("contradicts an earlier carrier {}", carrier.id)));
        }
        carriers.push(carrier);
    }
    Ok(carriers)
}

fn services(carrier: &Section<'_>) -> Result<Vec<Service>, PolicyError> {
    let mut services: Vec<Service> = Vec::new();
    for section in carrier.sections("service")? {
        section.only(&["name", "base", "per_kg", "per_100km", "fixed_hours", "km_per_day"])?;
        let name = section.required("name")?;
        let service = Service {
            name: name.name()?,
            base_cents: section.required("base")?.cents()?,
            per_kg_cents: section.required("per_kg")?.cents()?,
            per_100km_cents: section.required("per_100km")?.cents()?,
            fixed_minutes: section.required("fixed_hours")?.hours()?,
            km_per_day: section.required("km_per_day")?.positive()?,
        };
        if services.iter().any(|known| known.name == service.name) {
            return Err(name.error(&format!("contradicts an earlier service {}", service.name)));
        }
        services.push(service);
    }
    Ok(services)
}

/// A rule that rebooks under a limit of nothing could never do so.
fn may_rescue(root: &Section<'_>, policy: &Policy) -> Result<(), PolicyError> {
    let rebooks = policy.rules.iter().find(|(_, rule)| matches!(rule, Rule::Rebook { .. }));
    let Some((milestone, _)) = rebooks else {
        return Ok(());
    };
    let section = root.section("rescue")?;
    for (name, value) in [
        ("limit", policy.rescue.limit_cents),
        ("share_of_value_percent", policy.rescue.share_of_value_percent),
    ] {
        if value == 0 {
            let problem =
                format!("is 0, which contradicts rules.{milestone}: rebook could pay nothing");
            return Err(section.required(name)?.error(&problem));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Policy;

    const GOOD: &str = include_str!("../../data/policy.toml");

    /// The error of the bundled policy with one piece of text replaced.
    fn error(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        Policy::parse(&GOOD.replacen(from, to, 1), "p.toml").unwrap_err().to_string()
    }

    /// Where a piece of text stands in the bundled policy.
    fn line(of: &str) -> usize {
        GOOD.find(of).map(|at| GOOD[..at].matches('\n').count() + 1).unwrap()
    }

    #[track_caller]
    fn check(from: &str, to: &str, problem: &str) {
        // The first line of the text is where the error should point.
        let at = line(from);
        assert_eq!(error(from, to), format!("p.toml: line {at}, {problem}"));
    }

    #[test]
    fn syntax_names_the_line() {
        let text = error("limit = 80.00", "limit = = 80");
        assert!(
            text.starts_with(&format!("p.toml: line {}, syntax: ", line("limit = 80"))),
            "{text}"
        );
        let text = error("version = 1", "version = 1\nversion = 2");
        let twice = line("version = 1") + 1;
        assert!(text.starts_with(&format!("p.toml: line {twice}, syntax: ")), "{text}");
    }

    #[test]
    fn missing_values_name_the_field() {
        check(
            "[rescue]\n# No rescue costs more than this...\nlimit = 80.00\n",
            "[rescue]\n",
            "rescue.limit: missing",
        );
        let text = error("per_kg = 1.10\n", "");
        assert!(text.ends_with(", carrier[0].service[0].per_kg: missing"), "{text}");
        assert!(text.contains(&format!("line {},", line("[[carrier.service]]"))), "{text}");
        let text = error("name = \"default\"\n", "");
        assert_eq!(text, "p.toml: line 1, name: missing");
        let text = error("when_slack_below_hours = 1\n", "");
        assert!(text.ends_with("rules.delayed.when_slack_below_hours: missing"), "{text}");
        let text = Policy::parse("", "p.toml").unwrap_err().to_string();
        assert_eq!(text, "p.toml: line 1, version: missing");
    }

    #[test]
    fn negative_and_zero_values_name_the_field() {
        check("limit = 80.00", "limit = -80.00", "rescue.limit: must not be negative, got -80.00");
        check(
            "base = 9.90",
            "base = -9.90",
            "carrier[1].service[0].base: must not be negative, got -9.90",
        );
        check(
            "km_per_day = 1200",
            "km_per_day = 0",
            "carrier[0].service[0].km_per_day: must be more than 0, got 0",
        );
        check("GBP = 1.17", "GBP = 0", "rates.GBP: must be more than 0, got 0");
        check("version = 1", "version = 0", "version: must be more than 0, got 0");
    }

    #[test]
    fn unknown_names_and_values_name_the_field() {
        check(
            "hysteresis_hours = 4",
            "histeresis_hours = 4",
            "rescue.histeresis_hours: unknown, expected one of limit, share_of_value_percent, hysteresis_hours, unknown_delay_hours",
        );
        let text = error("[rules.damaged]", "[rules.stolen]");
        assert!(text.contains("rules.stolen: unknown, expected one of picked_up,"), "{text}");
        check(
            "do = \"rebook\"\nwhen",
            "do = \"panic\"\nwhen",
            "rules.delayed.do: expected keep, rebook, notify or hold, got \"panic\"",
        );
        let text = error("[rules.unbookable]\ndo = \"hold\"", "[rules.unbookable]\ndo = \"keep\"");
        assert!(text.ends_with("rules.unbookable.do: expected hold or notify, got \"keep\""));
        check(
            "GBP = 1.17",
            "pounds = 1.17",
            "rates.pounds: unknown, expected a currency code of three capital letters",
        );
        check(
            "currency = \"EUR\"",
            "currency = \"euro\"",
            "currency: expected a currency code of three capital letters such as EUR, got \"euro\"",
        );
    }

    #[test]
    fn wrong_types_name_the_field() {
        check("limit = 80.00", "limit = \"80\"", "rescue.limit: expected a number, got text");
        check(
            "limit = 80.00",
            "limit = 0x50",
            "rescue.limit: expected a number, got another kind of number",
        );
        check(
            "limit = 80.00",
            "limit = nan",
            "rescue.limit: expected a decimal number such as 15.50, got nan",
        );
        check(
            "limit = 80.00",
            "limit = 80.005",
            "rescue.limit: expected at most 2 decimals and no more than 12 digits, got 80.005",
        );
        check(
            "base = 9.90",
            "base = 10000000000.00",
            "carrier[1].service[0].base: expected at most 2 decimals and no more than 12 digits, got 10000000000.00",
        );
        check(
            "learn_after = 5",
            "learn_after = 5.5",
            "quotes.learn_after: expected a whole number and no more than 12 digits, got 5.5",
        );
        check("name = \"default\"", "name = 7", "name: expected text, got another kind of number");
        check(
            "id = \"steady\"",
            "id = \"st eady\"",
            "carrier[1].id: expected 1 to 32 letters, digits, - or _, got \"st eady\"",
        );
        let head = GOOD.split("[[carrier]]").next().unwrap();
        let with = |line: &str| {
            let text = format!("{line}\n{head}");
            Policy::parse(&text, "p.toml").unwrap_err().to_string()
        };
        assert_eq!(with("carrier = []"), "p.toml: line 1, carrier: expected at least one");
        assert_eq!(
            with("carrier = true"),
            "p.toml: line 1, carrier: expected a list of tables, got true or false"
        );
        assert_eq!(
            with("carrier = [1]"),
            "p.toml: line 1, carrier[0]: expected a table, got another kind of number"
        );
    }

    #[test]
    fn contradictions_name_the_field() {
        check(
            "limit = 80.00",
            "limit = 0",
            "rescue.limit: is 0, which contradicts rules.estimated: rebook could pay nothing",
        );
        check(
            "share_of_value_percent = 100",
            "share_of_value_percent = 0",
            "rescue.share_of_value_percent: is 0, which contradicts rules.estimated: rebook could pay nothing",
        );
        check(
            "from_value = 500.00",
            "when_slack_below_hours = 5",
            "rules.damaged.when_slack_below_hours: contradicts `do`: only rebook looks at the slack",
        );
        check(
            "when_slack_below_hours = 1",
            "from_value = 5\nwhen_slack_below_hours = 1",
            "rules.delayed.from_value: contradicts `do`: only hold looks at the value",
        );
        check(
            "GBP = 1.17",
            "EUR = 1.17",
            "rates.EUR: contradicts `currency`: this is the policy's own",
        );
        check(
            "id = \"steady\"",
            "id = \"swift\"",
            "carrier[1].id: contradicts an earlier carrier swift",
        );
        check(
            "name = \"standard\"",
            "name = \"express\"",
            "carrier[1].service[1].name: contradicts an earlier service express",
        );
        check(
            "learned_least_percent = 50",
            "learned_least_percent = 101",
            "quotes.learned_least_percent: must be at most 100, or an ordinary time would be refused",
        );
        check(
            "learned_most_percent = 300",
            "learned_most_percent = 99",
            "quotes.learned_most_percent: must be at least 100, or an ordinary time would be refused",
        );
        check(
            "unknown_distance_km = 800",
            "unknown_distance_km = 20017",
            "quotes.unknown_distance_km: expected at most 20016, half the earth's girth",
        );
    }

    #[test]
    fn a_limit_of_nothing_is_fine_when_nothing_rebooks() {
        let text = GOOD
            .replace("limit = 80.00", "limit = 0")
            .replace("do = \"rebook\"\nwhen_slack_below_hours = 1", "do = \"notify\"");
        assert!(Policy::parse(&text, "p.toml").is_ok());
    }

    #[test]
    fn money_and_hours_are_read_from_their_digits() {
        let text = GOOD.replace("limit = 80.00", "limit = 1_080.07");
        let text = text.replace("hysteresis_hours = 4", "hysteresis_hours = 4.25");
        let policy = Policy::parse(&text, "p.toml").unwrap();
        assert_eq!(policy.rescue.limit_cents, 108_007);
        assert_eq!(policy.rescue.hysteresis_minutes, 255);
    }
}
