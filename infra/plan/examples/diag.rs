//! Diagnosis.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints")]
use flotilla_plan::fleet::{Setup, Work};
use flotilla_plan::network::Units;
use flotilla_plan::rates::{Point, Rates};
use flotilla_plan::sim::{Options, exact, flow};
use flotilla_plan::{Book, Forecast, Limits};
fn main() {
    let limits = Limits::of(&Book::included().unwrap()).unwrap();
    let day = Forecast::black_friday().unwrap().rates;
    let points: Vec<Point> =
        day.points().iter().map(|p| Point { time: p.time / 40.0, rate: p.rate / 12.0 }).collect();
    let load = Rates::new(&points).unwrap();
    let mut setup = Setup::of_the_template(&limits);
    setup.warm = Units { writes: 1500.0, reads: 12_000.0 };
    let network = setup.network(&Work::assumed(), &limits);
    let options = Options { bin: 60.0, step: 0.5, ..Options::default() };
    let (a, b) = (exact::run(&network, &load, &options), flow::run(&network, &load, &options));
    for (x, y) in a.bins.iter().zip(&b.bins).take(25) {
        print!("{:5} {:6.0} {:6.0} |", x.at, x.completed, y.completed);
        for (s, t) in x.stages.iter().zip(&y.stages) {
            print!(
                " {:5.0} {:5.0} ({:4.1} {:4.1}; {:4.1} {:4.1})",
                s.backlog, t.backlog, s.concurrency, t.concurrency, s.allowed, t.allowed
            );
        }
        println!(
            " p50 {:.1} {:.1}",
            x.end_to_end.map_or(0.0, |e| e.p50),
            y.end_to_end.map_or(0.0, |e| e.p50)
        );
    }
    println!("{:?}\n{:?}", a.end_to_end, b.end_to_end);
    println!(
        "{:?}\n{:?}",
        a.stages.iter().map(|s| s.wait).collect::<Vec<_>>(),
        b.stages.iter().map(|s| s.wait).collect::<Vec<_>>()
    );
}
