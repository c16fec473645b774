//! Plans a day of 100 million events, for measuring how long that takes:
//! `time cargo run --release -p flotilla-plan --example day`.
#![allow(clippy::print_stdout, reason = "a program that prints")]

use flotilla_plan::fleet::{Setup, Work};
use flotilla_plan::plan::Request;
use flotilla_plan::rates::{Point, Rates};
use flotilla_plan::sim::Options;
use flotilla_plan::size::Goal;
use flotilla_plan::{Book, Forecast, Limits, Plan, tell};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let book = Book::included()?;
    let limits = Limits::of(&book)?;
    let mut forecast = Forecast::black_friday()?;
    let more = 1e8 / forecast.rates.total();
    let points = forecast.rates.points();
    let points: Vec<Point> =
        points.iter().map(|point| Point { rate: point.rate * more, ..*point }).collect();
    forecast.rates = Rates::new(&points).map_err(|problem| problem.text)?;
    let request = Request {
        forecast,
        work: Work::assumed(),
        now: Setup::of_the_template(&limits),
        goal: Goal::default(),
        options: Options { bin: 300.0, ..Options::default() },
    };
    println!("{}", tell::text(&Plan::make(&request, &book)?, &request.forecast));
    Ok(())
}
