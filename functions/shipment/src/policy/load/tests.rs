//! Every wrong value is named with its line and field.

use super::super::Policy;

const GOOD: &str = include_str!("../../../data/policy.toml");

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
    assert!(text.starts_with(&format!("p.toml: line {}, syntax: ", line("limit = 80"))), "{text}");
    let text = error("version = 2", "version = 1\nversion = 2");
    let twice = line("version = 2") + 1;
    assert!(text.starts_with(&format!("p.toml: line {twice}, syntax: ")), "{text}");
}

#[test]
fn missing_values_name_the_field() {
    check("[rescue]\nlimit = 80.00\n", "[rescue]\n", "rescue.limit: missing");
    let text = error("per_kg = 1.10\n", "");
    assert!(text.ends_with(", carrier[0].service[0].per_kg: missing"), "{text}");
    assert!(text.contains(&format!("line {},", line("[[carrier.service]]"))), "{text}");
    let text = error("name = \"default\"\n", "");
    assert_eq!(text, "p.toml: line 1, name: missing");
    let text = error("when_slack_below_hours = 1\n", "");
    assert!(text.ends_with("rules.estimated.when_slack_below_hours: missing"), "{text}");
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
    check("version = 2", "version = 0", "version: must be more than 0, got 0");
}

#[test]
fn unknown_names_and_values_name_the_field() {
    check(
        "hysteresis_hours = 4",
        "histeresis_hours = 4",
        "rescue.histeresis_hours: unknown, expected one of limit, limit_per_hour_gained, share_of_value_percent, hysteresis_hours, most_bookings, unknown_delay_hours",
    );
    let text = error("[rules.damaged]", "[rules.stolen]");
    assert!(text.contains("rules.stolen: unknown, expected one of picked_up,"), "{text}");
    check(
        "do = \"rebook\"\nwhen",
        "do = \"panic\"\nwhen",
        "rules.estimated.do: expected keep, rebook, reroute, notify or hold, got \"panic\"",
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
        "prior_weight = 10",
        "prior_weight = 10.5",
        "learning.prior_weight: expected a whole number and no more than 12 digits, got 10.5",
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
        "rescue.limit: is 0, which contradicts rules.estimated: it could pay nothing",
    );
    check(
        "share_of_value_percent = 100",
        "share_of_value_percent = 0",
        "rescue.share_of_value_percent: is 0, which contradicts rules.estimated: it could pay nothing",
    );
    check(
        "from_value = 500.00",
        "when_slack_below_hours = 5",
        "rules.damaged.when_slack_below_hours: contradicts `do`: only rebook and reroute look at the slack",
    );
    check(
        "when_slack_below_hours = 1",
        "from_value = 5\nwhen_slack_below_hours = 1",
        "rules.estimated.from_value: contradicts `do`: only hold looks at the value",
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
        "least_percent = 50",
        "least_percent = 101",
        "learning.least_percent: must be at most 100, or an ordinary time would be refused",
    );
    check(
        "most_percent = 300",
        "most_percent = 99",
        "learning.most_percent: must be at least 100, or an ordinary time would be refused",
    );
    check(
        "unknown_distance_km = 800",
        "unknown_distance_km = 20017",
        "quotes.unknown_distance_km: expected at most 20016, half the earth's girth",
    );
}

#[test]
fn a_currency_that_is_used_needs_a_rate() {
    let with = |currency: &str| {
        GOOD.replace(
            "name = \"Steady\"\n",
            &format!("name = \"Steady\"\ncurrency = \"{currency}\"\n"),
        )
    };
    let at = line("name = \"Steady\"") + 1;
    assert_eq!(
        Policy::parse(&with("JPY"), "p.toml").unwrap_err().to_string(),
        format!("p.toml: line {at}, carrier[1].currency: JPY has no rate: expected rates.JPY")
    );
    let policy = Policy::parse(&with("GBP"), "p.toml").unwrap();
    assert_eq!(policy.carriers[1].currency.as_str(), "GBP");
    assert!(Policy::parse(&with("EUR"), "p.toml").is_ok(), "the policy's own needs none");
    let bare = with("GBP").replace("GBP = 1.17\n", "");
    let text = Policy::parse(&bare, "p.toml").unwrap_err().to_string();
    assert!(text.ends_with("carrier[1].currency: GBP has no rate: expected rates.GBP"), "{text}");
}

