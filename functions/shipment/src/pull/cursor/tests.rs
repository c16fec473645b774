use super::*;
use proptest::prelude::*;

const EVERY: Duration = Duration::from_secs(900);
const START: u64 = 1_795_852_800_000;

fn by(name: &str) -> AttemptId {
    AttemptId::new(name).unwrap()
}

fn at(second: u64) -> Timestamp {
    Timestamp::from_millis(START + second * 1000)
}

fn claim(second: u64) -> Act {
    Act::Claim { until: at(second + 30), first: at(0), every: EVERY }
}

fn turn(next: &str, events: u64) -> Act {
    Act::Turn { next: next.to_owned(), events }
}

fn end(events: u64) -> Act {
    Act::End { events, validators: None }
}

fn stop(code: Code) -> Act {
    Act::Stop { problem: Problem::new(code, "it is so"), every: EVERY }
}

fn written(cursor: &Cursor, who: &str, second: u64, act: &Act) -> Cursor {
    match rule(cursor, &by(who), at(second), act) {
        Ruling::Write(next) => {
            assert_eq!(next.epoch, cursor.epoch.next());
            next
        }
        other @ (Ruling::Busy { .. } | Ruling::Fenced) => panic!("{other:?}"),
    }
}

#[test]
fn a_pull_goes_from_page_to_page_and_the_next_begins_where_it_began() {
    let idle = Cursor::default();
    let first = written(&idle, "a", 10, &claim(10));
    assert_eq!(first.run.as_ref().unwrap().since, Some(at(0)));
    let second = written(&first, "a", 11, &turn("/p2", 3));
    assert_eq!(second.run.as_ref().unwrap().position.as_deref(), Some("/p2"));
    let done = written(&second, "a", 12, &end(2));
    assert_eq!((done.run.as_ref(), done.lease_until), (None, None));
    assert_eq!(done.finished, Some(Finished { at: at(12), pages: 2, events: 5 }));
    let began = at(10).as_millis() - u64::try_from(OVERLAP.as_millis()).unwrap();
    assert_eq!(done.since, Some(Timestamp::from_millis(began)));
    assert_eq!(done.next_at, Some(at(910)));
    assert!(done.is_due(at(900)) && !done.is_due(at(800)));
}

#[test]
fn a_pull_that_finds_nothing_asks_the_same_question_next_time() {
    let found = written(&Cursor::default(), "a", 0, &claim(0));
    let found = written(&found, "a", 1, &end(1));
    let nothing = written(&found, "b", 1000, &claim(1000));
    for act in [end(0), Act::Unchanged] {
        assert_eq!(written(&nothing, "b", 1001, &act).since, found.since);
    }
}

#[test]
fn who_comes_while_another_pulls_is_told_until_when() {
    let mine = written(&Cursor::default(), "a", 0, &claim(0));
    assert_eq!(rule(&mine, &by("b"), at(29), &claim(29)), Ruling::Busy { until: at(30) });
    assert!(!mine.is_due(at(29)));
}

#[test]
fn a_zombie_is_fenced_and_the_page_it_had_is_read_again() {
    let old = written(&Cursor::default(), "a", 0, &claim(0));
    let old = written(&old, "a", 1, &turn("/p2", 3));
    // Its lease has lapsed, and another goes on with the page that it had.
    let new = written(&old, "b", 30, &claim(30));
    assert_eq!(new.run, old.run);
    for act in [turn("/p3", 1), end(1), Act::Unchanged, Act::LayDown, stop(Code::Html)] {
        assert_eq!(rule(&new, &by("a"), at(31), &act), Ruling::Fenced, "{act:?}");
    }
    // While nobody has taken over, being late is no harm.
    assert_eq!(written(&old, "a", 99, &end(1)).run, None);
}

