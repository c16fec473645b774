use super::*;
use flotilla_plan::Book;
use flotilla_plan::fleet::{Setup, Work};
use flotilla_plan::plan::Request;
use flotilla_plan::rates::{Point, Rates};
use flotilla_plan::sim::Options;
use flotilla_plan::size::Goal;
use roxmltree::{Document, ParsingOptions};

fn plan() -> (Plan, Forecast) {
    let mut forecast = Forecast::black_friday().unwrap();
    let points = [
        (0.0, 20.0),
        (600.0, 20.0),
        (660.0, 900.0),
        (1500.0, 900.0),
        (1560.0, 20.0),
        (4000.0, 20.0),
    ];
    forecast.name = "a <b>day</b>".to_owned();
    forecast.rates = Rates::new(&points.map(|(time, rate)| Point { time, rate })).unwrap();
    let book = Book::included().unwrap();
    let limits = flotilla_plan::Limits::of(&book).unwrap();
    let request = Request {
        forecast: forecast.clone(),
        work: Work::assumed(),
        now: Setup::of_the_template(&limits),
        goal: Goal::default(),
        options: Options { bin: 20.0, ..Options::default() },
    };
    (Plan::make(&request, &book).unwrap(), forecast)
}

#[test]
fn the_page_is_well_formed_and_tells_both_days() {
    let (plan, forecast) = plan();
    for drawn in [page(&plan, &forecast).unwrap(), picture(&plan).unwrap()] {
        let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
        let document = Document::parse_with_options(&drawn, options).unwrap();
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            assert!(!["script", "link", "img", "b-day"].contains(&node.tag_name().name()));
        }
    }
    let drawn = page(&plan, &forecast).unwrap();
    for said in [
        "The planned day keeps the goal",
        "reactive",
        "DynamoDB writes",
        "2026-11-27T",
        "a &lt;b&gt;day",
    ] {
        assert!(drawn.contains(said), "{said}");
    }
}
