#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "made-up figures"
)]

mod fixture;

use super::*;
use crate::report::Latency;
use crate::surge::cost::Fleet;
use crate::surge::measured::{Account, Load, ScaleDown, TenantSum};
use fixture::black_friday;
use roxmltree::{Document, ParsingOptions};

fn whole(measured: &Measured) -> String {
    let cost = Cost::measured(measured, &Fleet::default()).unwrap();
    page(measured, Some(&cost)).unwrap()
}

/// The text of a page that is well-formed and asks nothing of anybody.
fn read(page: &str) -> String {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(page, options).unwrap();
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        assert!(!["script", "link", "img", "iframe", "object"].contains(&name), "{name}");
        for attribute in node.attributes() {
            assert!(!["src", "href"].contains(&attribute.name()), "{name} {}", attribute.name());
            assert!(!attribute.name().starts_with("on"), "{name} {}", attribute.name());
        }
    }
    assert!(!page.contains("url(") && !page.contains("@import"));
    let texts = document.descendants().filter(|node| node.is_text());
    texts.filter_map(|node| node.text()).collect::<Vec<_>>().join("\n")
}

#[test]
#[ignore = "draws what a person looks at: FLOTILLA_PAGE=directory"]
fn to_look_at() {
    let directory = std::env::var("FLOTILLA_PAGE").unwrap();
    let measured = black_friday();
    let cost = Cost::measured(&measured, &Fleet::default()).unwrap();
    write(&measured, Some(&cost), &Path::new(&directory).join("report.html")).unwrap();
    std::fs::write(Path::new(&directory).join("picture.svg"), picture(&measured).unwrap()).unwrap();
}

#[test]
fn the_page_is_well_formed_and_asks_nothing_of_anybody() {
    let text = read(&whole(&black_friday()));
    assert!(text.contains("Nothing lost, nothing doubled; the backlog was gone"), "{text}");
    read(&picture(&black_friday()).unwrap());
}

#[test]
fn every_figure_of_the_account_is_told() {
    let mut measured = black_friday();
    measured.account = Account {
        sent: 11_900,
        completed: 14_321,
        failed: 1_002,
        held: 1_003,
        rejected: 1_004,
        parked: 1_005,
        lost: 1_006,
        doubled: 1_007,
        unexpected: 1_008,
    };
    measured.scale_down.left = Some("17 tasks at decision".to_owned());
    let text = read(&whole(&measured));
    for figure in
        ["11,900", "14,321", "1,002", "1,003", "1,004", "1,005", "1,006", "1,007", "1,008"]
    {
        assert!(text.contains(figure), "{figure}");
    }
    assert!(text.contains("17 tasks at decision"));
    assert_eq!(
        words::outcome(&measured),
        "1,006 lost and 1,007 doubled, 1,008 otherwise than it had to be; left over at the end: 17 tasks at decision"
    );
    let good = headline(&black_friday());
    assert!(good.contains(" messages in 4 minutes, peak 84 a second: nothing lost"), "{good}");
    assert!(good.ends_with(" s after the last one"), "{good}");
}

#[test]
fn a_run_without_anything_to_show_is_shown() {
    let mut measured = black_friday();
    let first = measured.bins.first().cloned();
    measured.bins.clear();
    measured.stages.clear();
    measured.tenants.clear();
    measured.emulator = None;
    measured.end_to_end = None;
    measured.account = Account::default();
    measured.scale_down = ScaleDown::default();
    measured.load.messages = 0;
    let text = read(&whole(&measured));
    assert!(text.contains("0 messages in 4 minutes") && text.contains("backlog was never gone"));
    assert!(text.contains("Nothing was measured over time."));
    read(&picture(&measured).unwrap());
    let odd = [f64::NAN, f64::INFINITY, -1.0, 0.0];
    for length in odd {
        measured.bins = first.clone().into_iter().collect();
        measured.bin_seconds = length;
        measured.load.seconds = length;
        measured.load.peak_per_second = length;
        let bin = measured.bins.first_mut().unwrap();
        (bin.at, bin.emulator_cpu, bin.end_to_end) = (length, Some(length), None);
        for stage in bin.stages.values_mut() {
            (stage.latency_ms, stage.concurrency) = (None, length);
        }
        let drawn = whole(&measured);
        read(&drawn);
        read(&picture(&measured).unwrap());
        assert!(!drawn.contains("NaN") && !drawn.contains("inf\""), "{length}");
    }
}

#[test]
fn names_from_outside_stay_names() {
    let hostile = "<script>alert('\"&\u{0}\u{202e}</script>";
    let mut measured = black_friday();
    let tenant = measured.tenants.get("acme").cloned().unwrap();
    measured.tenants.insert(hostile.to_owned(), TenantSum { noisy: true, ..tenant });
    measured.load = Load {
        run: hostile.to_owned(),
        profile: hostile.to_owned(),
        stack: hostile.to_owned(),
        endpoint: Some(hostile.to_owned()),
        queue_type: hostile.to_owned(),
        ..measured.load
    };
    measured.emulator.as_mut().unwrap().verdict = hostile.to_owned();
    measured.scale_down.left = Some(hostile.to_owned());
    let drawn = whole(&measured);
    assert!(read(&drawn).contains("<script>alert('\"&\u{fffd}\u{fffd}</script>"));
    assert!(!drawn.contains("<script"));
    let picture = picture(&measured).unwrap();
    read(&picture);
    assert!(!picture.contains("<script"));
}

#[test]
fn fairness_is_said_in_words() {
    let mut measured = black_friday();
    let said = |measured: &Measured| fairness::words(measured);
    assert!(said(&measured).contains("initech sent 8.5 times as much"), "{}", said(&measured));
    assert!(said(&measured).contains("theirs 24 s: they waited about as long"));
    for (name, tenant) in &mut measured.tenants {
        let p95 = if name == "initech" { 40_000 } else { 2_000 };
        tenant.end_to_end = Some(Latency { p50: 1, p95, p99: p95 });
    }
    assert!(said(&measured).ends_with("theirs 2 s: they did not wait behind it."));
    for tenant in measured.tenants.values_mut() {
        tenant.end_to_end = None;
    }
    assert!(said(&measured).contains("Too little was completed"));
    measured.tenants.retain(|_, tenant| tenant.noisy);
    assert!(said(&measured).contains("nobody beside"));
    measured.tenants.clear();
    assert!(said(&measured).contains("No tenant was noisy"));
}

#[test]
fn an_event_without_latency_leaves_a_gap() {
    let mut measured = black_friday();
    let whole = drawn_lines(&measured);
    measured.bins.get_mut(5).unwrap().end_to_end = None;
    assert_eq!(drawn_lines(&measured), whole + 3, "each of p50, p95 and p99 in two pieces");
}

fn drawn_lines(measured: &Measured) -> usize {
    let figures = plots::all(measured);
    let figure = figures.iter().find(|figure| figure.title == "End-to-end latency").unwrap();
    let polylines = figure.plot.svg().unwrap();
    polylines.matches(&format!("stroke-width=\"{}\"", 6)).count()
}
