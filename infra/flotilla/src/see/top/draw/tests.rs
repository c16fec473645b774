use super::*;
use crate::see::fleet::calm;
use crate::see::fleet::recent::{Recent, invocation};
use crate::see::top::detail::{Detail, Letters, TaskLine};
use crate::see::top::view::Happened;
use flotilla_shipment::partner::Breaker;
use flotilla_task::{Stage, StatusKind, TaskId, Timestamp};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(1_764_230_400_000);

/// A view of a fleet that has something to show in every place.
fn busy() -> View {
    let mut view = View::new("flotilla", Duration::from_secs(2));
    let mut fleet = calm(Timestamp::from_millis(NOW.as_millis() - 2_000));
    view.update(Happened::Looked(Box::new(fleet.clone())));
    fleet.at = NOW;
    let decision = &mut fleet.agents[2];
    decision.depth.visible = 24;
    decision.dead_letters = 3;
    decision.invocations =
        (0..20).map(|n| invocation(NOW.as_millis() - n * 3_000, 10, n * 100)).collect();
    decision.recent = Some(Recent::of(&decision.invocations, NOW, Duration::from_secs(60)));
    fleet.agents[3].polls = false;
    fleet.agents[3].mapping = "Disabled".to_owned();
    let until = Timestamp::from_millis(NOW.as_millis() + 8_000);
    fleet.partners[0].breaker = Breaker::Open { until, times: 1 };
    fleet.failed.count = 2;
    view.update(Happened::Looked(Box::new(fleet)));
    view
}

fn has(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "there is no {word:?} in\n{text}");
    }
}

#[test]
fn all_agents_fit_into_80_by_24() {
    let view = busy();
    let text = as_text(&view);
    has(
        &text,
        &[
            "flotilla top: flotilla  08:00:00 UTC  every 2 s",
            "agent",
            "decision           24    +12.0",
            "communication",
            "partners: steady is open, tried again in 8 s  swift ok",
            "  3 dead letters: flotilla dlq list",
            "? help  q quit",
        ],
    );
    let row = text.lines().find(|line| line.starts_with("decision")).unwrap();
    has(row, &[" 3 ", "3.3", " 20 ", "1.9 s", "█"]);
    let paused = text.lines().find(|line| line.starts_with("communication")).unwrap();
    has(paused, &["paused"]);
    assert_eq!(text.lines().count(), 24);
}

#[test]
fn before_the_first_look_and_when_the_cloud_stops_answering() {
    let mut view = View::new("flotilla", Duration::from_secs(2));
    has(&as_text(&view), &["Looking at the fleet ..."]);
    let problem = "reading the depth of q: dispatch failure\n  Is the cloud running?".to_owned();
    view.update(Happened::Failed(problem.clone()));
    has(&as_text(&view), &["the last look failed: reading the depth of q: dispatch"]);
    let mut view = busy();
    view.update(Happened::Failed(problem));
    has(&as_text(&view), &["the last look failed", "decision           24"]);
}

#[test]
fn an_agent_a_task_and_the_help() {
    let mut view = busy();
    let task = |n: usize| TaskLine {
        id: TaskId::new(format!("task{n:03}")).unwrap(),
        status: StatusKind::Failed,
        since: NOW,
        reason: "invalid_field: items[0].weight".to_owned(),
    };
    let letters = Letters::Grouped(vec![("not_json".to_owned(), 3)]);
    let detail = Detail { letters, tasks: (0..40).map(task).collect(), more: true };
    let page =
        |task| Page::Agent { stage: Stage::Decision, detail: Answer::There(detail.clone()), task };
    view.page = page(0);
    has(
        &as_text(&view),
        &["decision: 24 waiting", "07:59:57", "      3  not_json", "task000  invalid_field"],
    );
    view.page = page(39);
    has(&as_text(&view), &["task039"]);
    let many = Detail { letters: Letters::TooMany(12_345), tasks: Vec::new(), more: false };
    let none = |more| {
        let detail = Answer::There(Detail { more, ..many.clone() });
        Page::Agent { stage: Stage::State, detail, task: 0 }
    };
    view.page = none(false);
    has(&as_text(&view), &["12,345: flotilla dlq list", "It did nothing", "\nnone\n"]);
    view.page = none(true);
    has(&as_text(&view), &["\nnone among the newest 100 of the fleet"]);
    let lines = Answer::There(vec!["one".to_owned(), "two".to_owned()]);
    let id = TaskId::new("task000").unwrap();
    view.page = Page::Task { under: Box::new(Page::Fleet), id, lines, scroll: 1 };
    let text = as_text(&view);
    assert!(text.contains("\ntwo\n") && !text.contains("one"), "{text}");
    view.help = true;
    has(&as_text(&view), &[" help ", "how fast the backlog grows", "changes anything"]);
}

#[test]
fn any_size_can_be_drawn() {
    let mut view = busy();
    let detail = Detail { letters: Letters::TooMany(1), tasks: Vec::new(), more: true };
    let agent = Page::Agent { stage: Stage::State, detail: Answer::There(detail), task: 0 };
    for page in [Page::Fleet, agent] {
        view.page = page;
        for help in [false, true] {
            view.help = help;
            for (width, height) in [(0, 0), (1, 1), (20, 3), (79, 9), (300, 100)] {
                let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
                terminal.draw(|frame| draw(frame, &view)).unwrap();
            }
        }
    }
}
