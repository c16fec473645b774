use super::*;

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
