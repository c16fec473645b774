use super::*;
use crate::partner::Terms;
use proptest::prelude::*;

const TERMS: BreakerTerms = Terms::DEFAULT.breaker;
const LEASE: Duration = Duration::from_secs(10);
const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn later(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

fn sick() -> Window {
    let mut window = Window::default();
    (0..TERMS.failures).for_each(|_| window.note(NOW, true));
    window
}

fn counted(succeeded: u32, failed: u32) -> Tally {
    Tally { mine: true, succeeded, failed, ..Tally::default() }
}

fn next(breaker: Breaker, tally: Tally) -> Option<Breaker> {
    breaker.next(&tally, &Window::default(), &TERMS, NOW)
}

#[test]
fn it_opens_when_too_much_fails_and_not_before() {
    let closed = Breaker::Closed;
    assert_eq!(closed.next(&counted(0, 9), &Window::default(), &TERMS, NOW), None);
    let open = Breaker::Open { until: later(10), times: 1 };
    assert_eq!(closed.next(&Tally::default(), &sick(), &TERMS, NOW), Some(open));
}

#[test]
fn while_it_is_open_nothing_passes_and_each_is_told_when_to_come_back() {
    let open = Breaker::Open { until: later(10), times: 1 };
    let admits = |now| open.admits(&Tally::default(), &TERMS, LEASE, now);
    assert_eq!(admits(NOW), Verdict::Wait(Duration::from_secs(10)));
    assert_eq!(admits(later(4)), Verdict::Wait(Duration::from_secs(6)));
    let probing = Breaker::Probing { until: later(20), times: 1 };
    assert_eq!(admits(later(10)), Verdict::IfMine(probing));
    assert_eq!(next(open, counted(9, 0)), None, "late answers do not close it");
}

#[test]
fn one_environment_probes_and_the_others_wait_until_its_right_lapses() {
    let probing = Breaker::Probing { until: later(10), times: 2 };
    let mine = Tally { mine: true, ..Tally::default() };
    assert_eq!(probing.admits(&mine, &TERMS, LEASE, NOW), Verdict::Pass);
    let busy = Tally { under_way: 1, succeeded: 1, ..mine };
    assert!(matches!(probing.admits(&busy, &TERMS, LEASE, NOW), Verdict::Wait(_)));
    let other = |now| probing.admits(&Tally::default(), &TERMS, LEASE, now);
    assert_eq!(other(later(1)), Verdict::Wait(Duration::from_secs(9)));
    let taken = Breaker::Probing { until: later(20), times: 2 };
    assert_eq!(other(later(10)), Verdict::IfMine(taken));
    assert_eq!(next(probing, Tally { mine: false, ..counted(9, 9) }), None);
}

#[test]
fn it_closes_step_by_step_and_opens_for_longer_when_it_was_too_early() {
    let mut breaker = Breaker::Probing { until: later(10), times: 3 };
    let mut seen = vec![breaker.name().to_owned()];
    while let Some(after) = next(breaker, counted(TERMS.probes, 0)) {
        breaker = after;
        seen.push(match after {
            Breaker::Closing { step, .. } => format!("{} %", STEPS[usize::from(step)]),
            Breaker::Closed | Breaker::Open { .. } | Breaker::Probing { .. } => {
                after.name().to_owned()
            }
        });
    }
    assert_eq!(seen, ["probing", "10 %", "25 %", "50 %", "closed"]);
    let again = Some(Breaker::Open { until: later(80), times: 4 });
    assert_eq!(next(Breaker::Probing { until: NOW, times: 3 }, counted(1, 1)), again);
    assert_eq!(next(Breaker::Closing { step: 1, times: 3 }, counted(1, 1)), again);
    assert_eq!(next(Breaker::Closing { step: 1, times: 3 }, counted(1, 0)), None);
}

#[test]
fn it_never_stays_open_longer_than_its_limit() {
    let times: Vec<_> = (1..8).map(|times| TERMS.open_for(times).as_secs()).collect();
    assert_eq!(times, [10, 20, 40, 80, 160, 300, 300]);
}

#[test]
fn a_closing_breaker_lets_its_share_through_and_the_first_always() {
    for (step, percent) in (0..).zip(STEPS) {
        let breaker = Breaker::Closing { step, times: 1 };
        let mut tally = Tally::default();
        for _ in 0..1000 {
            tally.asked += 1;
            if breaker.admits(&tally, &TERMS, LEASE, NOW) == Verdict::Pass {
                tally.passed += 1;
            }
            if tally.asked == 1 {
                assert_eq!(tally.passed, 1, "the first passes");
            }
        }
        assert_eq!(tally.passed, percent * 10 + 1);
    }
}

fn any_breaker() -> impl Strategy<Value = Breaker> {
    let until = (0_u64..60).prop_map(later);
    prop_oneof![
        Just(Breaker::Closed),
        (until.clone(), 1_u32..9).prop_map(|(until, times)| Breaker::Open { until, times }),
        (until, 1_u32..9).prop_map(|(until, times)| Breaker::Probing { until, times }),
        (0_u8..3, 1_u32..9).prop_map(|(step, times)| Breaker::Closing { step, times }),
    ]
}

proptest! {
    /// Whatever was counted: no call passes while it is open, only the one that
    /// probes gets from there to closing, and no wait is longer than it may be open.
    #[test]
    fn a_sick_partner_is_left_alone_and_never_forgotten(
        breaker in any_breaker(),
        mine: bool,
        counts in (0_u32..9, 0_u32..9, 0_u32..9, 0_u32..9),
        second in 0_u64..90,
    ) {
        let (asked, passed, succeeded, failed) = counts;
        let tally = Tally { mine, asked: asked + 1, passed, under_way: 0, succeeded, failed };
        let now = later(second);
        let verdict = breaker.admits(&tally, &TERMS, LEASE, now);
        if let Breaker::Open { .. } = breaker {
            prop_assert_ne!(verdict, Verdict::Pass);
        }
        if let Verdict::Wait(wait) = verdict {
            prop_assert!(wait > Duration::ZERO && wait <= TERMS.open_limit);
        }
        match breaker.next(&tally, &Window::default(), &TERMS, now) {
            Some(Breaker::Closed) => {
                let last = matches!(breaker, Breaker::Closing { step: 2, .. });
                prop_assert!(last);
            }
            Some(Breaker::Closing { step: 0, .. }) => {
                let probed = mine && matches!(breaker, Breaker::Probing { .. });
                prop_assert!(probed);
            }
            Some(Breaker::Closing { step, times }) => {
                prop_assert_eq!(breaker, Breaker::Closing { step: step - 1, times });
            }
            Some(Breaker::Open { until, .. }) => prop_assert!(failed > 0 && until > now),
            Some(Breaker::Probing { .. }) => prop_assert!(false, "only by asking"),
            None => {}
        }
    }
}
