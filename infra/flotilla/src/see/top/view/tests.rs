use super::*;
use crate::see::fleet::calm;
use crate::see::top::detail::Letters;
use flotilla_task::StatusKind;

fn press(view: &mut View, code: KeyCode) -> Effect {
    view.update(Happened::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

fn looked(view: &mut View, at_ms: u64, backlog: u64) {
    let mut fleet = calm(Timestamp::from_millis(at_ms));
    fleet.agents[2].depth.visible = backlog;
    view.update(Happened::Looked(Box::new(fleet)));
}

fn task(id: &str) -> TaskLine {
    TaskLine {
        id: TaskId::new(id).unwrap(),
        status: StatusKind::Failed,
        since: Timestamp::from_millis(0),
        reason: "failed: no".to_owned(),
    }
}

#[test]
fn keys_go_into_an_agent_and_a_task_and_back() {
    let mut view = View::new("flotilla", Duration::from_secs(2));
    press(&mut view, KeyCode::Down);
    press(&mut view, KeyCode::Char('j'));
    assert_eq!(press(&mut view, KeyCode::Enter), Effect::Ask(Stage::Decision));
    // Nothing to go into yet.
    assert_eq!(press(&mut view, KeyCode::Enter), Effect::Draw);
    let detail = Detail {
        letters: Letters::Grouped(Vec::new()),
        tasks: vec![task("a"), task("b")],
        more: false,
    };
    view.update(Happened::Detail(Stage::State, Ok(detail.clone())));
    assert!(matches!(view.page, Page::Agent { detail: Answer::Awaited, .. }), "of another agent");
    view.update(Happened::Detail(Stage::Decision, Ok(detail)));
    for _ in 0..9 {
        press(&mut view, KeyCode::Down);
    }
    let b = TaskId::new("b").unwrap();
    assert_eq!(press(&mut view, KeyCode::Enter), Effect::Read(b.clone()));
    view.update(Happened::Story(b.clone(), Ok(vec!["one".into(), "two".into()])));
    press(&mut view, KeyCode::Down);
    press(&mut view, KeyCode::Down);
    assert!(matches!(&view.page, Page::Task { scroll: 1, .. }), "{:?}", view.page);
    assert_eq!(press(&mut view, KeyCode::Char('r')), Effect::Read(b));
    press(&mut view, KeyCode::Esc);
    assert!(matches!(view.page, Page::Agent { task: 1, .. }), "{:?}", view.page);
    assert_eq!(press(&mut view, KeyCode::Char('r')), Effect::Ask(Stage::Decision));
    press(&mut view, KeyCode::Esc);
    assert_eq!(view.page, Page::Fleet);
    assert_eq!(view.agent, 2, "the selection stays");
    for _ in 0..9 {
        press(&mut view, KeyCode::Up);
    }
    assert_eq!(view.agent, 0);
}

#[test]
fn help_pause_and_quit() {
    let mut view = View::new("flotilla", Duration::from_secs(2));
    press(&mut view, KeyCode::Enter);
    press(&mut view, KeyCode::Char('?'));
    assert!(view.help);
    press(&mut view, KeyCode::Esc);
    assert!(!view.help && view.page != Page::Fleet, "the help goes first");
    press(&mut view, KeyCode::Char('p'));
    assert!(view.paused);
    press(&mut view, KeyCode::Char('p'));
    assert!(!view.paused);
    assert_eq!(press(&mut view, KeyCode::Char('x')), Effect::Draw);
    assert_eq!(press(&mut view, KeyCode::Char('c')), Effect::Draw);
    let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(view.update(Happened::Key(control_c)), Effect::Quit);
    assert_eq!(press(&mut view, KeyCode::Char('q')), Effect::Quit);
}

#[test]
fn growth_is_the_difference_of_two_looks_and_a_failed_one_changes_nothing() {
    let mut view = View::new("flotilla", Duration::from_secs(2));
    assert_eq!(view.growth(Stage::Decision), None);
    looked(&mut view, 10_000, 4);
    assert_eq!(view.growth(Stage::Decision), None);
    looked(&mut view, 12_000, 24);
    assert_eq!(view.growth(Stage::Decision), Some(10.0));
    view.update(Happened::Failed("dispatch failure".to_owned()));
    assert_eq!(view.problem.as_deref(), Some("dispatch failure"));
    assert_eq!(view.growth(Stage::Decision), Some(10.0));
    looked(&mut view, 16_000, 0);
    assert_eq!((view.growth(Stage::Decision), view.problem), (Some(-6.0), None));
}
