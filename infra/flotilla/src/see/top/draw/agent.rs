//! One agent, closer: its last invocations, its dead letters, its failed and held tasks.

use super::{BAD, CHOSEN, HEAD, moment};
use crate::counts;
use crate::see::fleet::Snapshot;
use crate::see::fleet::recent::{failures, latency_ms};
use crate::see::fleet::words::milliseconds;
use crate::see::top::detail::{Detail, Letters, TASKS};
use crate::see::top::view::Answer;
use flotilla_task::{Stage, Timestamp};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

/// So many of its invocations are shown.
const INVOCATIONS: u16 = 6;

pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    fleet: &Snapshot,
    stage: Stage,
    detail: &Answer<Detail>,
    chosen: usize,
) {
    let [above, middle, below] = Layout::vertical([
        Constraint::Length(INVOCATIONS + 3),
        Constraint::Length(5),
        Constraint::Min(3),
    ])
    .areas(area);
    frame.render_widget(Paragraph::new(invocations(fleet, stage)), above);
    match detail {
        Answer::Awaited => frame.render_widget("Asking about dead letters and tasks ...", middle),
        Answer::Failed(problem) => {
            frame.render_widget(Paragraph::new(problem.as_str()).style(BAD), middle);
        }
        Answer::There(detail) => {
            frame.render_widget(Paragraph::new(letters(&detail.letters)), middle);
            tasks(frame, below, detail, chosen);
        }
    }
}

fn invocations(fleet: &Snapshot, stage: Stage) -> Vec<Line<'static>> {
    let Some(agent) = fleet.agents.iter().find(|agent| agent.stage == stage) else {
        return Vec::new();
    };
    let depth = agent.depth;
    let first = format!(
        "{stage}: {} waiting, {} in flight, {} delayed; mapping {}",
        depth.visible, depth.in_flight, depth.delayed, agent.mapping
    );
    let head = format!(
        "{:<10}{:>9}{:>11}{:>11}{:>8}{:>8}",
        "ended", "records", "took", "slowest", "sent", "failed"
    );
    let mut lines = vec![Line::styled(first, HEAD), Line::styled(head, HEAD)];
    if agent.invocations.is_empty() {
        lines.push(Line::raw("It did nothing in the last minute."));
    }
    let mut newest: Vec<_> = agent.invocations.iter().collect();
    newest.sort_by_key(|one| std::cmp::Reverse(one.ended_at_ms));
    for one in newest.into_iter().take(usize::from(INVOCATIONS)) {
        let at = jiff::Timestamp::from(Timestamp::from_millis(one.ended_at_ms));
        lines.push(Line::raw(format!(
            "{:<10}{:>9}{:>11}{:>11}{:>8}{:>8}",
            at.strftime("%H:%M:%S").to_string(),
            one.records,
            milliseconds(one.took_ms),
            milliseconds(latency_ms(one)),
            one.sent,
            failures(one),
        )));
    }
    lines
}

fn letters(letters: &Letters) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled("dead letters by reason", HEAD)];
    match letters {
        Letters::Grouped(groups) if groups.is_empty() => lines.push(Line::raw("none")),
        Letters::Grouped(groups) => lines.extend(
            groups.iter().map(|(code, count)| Line::styled(format!("{count:>7}  {code}"), BAD)),
        ),
        Letters::TooMany(many) => {
            let text = format!("{}: flotilla dlq list reads them", counts::count(*many));
            lines.push(Line::styled(text, BAD));
        }
    }
    lines
}

fn tasks(frame: &mut Frame<'_>, area: Rect, detail: &Detail, chosen: usize) {
    let mut lines = vec![Line::styled("failed and held tasks, the newest first", HEAD)];
    if detail.tasks.is_empty() {
        let none = format!("none among the newest {TASKS} of the fleet: flotilla tasks lists all");
        lines.push(Line::raw(if detail.more { none } else { "none".to_owned() }));
    }
    // What is selected stays in sight.
    let room = usize::from(area.height.saturating_sub(1)).max(1);
    let skip = (chosen + 1).saturating_sub(room);
    for (place, task) in detail.tasks.iter().enumerate().skip(skip) {
        let text = format!(
            "{}  {:<6}  {}  {}",
            moment(task.since),
            task.status.as_str(),
            task.id,
            task.reason
        );
        lines.push(if place == chosen { Line::styled(text, CHOSEN) } else { Line::raw(text) });
    }
    frame.render_widget(Paragraph::new(lines), area);
}
