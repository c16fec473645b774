use super::*;
use crate::Book;

/// A machine that does so many seconds of work a second, as a surge would measure it:
/// the model's own outcome, so that a calibration can be held against the truth.
fn surge(capacity: f64, peak: f64) -> Run {
    let limits = Limits::of(&Book::included().unwrap()).unwrap();
    let (work, setup) = (Work::assumed(), Setup::of_the_template(&limits));
    let mut network = setup.network(&work, &limits);
    network.server = Some(Server { each: [0.003, 0.002, 0.002, 0.006, 0.004], capacity });
    let points = [(0.0, 4.0), (20.0, peak), (50.0, peak), (60.0, 4.0), (90.0, 4.0)];
    let points = points.map(|(time, rate)| Point { time, rate });
    let load = Rates::new(&points).unwrap();
    let (_, outcome) = predict(&network, &load, 2.0, 5);
    let each = outcome.stages.iter().map(|sum| sum.busy / sum.records).collect::<Vec<_>>();
    let stretch = |bin: &crate::sim::Bin| Stretch {
        due: bin.arrived,
        completed: bin.completed,
        stages: Agent::ALL
            .iter()
            .zip(&bin.stages)
            .zip(&each)
            .map(|((agent, stage), each)| {
                let records = stage.concurrency * 2.0 / each;
                let handled =
                    Handled { waiting: stage.backlog, records, concurrency: stage.concurrency };
                (*agent, handled)
            })
            .collect(),
    };
    Run {
        stretch: 2.0,
        stretches: outcome.bins.iter().map(stretch).collect(),
        services: BTreeMap::new(),
        write_units: BTreeMap::new(),
        is_machine: true,
    }
}

#[test]
fn a_surge_predicts_another_one_on_the_same_machine_within_a_quarter() {
    let limits = Limits::of(&Book::included().unwrap()).unwrap();
    let (first, second) = (surge(1.0, 120.0), surge(1.0, 200.0));
    let setup = Setup::of_the_template(&limits);
    let network = first.network(&Work::assumed(), &setup, &limits);
    let (predicted, _) = predict(&network, &second.load().unwrap(), 2.0, 9);
    let off = Comparison { predicted, seen: second.course() }.off();
    assert!(off.0 < 0.25 && off.1 < 0.25, "{off:?}");
    // Of a machine that does twice as much it would be wrong, and said so.
    let faster = surge(2.0, 200.0);
    let off = Comparison { predicted, seen: faster.course() }.off();
    assert!(off.1 > 0.25, "{off:?}");
}
