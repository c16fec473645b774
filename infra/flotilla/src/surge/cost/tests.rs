use super::*;
use crate::surge::measured::{Account, ScaleDown, StageSum};
use flotilla_task::Stage;

/// A million five-stage tasks at 128 MB arm64, each of its message, with items up to 1 KiB
/// and 500 bytes of log an invocation; no surcharge for tenants, and no reads.
fn million(batch: f64, invocation_ms: f64, write_units: f64) -> f64 {
    let shape = Shape {
        tasks: 1.0,
        stages: 5.0,
        batch,
        sent_together: batch,
        invocation_ms,
        write_units,
        read_units: 0.0,
        log_bytes: 500.0,
    };
    let fleet = Fleet { tenants: false, ..Fleet::default() };
    let lines = Usage::expected(1_000_000, &shape, &fleet).priced(&fleet).unwrap();
    lines.iter().map(|line| line.dollars).sum()
}

#[test]
fn a_million_tasks_cost_what_others_computed() {
    for (batch, ms, write_units, dollars) in
        [(10.0, 20.0, 11.0, 7.72), (10.0, 20.0, 6.0, 4.59), (1.0, 10.0, 11.0, 15.21)]
    {
        let computed = million(batch, ms, write_units);
        assert!((computed - dollars).abs() < 0.01, "{batch} {write_units}: {computed}");
    }
}

#[test]
fn a_load_is_priced_before_it_is_sent() {
    let fleet = Fleet::default();
    let cost = Cost::expected(11_900, &fleet).unwrap();
    // Of 19,040 tasks come 166,980.8 write units at 0.625 dollars a million.
    let writes = cost.lines.iter().find(|line| line.what == "DynamoDB writes").unwrap();
    assert!((writes.dollars - 0.104_363).abs() < 1e-6, "{writes:?}");
    assert_eq!(writes.arithmetic, "166,981 write request units x $0.625 per million");
    assert!(cost.words().starts_with("$0.17 ($14."), "{}", cost.words());
    assert!(cost.assumptions.iter().any(|words| words.contains("128 MB arm64, standard queues")));
    let twice = Cost::expected(23_800, &fleet).unwrap();
    assert!((twice.dollars() - 2.0 * cost.dollars()).abs() < 1e-9);
    let none = Cost::expected(0, &fleet).unwrap();
    assert_eq!((none.dollars(), none.per_million()), (0.0, None));
    assert_eq!(none.words(), "$0.00");
}

#[test]
fn what_is_approximate_or_left_out_is_known() {
    let approximate = |fleet: &Fleet| -> Vec<String> {
        let lines = Cost::expected(1, fleet).unwrap().lines;
        lines.into_iter().filter(|line| line.approximate).map(|line| line.what).collect()
    };
    assert_eq!(approximate(&Fleet::on("standard")), ["SQS fair queues"]);
    assert!(approximate(&Fleet::on("fifo")).is_empty(), "FIFO queues have a price of their own");
}

#[test]
fn a_run_is_priced_by_what_it_did() {
    let mut measured: Measured = serde_json::from_value(serde_json::json!({
        "load": {"run": "r", "seed": 1, "profile": "steady", "seconds": 10.0, "messages": 100,
            "peak_per_second": 10.0, "stack": "s", "endpoint": null, "queue_type": "standard",
            "began_at_ms": 0},
        "emulator": null, "bin_seconds": 1.0, "bins": [], "stages": {}, "tenants": {},
        "end_to_end": null, "account": Account::default(), "scale_down": ScaleDown::default(),
    }))
    .unwrap();
    measured.account = Account { sent: 1000, completed: 500, ..Account::default() };
    let sum = StageSum {
        invocations: 100,
        invocation_ms: 80.0,
        write_units: 40.0,
        ..StageSum::default()
    };
    measured.stages = Stage::ALL.into_iter().map(|stage| (stage, sum.clone())).collect();
    let usage = Usage::measured(&measured, &Shape::of_the_demo(), &Fleet::default());
    // A request for each message, receive and delete of 500 invocations, and 500 sends:
    // decision has two next queues, state has none.
    let expected = Usage {
        sqs_requests: 1000.0 + 1000.0 + 500.0,
        invocations: 500.0,
        gb_seconds: 500.0 * 0.08 * 0.125,
        write_units: 200.0,
        read_units: 4000.0,
        log_gb: 0.001,
    };
    assert!((usage.gb_seconds - expected.gb_seconds).abs() < 1e-9);
    assert_eq!(Usage { gb_seconds: expected.gb_seconds, ..usage }, expected);
    let cost = Cost::measured(&measured, &Fleet::default()).unwrap();
    assert!(cost.measured && cost.messages == 1000 && cost.dollars() > 0.0);
}

/// What is not told otherwise is priced as the template deploys it.
#[test]
fn the_fleet_is_priced_with_the_templates_defaults() {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
    let template = std::fs::read_to_string(template).unwrap();
    let default = |name: &str| {
        let parameter = template.split_once(&format!("\n  {name}:\n")).unwrap().1;
        parameter.split_once("    Default: ").unwrap().1.lines().next().unwrap().to_owned()
    };
    let fleet = Fleet::default();
    let said = format!(
        "{} MB {}, {} queues",
        default("MemorySize"),
        default("Architecture"),
        default("QueueType")
    );
    assert_eq!(fleet.words(), said);
}

#[test]
fn dollars_are_said_with_the_digits_that_count() {
    assert_eq!([0.0, 0.1, 7.717, 1234.5].map(dollars), ["$0.00", "$0.10", "$7.72", "$1234.50"]);
    assert_eq!([0.000_01, 0.0727].map(dollars), ["less than $0.0001", "$0.0727"]);
}
