//! The view as a frame. Pure: the same view makes the same frame.

mod agent;
mod help;
mod stages;

use super::view::{Answer, Page, View};
use flotilla_shipment::words::day_and_time;
use ratatui::backend::TestBackend;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use ratatui::{Frame, Terminal};

/// What is wrong.
const BAD: Style = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
/// Heads of tables.
const HEAD: Style = Style::new().add_modifier(Modifier::BOLD);
/// What is selected.
const CHOSEN: Style = Style::new().add_modifier(Modifier::REVERSED);
/// What explains.
const QUIET: Style = Style::new().fg(Color::DarkGray);
/// A frame that is printed has the size of the smallest usual terminal.
const PRINTED: (u16, u16) = (80, 24);

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, view: &View) {
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(2), Constraint::Min(0), Constraint::Length(1)])
            .areas(frame.area());
    frame.render_widget(Paragraph::new(title(view)), head);
    match (&view.page, &view.fleet) {
        (_, None) => {
            let text = view.problem.as_ref().map_or("Looking at the fleet ...", |_| "");
            frame.render_widget(Paragraph::new(text), body);
        }
        (Page::Fleet, Some(fleet)) => stages::draw(frame, body, view, fleet),
        (Page::Agent { stage, detail, task }, Some(fleet)) => {
            agent::draw(frame, body, fleet, *stage, detail, *task);
        }
        (Page::Task { id, lines, scroll, .. }, Some(_)) => {
            story(frame, body, id.as_str(), lines, *scroll);
        }
    }
    frame.render_widget(Paragraph::new(keys(&view.page)).style(QUIET), foot);
    if view.help {
        help::draw(frame);
    }
}

/// The frame as text.
pub(super) fn as_text(view: &View) -> String {
    let mut terminal = match Terminal::new(TestBackend::new(PRINTED.0, PRINTED.1)) {
        Ok(terminal) => terminal,
        Err(never) => match never {},
    };
    match terminal.draw(|frame| draw(frame, view)) {
        Ok(_) => {}
        Err(never) => match never {},
    }
    let buffer = terminal.backend().buffer();
    let width = usize::from(PRINTED.0);
    let mut text = String::new();
    for row in buffer.content().chunks(width) {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn title(view: &View) -> Vec<Line<'_>> {
    let every = crate::see::fleet::words::duration(view.every);
    let how = if view.paused { "paused".to_owned() } else { format!("every {every}") };
    let when = view.fleet.as_ref().map(|fleet| {
        let at = jiff::Timestamp::from(fleet.at);
        format!("{} UTC", at.strftime("%H:%M:%S"))
    });
    let mut first = vec![Span::styled(format!("flotilla top: {}", view.stack), HEAD)];
    first.extend(when.map(|when| Span::raw(format!("  {when}"))));
    first.push(Span::styled(format!("  {how}"), QUIET));
    // One line: what to do stands in the command's own messages, and the frame is small.
    let problem = view.problem.as_ref().map(|problem| {
        let line = problem.lines().next().unwrap_or_default();
        Line::styled(format!("the last look failed: {line}"), BAD)
    });
    vec![Line::from(first), problem.unwrap_or_default()]
}

const fn keys(page: &Page) -> &'static str {
    match page {
        Page::Fleet => "up/down select  enter go in  p pause  ? help  q quit",
        Page::Agent { .. } => "up/down select a task  enter go in  esc back  r ask again  q quit",
        Page::Task { .. } => "up/down scroll  esc back  r ask again  q quit",
    }
}

fn story(frame: &mut Frame<'_>, area: Rect, id: &str, lines: &Answer<Vec<String>>, scroll: usize) {
    let lines = match lines {
        Answer::Awaited => vec![Line::raw(format!("Reading the task {id} ..."))],
        Answer::Failed(problem) => vec![Line::styled(problem.as_str(), BAD)],
        Answer::There(lines) => lines.iter().skip(scroll).map(|l| Line::raw(l.as_str())).collect(),
    };
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), area);
}

/// A day and a time, for lists.
fn moment(at: flotilla_task::Timestamp) -> String {
    day_and_time(at.into())
}

#[cfg(test)]
mod tests;