#[test]
fn a_pull_that_was_laid_down_goes_on_where_it_was() {
    let laid = written(&Cursor::default(), "a", 0, &claim(0));
    let laid = written(&laid, "a", 1, &turn("/p2", 3));
    let laid = written(&laid, "a", 2, &Act::LayDown);
    assert_eq!(rule(&laid, &by("a"), at(3), &turn("/p3", 1)), Ruling::Fenced);
    let next = written(&laid, "b", 3, &claim(3));
    assert_eq!(next.run, laid.run);
    assert_eq!(next.next_at, laid.next_at, "the schedule counts from the beginning");
}

#[test]
fn a_problem_keeps_the_place_and_pauses_longer_each_time() {
    let mut cursor = written(&Cursor::default(), "a", 0, &claim(0));
    cursor = written(&cursor, "a", 1, &turn("/p2", 3));
    let mut pauses = Vec::new();
    for _ in 0..7 {
        cursor = written(&cursor, "a", 2, &stop(Code::Html));
        assert_eq!(cursor.run.as_ref().unwrap().position.as_deref(), Some("/p2"));
        assert_eq!(cursor.problem.as_ref().unwrap().code, Code::Html);
        pauses.push(at(2).until(cursor.next_at.unwrap()).as_secs() / 60);
        cursor = written(&cursor, "a", 2, &claim(2));
    }
    assert_eq!(pauses, [15, 30, 60, 120, 240, 360, 360]);
    let mended = written(&cursor, "a", 3, &end(1));
    assert_eq!((mended.failures, mended.problem), (0, None));
}

#[test]
fn a_source_that_says_when_is_not_asked_before() {
    let cursor = written(&Cursor::default(), "a", 0, &claim(0));
    let after = Some(Duration::from_secs(5000));
    let problem = Problem::new(Code::Throttled, "later").after(after);
    let stopped = written(&cursor, "a", 1, &Act::Stop { problem, every: EVERY });
    assert_eq!(stopped.next_at, Some(at(5001)));
}

#[test]
fn a_page_that_is_not_known_any_more_lets_the_pull_begin_again() {
    let cursor = written(&Cursor::default(), "a", 0, &claim(0));
    let second = written(&cursor, "a", 1, &turn("/p2", 3));
    for code in Code::ALL {
        let stopped = written(&second, "a", 2, &stop(*code));
        let expected = if code.is_about_the_page() { None } else { Some("/p2") };
        let run = stopped.run.unwrap();
        assert_eq!(run.position.as_deref(), expected, "{code:?}");
        assert_eq!(run.since, Some(at(0)), "and asks for the same");
    }
}

#[test]
fn a_claim_by_its_own_holder_is_the_claim_once_more() {
    let mine = written(&Cursor::default(), "a", 0, &claim(0));
    let again = written(&mine, "a", 1, &claim(1));
    assert_eq!((again.run, again.lease_until), (mine.run, Some(at(31))));
}

proptest! {
    /// Whatever circle a source leads in, at the latest after three times as many
    /// pages as there are it is noticed; and never in a source without one.
    #[test]
    fn every_circle_is_noticed(before in 0_u32..40, round in 1_u32..40) {
        let mut run = Run::begin(at(0), at(0));
        let page = |n: u32| {
            let place = if n < before { n } else { before + (n - before) % round };
            format!("/p{place}")
        };
        let noticed = (0..1000).find(|n| {
            if run.has_read(&page(*n)) {
                return true;
            }
            run = run.clone().turned(&page(*n), 1);
            false
        });
        let noticed = noticed.unwrap();
        prop_assert!(noticed >= round.min(before + round) && noticed <= 3 * (before + round) + 2);
    }

    #[test]
    fn no_circle_is_seen_where_there_is_none(pages in 1_u32..500) {
        let mut run = Run::begin(at(0), at(0));
        for n in 0..pages {
            let page = format!("/p{n}");
            prop_assert!(!run.has_read(&page));
            run = run.turned(&page, 1);
        }
    }
}
