//! All agents, and below them what the fleet as a whole has to say.

use super::{BAD, CHOSEN, HEAD};
use crate::see::fleet::needs::needs;
use crate::see::fleet::recent::slowest_over_time;
use crate::see::fleet::words::{milliseconds, partner};
use crate::see::fleet::{Agent, Snapshot};
use crate::see::top::WINDOW;
use crate::see::top::view::View;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Paragraph, Row, Sparkline, Table};

/// As wide as the columns are together; the sparkline gets the rest.
const COLUMNS: [(&str, u16); 8] = [
    ("agent", 13),
    ("backlog", 7),
    ("change/s", 8),
    ("flight", 6),
    ("dead", 5),
    ("rec/s", 6),
    ("failed", 6),
    ("slowest", 7),
];

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, view: &View, fleet: &Snapshot) {
    let rows = u16::try_from(fleet.agents.len()).unwrap_or(u16::MAX);
    let [table, _, below] = Layout::vertical([
        Constraint::Length(rows.saturating_add(1)),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(area);
    // Each column with the space before it.
    let width = COLUMNS.iter().map(|(_, width)| width + 1).sum();
    let [figures, sparks] =
        Layout::horizontal([Constraint::Length(width), Constraint::Min(0)]).areas(table);
    figures_of(frame, figures, view, fleet);
    sparklines(frame, sparks, fleet);
    frame.render_widget(Paragraph::new(said(fleet)), below);
}

fn figures_of(frame: &mut Frame<'_>, area: Rect, view: &View, fleet: &Snapshot) {
    let head = COLUMNS.iter().enumerate().map(|(place, (name, width))| {
        let width = usize::from(*width);
        Cell::from(if place == 0 { format!("{name:<width$}") } else { format!("{name:>width$}") })
    });
    let rows = fleet.agents.iter().enumerate().map(|(place, agent)| {
        let row = Row::new(cells(agent, view.growth(agent.stage)));
        if place == view.agent { row.style(CHOSEN) } else { row }
    });
    let widths = COLUMNS.map(|(_, width)| Constraint::Length(width));
    frame.render_widget(Table::new(rows, widths).header(Row::new(head).style(HEAD)), area);
}

fn cells(agent: &Agent, growth: Option<f64>) -> Vec<Cell<'static>> {
    let (unknown, none) = (|| "?".to_owned(), || "-".to_owned());
    let recent = agent.recent;
    let rate = if agent.polls {
        recent.map_or_else(unknown, |recent| format!("{:.1}", recent.per_second))
    } else {
        "paused".to_owned()
    };
    let failed = recent.is_some_and(|recent| recent.failures > 0);
    let numbers = [
        (agent.depth.visible.to_string(), false),
        (growth.map_or_else(none, |growth| format!("{growth:+.1}")), false),
        (agent.depth.in_flight.to_string(), false),
        (agent.dead_letters.to_string(), agent.dead_letters > 0),
        (rate, !agent.polls),
        (recent.map_or_else(unknown, |recent| recent.failures.to_string()), failed),
        (recent.and_then(|recent| recent.slowest_ms).map_or_else(none, milliseconds), false),
    ];
    let numbers = numbers.into_iter().zip(COLUMNS.iter().skip(1)).map(|((text, bad), column)| {
        let width = usize::from(column.1);
        Cell::from(format!("{text:>width$}")).style(if bad { BAD } else { Style::new() })
    });
    std::iter::once(Cell::from(agent.stage.as_str())).chain(numbers).collect()
}

/// The slowest record over the last minute, agent by agent, each to its own scale.
fn sparklines(frame: &mut Frame<'_>, area: Rect, fleet: &Snapshot) {
    let head = Rect { height: area.height.min(1), ..area };
    frame.render_widget(Paragraph::new("over a minute").style(HEAD), head);
    for (row, agent) in (1..).zip(&fleet.agents) {
        if row >= area.height {
            break;
        }
        let line = Rect { y: area.y + row, height: 1, ..area };
        let bars = slowest_over_time(&agent.invocations, fleet.at, WINDOW, usize::from(area.width));
        frame.render_widget(Sparkline::default().data(bars), line);
    }
}

/// Partners first, for they are what is wrong most often; then what needs a person.
fn said(fleet: &Snapshot) -> Vec<Line<'static>> {
    let partners = fleet.partners.iter().map(|state| match partner(state, fleet.at) {
        Some(text) => Span::styled(format!("{text}  "), BAD),
        None => Span::raw(format!("{} ok  ", state.partner)),
    });
    let mut lines = vec![Line::from_iter(std::iter::once(Span::raw("partners: ")).chain(partners))];
    let tasks = format!(
        "tasks: {} failed, {} on hold; {} parked",
        fleet.failed.count, fleet.held.count, fleet.parked.count
    );
    lines.push(Line::raw(tasks));
    lines.push(Line::default());
    let needs = needs(fleet);
    if needs.is_empty() {
        lines.push(Line::raw("Nothing needs a person."));
    } else {
        lines.push(Line::styled("What needs a person, and what helps:", HEAD));
    }
    for need in needs {
        lines.push(Line::from_iter([
            Span::styled(format!("  {}: ", need.what), BAD),
            Span::raw(need.command),
        ]));
    }
    lines.extend(fleet.unknown.iter().map(|text| Line::raw(format!("not known: {text}"))));
    lines
}
