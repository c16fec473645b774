//! Pieces of HTML that are well-formed XML as well, so that a test can parse the page.

use std::fmt::Display;

/// Text for between tags and in attributes: no tag, no quote, and no character that
/// XML has no place for.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' => safe.push(letter),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            _ if letter.is_control() => safe.push('\u{fffd}'),
            // Text that turns the direction of what follows reads as something else.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.push('\u{fffd}'),
            _ => safe.push(letter),
        }
    }
    safe
}

/// Text in a tag.
pub(crate) fn tag(name: &str, text: impl Display) -> String {
    format!("<{name}>{}</{name}>", escape(&text.to_string()))
}

/// Text in a tag of a class.
pub(crate) fn classed(name: &str, class: &str, text: impl Display) -> String {
    format!("<{name} class=\"{class}\">{}</{name}>", escape(&text.to_string()))
}

/// What names a row, and its cells.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) cells: Vec<String>,
    /// Whether it is to catch the eye.
    pub(crate) marked: bool,
}

/// The head of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Head<'a> {
    /// Over figures, which end below each other.
    Figure(&'a str),
    /// Over words, which begin below each other.
    Words(&'a str),
}

impl Head<'_> {
    fn open(self, tag: &str) -> String {
        match self {
            Self::Figure(_) => format!("<{tag}"),
            Self::Words(_) => format!("<{tag} class=\"text\""),
        }
    }
}

/// A table that scrolls on its own where it is too wide; the first column names the rows.
pub(crate) fn table(caption: &str, name: &str, heads: &[Head<'_>], rows: &[Row]) -> String {
    let titles: String = heads
        .iter()
        .map(|head| {
            let (Head::Figure(text) | Head::Words(text)) = head;
            format!("{} scope=\"col\">{}</th>", head.open("th"), escape(text))
        })
        .collect();
    let rows: String = rows
        .iter()
        .map(|row| {
            let cells = row.cells.iter().zip(heads);
            let cells: String = cells
                .map(|(cell, head)| format!("{}>{}</td>", head.open("td"), escape(cell)))
                .collect();
            let marked = if row.marked { " class=\"marked\"" } else { "" };
            format!("<tr{marked}><th scope=\"row\">{}</th>{cells}</tr>\n", escape(&row.name))
        })
        .collect();
    format!(
        "<div class=\"wide\"><table><caption>{}</caption><thead><tr><th scope=\"col\">{}</th>{titles}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n",
        escape(caption),
        escape(name)
    )
}

/// What is said beside its name.
pub(crate) fn pairs(rows: &[(&str, String)]) -> String {
    let rows: String = rows
        .iter()
        .map(|(name, text)| format!("{}{}\n", tag("dt", name), tag("dd", text)))
        .collect();
    format!("<dl>\n{rows}</dl>\n")
}

/// Sentences, one a line.
pub(crate) fn list(sentences: &[String]) -> String {
    let items: String = sentences.iter().map(|each| tag("li", each)).collect();
    format!("<ul>{items}</ul>\n")
}
