//! Logs: JSON lines on standard output, one for each decision that matters.
//!
//! ```text
//! {"level":"WARN","message":"waits for a person","task":"...","shipment":"...","stage":
//!  "communication","epoch":7,"trace_id":"...","request_id":"...","reason":"policy: ..."}
//! ```
//!
//! What a line is about stands in every line that is written while a record is worked
//! on ([`About`]), so that whoever logs names only what is new. The line of an
//! invocation is not written here: it is its record of [metrics](crate::metrics).

mod about;
mod guard;
mod level;
mod line;

pub use about::About;
pub(crate) use about::told_by;
pub use level::Level;

use crate::settings::{Environment, SettingError};
use guard::Guard;
use std::io::Write;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging as the settings say: see [`Level::read`].
///
/// The lines are JSON whatever `AWS_LAMBDA_LOG_FORMAT` says, because tools read
/// them; the time is left out, because CloudWatch stamps each line.
///
/// # Errors
/// [`SettingError`] when one of them is something else.
pub fn start(env: &Environment) -> Result<(), SettingError> {
    let lines = lines(Level::read(env)?, std::io::stdout);
    // A second start, in a test process, changes nothing.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    Ok(())
}

/// Events as lines of JSON to what `to` makes, as far as the level admits them.
pub fn lines<S, T, W>(level: Level, to: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    T: Write,
    W: Fn() -> T + Send + Sync + 'static,
{
    let admits = dynamic_filter_fn(move |line: &Metadata<'_>, _| level.admits(line))
        .with_max_level_hint(level.most());
    tracing_subscriber::fmt::layer()
        .event_format(line::Json)
        .with_writer(Guard(to))
        .with_filter(admits)
}
