//! What the keys do, and what the columns mean.

use ratatui::Frame;
use ratatui::layout::{Constraint, Flex, Layout};
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Paragraph};

const TEXT: [&str; 17] = [
    "up, down   select          enter   go in",
    "esc        go back         r       ask again",
    "p          stop and start the refresh",
    "?          this help       q       quit",
    "",
    "backlog    messages that wait in the queue",
    "change/s   how fast the backlog grows",
    "flight     received, not acknowledged yet",
    "dead       messages in its dead-letter queue",
    "rec/s      records received, over a minute",
    "failed     records that went back, over a minute",
    "slowest    record from being sent to being done",
    "",
    "The bars show the slowest record over a minute,",
    "each agent to its own scale. A person's commands",
    "stand beside what they help against.",
    "Nothing here changes anything.",
];

pub(super) fn draw(frame: &mut Frame<'_>) {
    let height = u16::try_from(TEXT.len() + 2).unwrap_or(u16::MAX);
    let [row] = Layout::vertical([Constraint::Max(height)]).flex(Flex::Center).areas(frame.area());
    let [area] = Layout::horizontal([Constraint::Max(54)]).flex(Flex::Center).areas(row);
    let block = Block::bordered().title(" help ");
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(TEXT.map(Line::raw).to_vec()).block(block), area);
}