#[test]
fn a_hub_that_cannot_be_used_names_the_field() {
    check(
        "place = \"DELEJ\"",
        "place = \"Leipzig Halle!\"",
        "hub[0].place: expected a place code of 1 to 32 letters and digits such as NLRTM, a GLN, geo:latitude,longitude or another URI, got \"Leipzig Halle!\"",
    );
    check(
        "place = \"DECGN\"",
        "place = \"DELEJ\"",
        "hub[1].place: contradicts an earlier hub DELEJ",
    );
    check("handling = 2.80", "handling = -1", "hub[1].handling: must not be negative, got -1");
    check(
        "km_per_day = 1800",
        "km_per_day = 0",
        "hub[0].line[1].km_per_day: must be more than 0, got 0",
    );
    let lines = "[[hub.line]]\ncarrier = \"swift\"\nservice = \"express\"";
    let text = error(lines, "[[hub.line]]\ncarrier = \"hermes\"\nservice = \"express\"");
    let at = line(lines) + 1;
    assert_eq!(
        text,
        format!("p.toml: line {at}, hub[0].line[0].carrier: no carrier has the id hermes")
    );
    let text = error(lines, "[[hub.line]]\ncarrier = \"swift\"\nservice = \"economy\"");
    let at = at + 1;
    assert_eq!(
        text,
        format!("p.toml: line {at}, hub[0].line[0].service: Swift has no service economy")
    );
    let text = error("carrier = \"steady\"\nservice", "carrier = \"swift\"\nservice");
    assert!(
        text.ends_with("hub[0].line[1].service: contradicts an earlier line of Swift express"),
        "{text}"
    );
    let hubless = GOOD.split("[[hub]]").next().unwrap();
    let text = Policy::parse(hubless, "p.toml").unwrap_err().to_string();
    let at = line("do = \"reroute\"\nwhen");
    assert_eq!(
        text,
        format!(
            "p.toml: line {at}, rules.stopped.do: reroute needs a hub: expected at least one [[hub]]"
        )
    );
    let plain = hubless.replace("do = \"reroute\"\nwhen", "do = \"rebook\"\nwhen");
    assert!(Policy::parse(&plain, "p.toml").unwrap().hubs.is_empty());
}

#[test]
fn the_newer_settings_name_the_field_too() {
    check(
        "half_life_weeks = 3",
        "half_life_weeks = 53",
        "learning.half_life_weeks: expected at most 52, got 53",
    );
    check("weeks = 12", "weeks = 0", "learning.weeks: must be more than 0, got 0");
    check(
        "explore_percent = 2",
        "explore_percent = 100.01",
        "learning.explore_percent: expected at most 100, a share in percent",
    );
    check(
        "prior_on_time_percent = 95",
        "prior_on_time_percent = 101",
        "learning.prior_on_time_percent: expected at most 100, a share in percent",
    );
    check(
        "spread_factor = 1.5",
        "spread_factor = 1.555",
        "service_level.express.spread_factor: expected at most 2 decimals and no more than 12 digits, got 1.555",
    );
    check(
        "limit_per_hour_gained = 20.00",
        "limit_per_hour_gained = 0",
        "rescue.limit_per_hour_gained: is 0, which contradicts rules.estimated: it could pay nothing",
    );
    let text = error(
        "[rules.alarm]\ndo = \"notify\"",
        "[rules.alarm]\ndo = \"notify\"\ntell_customer = true",
    );
    assert!(
        text.ends_with("rules.alarm.tell_customer: expected text, got true or false"),
        "{text}"
    );
    let text = error(
        "[rules.alarm]\ndo = \"notify\"",
        "[rules.alarm]\ndo = \"notify\"\ntell_customer = \"often\"",
    );
    assert!(
        text.ends_with("rules.alarm.tell_customer: expected always or never, got \"often\""),
        "{text}"
    );
}

#[test]
fn a_limit_of_nothing_is_fine_when_nothing_rebooks() {
    let text = GOOD
        .replace("limit = 80.00", "limit = 0")
        .replace("do = \"rebook\"\nwhen_slack_below_hours = 1", "do = \"notify\"")
        .replace("do = \"reroute\"\nwhen_slack_below_hours = 6", "do = \"notify\"");
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
