#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use super::*;
use proptest::prelude::*;
use std::path::PathBuf;

fn sizes() -> Sizes {
    Sizes { rate: 4.0, peak: 60.0, duration: 100.0 }
}

/// Straight lines between up to eight points, steps and stretches of silence included.
fn any_profile() -> impl Strategy<Value = Profile> {
    let point = (prop_oneof![Just(0.0), 0.01..90.0], prop_oneof![Just(0.0), 0.0..200.0]);
    prop::collection::vec(point, 1..8).prop_filter_map("not a message, or no time", |steps| {
        let mut time = 0.0;
        let mut points = vec![Point { time, rate: 3.0 }];
        for (step, rate) in steps {
            time += step;
            points.push(Point { time, rate });
        }
        Profile::new("any", points).ok()
    })
}

proptest! {
    #[test]
    fn due_times_never_go_back_and_agree_with_the_area_at_every_moment(
        profile in any_profile(), share in 0.0..=1.0_f64
    ) {
        let due = profile.due();
        prop_assert_eq!(due.len(), profile.messages());
        prop_assert!((due.len() as f64 - profile.total()).abs() <= 1.0);
        prop_assert!(due.is_sorted());
        prop_assert!(due.iter().all(|time| (0.0..=profile.seconds()).contains(time)));
        let time = share * profile.seconds();
        let counted = due.iter().filter(|due| **due <= time).count() as f64;
        prop_assert!((counted - profile.passed(time)).abs() <= 1.0, "{} at {}", counted, time);
    }

    #[test]
    fn the_area_is_the_sum_of_the_rates(profile in any_profile()) {
        let steps = 20_000;
        let width = profile.seconds() / f64::from(steps);
        let sum: f64 = (0..steps).map(|n| profile.rate((f64::from(n) + 0.5) * width) * width).sum();
        prop_assert!((sum - profile.total()).abs() <= profile.total() * 0.02 + 0.5);
    }
}

#[test]
fn the_shapes_are_what_their_names_say() {
    let of = |shape: Shape| shape.profile(sizes()).unwrap();
    let steady = of(Shape::Steady);
    assert_eq!((steady.messages(), steady.peak(), steady.seconds()), (400, 4.0, 100.0));
    assert_eq!(steady.due()[0], 0.125);
    let ramp = of(Shape::Ramp);
    assert_eq!((ramp.messages(), ramp.rate(50.0)), (3200, 32.0));
    let spike = of(Shape::Spike);
    assert_eq!((spike.rate(39.9), spike.rate(40.0), spike.rate(59.0)), (4.0, 60.0, 60.0));
    assert_eq!((spike.rate(60.0), spike.messages()), (4.0, 1520));
    let friday = of(Shape::BlackFriday);
    assert_eq!((friday.rate(5.0), friday.peak(), friday.rate(100.0)), (4.0, 60.0, 4.0));
    assert!(friday.rate(50.0) < friday.rate(70.0), "a second wave");
}

#[test]
fn sizes_that_cannot_be_are_named() {
    let refused = |shape: Shape, sizes: Sizes| shape.profile(sizes).unwrap_err().to_string();
    for (sizes, named) in [
        (Sizes { rate: -1.0, ..sizes() }, "--rate -1: "),
        (Sizes { rate: f64::NAN, ..sizes() }, "--rate NaN: "),
        (Sizes { peak: f64::INFINITY, ..sizes() }, "--peak inf: "),
        (Sizes { peak: 2.0, ..sizes() }, "--peak 2: lower than"),
        (Sizes { duration: 0.0, ..sizes() }, "--duration 0: "),
        (Sizes { duration: -5.0, ..sizes() }, "--duration -5: "),
        (Sizes { rate: 0.0, peak: 0.0, ..sizes() }, "rate: that is not a single event"),
        (Sizes { peak: 1e9, ..sizes() }, "rate: "),
        (Sizes { duration: 1e6, ..sizes() }, "time: "),
    ] {
        let error = refused(Shape::BlackFriday, sizes);
        assert!(error.starts_with(named), "{error}");
    }
    // A steady load has no peak.
    assert!(Shape::Steady.profile(Sizes { peak: 0.0, ..sizes() }).is_ok());
}

/// A file that is gone when the test ends.
struct Trace(PathBuf);

impl Trace {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn traces_are_read_in_both_forms() {
    let csv = "# exported on Friday\ntime,rate,note\n0,5,quiet\n 60 , 40 ,\n\n60,5,a step\n90,5,\n";
    let csv = Trace::new("good.csv", csv);
    let toml = "points = [{time = 0, rate = 5}, {time = 60, rate = 40.0}, {time = 60, rate = 5},\n\
                {time = 90.0, rate = 5}]";
    let toml = Trace::new("good.toml", toml);
    let (csv, toml) = (read_trace(&csv.0).unwrap(), read_trace(&toml.0).unwrap());
    assert_eq!(csv.rates, toml.rates);
    assert_eq!(csv.messages(), 1350 + 150);
    assert!(csv.name().ends_with("good"), "{}", csv.name());
}

#[test]
fn what_is_wrong_with_a_trace_is_named_with_its_place() {
    for (name, text, said) in [
        ("a.csv", "", "line 1, column 1: time: the file is empty"),
        ("b.csv", "time,speed\n0,1\n", "line 1, column 1: rate: no such column"),
        ("c.csv", "time,rate\n0,1\n5,-3\n", "line 3, column 3: rate: -3 is negative"),
        ("d.csv", "time,rate\n0,1\n5,NaN\n", "line 3, column 3: rate: NaN is no finite number"),
        ("e.csv", "time,rate\n0,1\n9,2\n5,2\n", "line 4, column 1: time: 5 comes after 9"),
        ("f.csv", "time,rate\n0,1\n5, many\n", "line 3, column 4: rate: \"many\" is no number"),
        ("g.csv", "time,rate\n0,1\n5\n", "line 3, column 2: rate: missing"),
        ("h.csv", "time,rate\n0,1\n", "time: 1 points, and a line needs two"),
        ("i.csv", "time,rate\n0,9\n0,9\n", "time: it lasts no time at all"),
        ("j.csv", "time,rate\n3,9\n4,9\n", "line 2, column 1: time: the first is 3"),
        ("k.csv", "rate,time\n0,0\n0,9\n", "rate: that is not a single event"),
        (
            "l.toml",
            "points = [{time = 0, rate = 1},\n {time = 5, rate = -3}]",
            "line 2, column 20: rate: -3",
        ),
        (
            "m.toml",
            "points = [{time = 0, rate = nan}, {time = 5, rate = 3}]",
            "column 29: rate: NaN",
        ),
        ("n.toml", "points = []", "time: 0 points"),
        ("o.toml", "points = [{time = 0, rate = \"x\"}]", "line 1, column 29"),
        ("p.toml", "points = [{time = 0}]", "missing field `rate`"),
    ] {
        let trace = Trace::new(name, text);
        let error = read_trace(&trace.0).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(said), "{error}");
    }
}
