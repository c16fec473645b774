//! The included Black Friday: the day as it is breaks the goal, and the planned day keeps it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops by panicking")]

use flotilla_plan::bound::Limit;
use flotilla_plan::fleet::{Setup, Work};
use flotilla_plan::plan::{Error, Request};
use flotilla_plan::rates::{Point, Rates};
use flotilla_plan::sim::Options;
use flotilla_plan::size::Goal;
use flotilla_plan::{Book, Forecast, Limits, Plan, overrides, schedule, tell};

fn request(forecast: Forecast) -> Request {
    let limits = Limits::of(&Book::included().unwrap()).unwrap();
    Request {
        forecast,
        work: Work::assumed(),
        now: Setup::of_the_template(&limits),
        goal: Goal::default(),
        options: Options { bin: 300.0, ..Options::default() },
    }
}

#[test]
fn the_reactive_day_breaks_the_goal_and_the_planned_day_keeps_it() {
    let request = request(Forecast::black_friday().unwrap());
    let plan = Plan::make(&request, &Book::included().unwrap()).unwrap();
    let (planned, reactive) = (&plan.planned, &plan.reactive);
    assert!(planned.keeps_goal, "{:?}", planned.outcome.end_to_end);
    assert!(
        !reactive.keeps_goal && reactive.outcome.end_to_end.p99 > 60.0,
        "{:?}",
        reactive.outcome.end_to_end
    );
    // Nothing is lost in either: what is late is late.
    for day in [planned, reactive] {
        let expected = day.outcome.arrived * request.work.tasks;
        assert!((day.outcome.completed / expected - 1.0).abs() < 0.001);
        assert!(day.outcome.drained.is_some() && day.bill.dollars > 0.0);
    }
    let bounds = &reactive.outcome.bounds;
    let table = bounds.iter().find(|bound| bound.limit == Limit::TableWrites);
    assert!(table.is_some_and(|bound| bound.first < 60.0 && bound.seconds > 3600.0), "{bounds:?}");
    let text = tell::text(&plan, &request.forecast);
    for said in [
        "keeps the goal",
        "ASK AWS",
        "binds first, reactive: ",
        "write units of the table",
        "communication",
    ] {
        assert!(text.contains(said), "{said}:\n{text}");
    }
    // Two peaks of different heights need a template; the stack's own peaks stay off.
    assert_eq!(plan.sized.peaks.len(), 2, "{:?}", plan.sized.peaks);
    let names: Vec<String> =
        overrides::parameters(&plan, &request.forecast).into_iter().map(|(name, _)| name).collect();
    assert!(
        names.contains(&"WarmWriteUnits".to_owned()) && !names.contains(&"PeakStart".to_owned())
    );
    let template = schedule::template(&plan, &request.forecast).unwrap();
    assert_eq!(template.matches("ScheduledActionName").count(), 20);
    assert!(template.contains("Schedule: at(2026-11-26T23:4"), "{template}");
    assert!(template.contains("ResourceId: !Sub function:${Fleet}-communication:live"));
    // The hottest key, in words, once it is too hot.
    let mut hot = request.clone();
    hot.work.hottest = 0.5;
    hot.forecast.rates = Rates::steady(500.0, 600.0).unwrap();
    let plan = Plan::make(&hot, &Book::included().unwrap()).unwrap();
    assert!(plan.warnings[0].starts_with("The hottest partition key would get"));
    assert!(plan.planned.outcome.bounds.iter().any(|bound| bound.limit == Limit::HotKey));
}

#[test]
fn one_peak_is_told_by_the_templates_own_parameters() {
    let points = [
        (0.0, 50.0),
        (7200.0, 50.0),
        (7260.0, 900.0),
        (9000.0, 900.0),
        (9060.0, 50.0),
        (20_000.0, 50.0),
    ];
    let mut forecast = Forecast::black_friday().unwrap();
    forecast.rates = Rates::new(&points.map(|(time, rate)| Point { time, rate })).unwrap();
    let request = request(forecast);
    let plan = Plan::make(&request, &Book::included().unwrap()).unwrap();
    let parameters = overrides::parameters(&plan, &request.forecast);
    let value = |name: &str| {
        parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    };
    assert_eq!(value("ProvisionedConcurrency"), Some("on"));
    assert!(value("PeakStart").unwrap().starts_with("at(2026-11-27T01:4"), "{parameters:?}");
    assert_eq!(value("PeakTimezone"), Some("Europe/Berlin"));
    assert!(overrides::line(&parameters).contains("PeakStart='at(2026"));
}

#[test]
fn what_cannot_be_deployed_is_refused_before_anything_is_computed() {
    let mut wrong = request(Forecast::black_friday().unwrap());
    wrong.now.fifo_groups = Some(500.0);
    wrong.now.window = 1.0;
    let error = Plan::make(&wrong, &Book::included().unwrap()).unwrap_err();
    assert!(matches!(&error, Error::Refused(problems) if problems.len() >= 5), "{error}");
    assert!(error.to_string().contains("state: batch window: 1 s, and batches of a FIFO queue"));
}

/// Prices come from the file that is given, and a day costs what they say.
#[test]
fn another_price_file_makes_another_bill() {
    let text = include_str!("../../prices/prices.toml");
    let doubled = text.replacen("value = 0.625", "value = 1.25", 1);
    assert_ne!(text, doubled);
    let mut short = request(Forecast::black_friday().unwrap());
    short.forecast.rates = Rates::steady(100.0, 600.0).unwrap();
    let bill = |book: &Book| Plan::make(&short, book).unwrap().planned.bill;
    let (usual, dear) = (bill(&Book::included().unwrap()), bill(&Book::read(&doubled).unwrap()));
    let writes = |bill: &flotilla_plan::bill::Bill| {
        bill.lines.iter().find(|line| line.what == "DynamoDB writes").unwrap().dollars
    };
    assert!((writes(&dear) / writes(&usual) - 2.0).abs() < 1e-9);
    assert!((dear.dollars - usual.dollars - writes(&usual)).abs() < 1e-6);
}

/// `tests/template/test_scaling.py` lints this file.
#[test]
fn the_scheduled_actions_of_the_included_day_are_the_ones_that_are_linted() {
    let request = request(Forecast::black_friday().unwrap());
    let plan = Plan::make(&request, &Book::included().unwrap()).unwrap();
    let written = include_str!("../data/black-friday.schedule.yaml");
    assert_eq!(
        schedule::template(&plan, &request.forecast).unwrap(),
        written,
        "renew it: flotilla plan --out DIRECTORY"
    );
}
