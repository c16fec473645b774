//! The last place that a log line passes: what comes from outside cannot forge a line,
//! hide in one, or fill the log.
//!
//! Fields hold ids, reasons and other people's words. Most are bounded where they are
//! made, but one place that looks at every line needs nobody to remember it, and holds
//! for what libraries log as well. JSON has escaped line breaks by then; what is left
//! are characters that terminals and viewers act on, and length.

use flotilla_task::failure::{is_unprintable, safe};
use serde_json::{Map, Value};
use std::io::{self, Write};
use tracing_subscriber::fmt::MakeWriter;

/// A line of more bytes is shortened, field by field.
const LONGEST_LINE: usize = 4096;

/// Where lines go: `W` makes what they are written to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guard<W>(pub(super) W);

/// One line on its way.
#[derive(Debug)]
pub(super) struct Line<W>(W);

impl<'a, T: Write, W: Fn() -> T + 'a> MakeWriter<'a> for Guard<W> {
    type Writer = Line<T>;

    fn make_writer(&'a self) -> Line<T> {
        Line((self.0)())
    }
}

impl<W: Write> Write for Line<W> {
    /// The subscriber writes each line whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        if is_safe(&text) {
            self.0.write_all(line)?;
        } else {
            self.0.write_all(made_safe(&text).as_bytes())?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Whether a line is one, and short.
fn is_safe(line: &str) -> bool {
    let one = line.strip_suffix('\n').unwrap_or(line);
    line.len() <= LONGEST_LINE && !one.contains(is_unprintable)
}

fn made_safe(line: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(line) else {
        // No line of ours; it is said that there was one.
        let bytes = line.len();
        let message = "a line that is not JSON was left out";
        let told = serde_json::json!({"level": "WARN", "message": message, "bytes": bytes});
        return format!("{told}\n");
    };
    let safe = format!("{}\n", shortened(value, usize::MAX));
    if safe.len() <= LONGEST_LINE {
        return safe;
    }
    // Many long fields, then: half a line's room for all of them together.
    let value = serde_json::from_str(&safe).unwrap_or(Value::Null);
    format!("{}\n", shortened(value, 64))
}

/// The same with every text bounded and printable.
fn shortened(value: Value, most: usize) -> Value {
    match value {
        Value::String(text) => {
            let text: String = text.chars().take(most).collect();
            Value::String(safe(&text))
        }
        Value::Array(values) => {
            Value::Array(values.into_iter().map(|value| shortened(value, most)).collect())
        }
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, shortened(value, most)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Environment;
    use crate::telemetry::Level;
    use proptest::prelude::*;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::SubscriberExt;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What stands in the log after one event with these words in it.
    fn logged(event: &str, problem: &str) -> String {
        let log = Log::default();
        let to = log.clone();
        let level = Level::read(&Environment::default()).unwrap();
        let lines = super::super::lines(level, move || to.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            tracing::warn!(%event, problem, more = ?problem, "will be tried again");
        });
        let bytes = log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn one_line(text: &str) -> Value {
        let line = text.strip_suffix('\n').unwrap();
        assert!(!line.contains(is_unprintable), "{line}");
        assert!(text.len() <= LONGEST_LINE, "{} bytes", text.len());
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn an_ordinary_line_stays_as_it_is() {
        let line = one_line(&logged("order-1", "übergroß"));
        assert_eq!(line["event"], "order-1");
        assert_eq!(line["message"], "will be tried again");
        assert!(logged("order-1", "übergroß").contains("übergroß"));
    }

    #[test]
    fn hostile_words_cannot_forge_a_line_or_fill_the_log() {
        let forged = "x\"}}\n{\"level\":\"ERROR\",\"message\":\"policy refused\"}";
        let line = one_line(&logged(forged, "y"));
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["message"], "will be tried again");
        for hostile in
            ["\u{1b}[2J", "\u{9b}2J", "\u{7f}", "\u{85}", "\u{2028}{", "\u{202e}txt", "\0"]
        {
            one_line(&logged(hostile, hostile));
        }
        for size in [5_000, 1_000_000] {
            let line = one_line(&logged(&"e".repeat(size), &"\"\n".repeat(size)));
            assert!(line["event"].as_str().unwrap().len() <= 512);
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_from_outside_is_one_short_line(
            event in any::<String>(), problem in any::<String>(), times in 1_usize..300,
        ) {
            let line = one_line(&logged(&event.repeat(times), &problem.repeat(times)));
            prop_assert_eq!(&line["message"], "will be tried again");
        }
    }
}
