//! Lists the sources that are pulled: how far each was read, and what is wrong.

use crate::error::Error;
use flotilla_shipment::pull::Cursor;
use flotilla_shipment::sources::Sources;
use flotilla_shipment::words::{minutes_between, span};
use flotilla_task::Source;
use jiff::Timestamp;
use std::io::{self, Write};
use std::path::Path;

/// The names of the sources in a file, or in the one that is built in.
///
/// # Errors
/// [`Error::Usage`] when the file cannot be read.
pub fn names(file: Option<&Path>) -> Result<Vec<Source>, Error> {
    let sources = match file {
        Some(file) => {
            let shown = file.display().to_string();
            let text = std::fs::read_to_string(file)
                .map_err(|error| Error::usage(format!("{shown} cannot be read: {error}")))?;
            Sources::parse(&text, &shown).map_err(|error| Error::usage(error.to_string()))?
        }
        None => Sources::bundled().map_err(|error| Error::usage(error.to_string()))?,
    };
    // Whatever stands for {base} in their addresses: only their names count here.
    Ok(sources.pulled("https://base.invalid").into_iter().map(|(name, _)| name).collect())
}

/// Writes a line for each source, and one more for what is wrong with it. Says
/// whether all is well.
///
/// # Errors
/// When `out` cannot be written to.
pub fn tell(
    sources: &[(Source, Option<Cursor>)],
    now: Timestamp,
    out: &mut dyn Write,
) -> io::Result<bool> {
    let ago = |at: flotilla_task::Timestamp| span(minutes_between(at.into(), now));
    let mut good = true;
    for (name, cursor) in sources {
        let Some(cursor) = cursor else {
            writeln!(out, "{name}: never pulled")?;
            continue;
        };
        write!(out, "{name}: ")?;
        match &cursor.finished {
            Some(done) => write!(
                out,
                "read to its end {} ago, {} events on {} pages",
                ago(done.at),
                done.events,
                done.pages
            )?,
            None => write!(out, "not read to its end yet")?,
        }
        if let Some(run) = &cursor.run {
            write!(out, "; a pull has read {} events on {} pages", run.events, run.pages)?;
        }
        writeln!(out)?;
        if let Some(problem) = &cursor.problem {
            good = false;
            let (code, text, times) = (problem.code.as_str(), &problem.text, cursor.failures);
            writeln!(out, "  {code} {} ago: {text} ({times} in a row)", ago(problem.at))?;
        }
    }
    Ok(good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flotilla_shipment::pull::cursor::{Finished, Noted, Run};
    use flotilla_shipment::pull::problem::Code;

    #[test]
    fn a_source_is_listed_with_what_was_read_and_what_is_wrong() {
        let at = |minute: u64| flotilla_task::Timestamp::from_millis(minute * 60_000);
        let well = Cursor {
            finished: Some(Finished { at: at(50), pages: 3, events: 45 }),
            ..Cursor::default()
        };
        let run = Run {
            began_at: at(90),
            since: None,
            position: Some("/p2".to_owned()),
            pages: 1,
            events: 20,
            mark: None,
        };
        let noted = Noted { at: at(100), code: Code::Html, text: "a page for people".to_owned() };
        let broken =
            Cursor { run: Some(run), problem: Some(noted), failures: 2, ..Cursor::default() };
        let name = |name: &str| Source::new(name).unwrap();
        let all =
            [(name("urn:a"), Some(well)), (name("urn:b"), Some(broken)), (name("urn:c"), None)];
        let mut out = Vec::new();
        let good = tell(&all, at(120).into(), &mut out).unwrap();
        assert!(!good);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "urn:a: read to its end 1 h 10 min ago, 45 events on 3 pages\n\
             urn:b: not read to its end yet; a pull has read 20 events on 1 pages\n  \
             html 20 min ago: a page for people (2 in a row)\n\
             urn:c: never pulled\n"
        );
        assert!(names(None).unwrap().len() >= 4);
    }
}
