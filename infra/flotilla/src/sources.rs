//! Lists the sources that are pulled: how far each was read, and what is wrong.

use crate::answer::{self, moment};
use crate::cloud::Cloud;
use crate::error::Error;
use crate::operator::Wishes;
use flotilla_shipment::pull::Cursor;
use flotilla_shipment::sources::Sources;
use flotilla_shipment::words::{minutes_between, span};
use flotilla_task::Source;
use jiff::Timestamp;
use serde_json::{Value, json};
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

/// How far a source was read, and what is wrong with it; none was never pulled.
type Read = (Source, Option<Cursor>);

/// Lists those of a deployed fleet, and says whether all is well.
///
/// # Errors
/// [`Error`] when they cannot be read or shown.
pub async fn run(wishes: &Wishes, file: Option<&Path>, out: &mut dyn Write) -> Result<bool, Error> {
    let names = names(file)?;
    let cloud = Cloud::connect(&wishes.stack).await?;
    let mut read = Vec::new();
    for name in names {
        let cursor = cloud.cursor(&name).await?;
        read.push((name, cursor));
    }
    if wishes.json {
        answer::json(&document(&read), out)?;
        return Ok(read.iter().flat_map(|(_, cursor)| cursor).all(|read| read.problem.is_none()));
    }
    Ok(tell(&read, Timestamp::now(), out)?)
}

/// For programs.
fn document(sources: &[Read]) -> Value {
    let source = |(name, cursor): &Read| {
        let cursor = cursor.as_ref();
        json!({
            "source": name.as_str(),
            "finished": cursor.and_then(|read| read.finished.as_ref()).map(|done| {
                json!({"at": moment(done.at), "events": done.events, "pages": done.pages})
            }),
            "under_way": cursor.and_then(|read| read.run.as_ref()).map(|run| {
                json!({"since": moment(run.began_at), "events": run.events, "pages": run.pages})
            }),
            "problem": cursor.and_then(|read| read.problem.as_ref()).map(|noted| {
                json!({"code": noted.code.as_str(), "text": noted.text, "at": moment(noted.at)})
            }),
            "failures": cursor.map_or(0, |read| read.failures),
        })
    };
    json!({"sources": sources.iter().map(source).collect::<Vec<_>>()})
}

/// Writes a line for each source, and one more for what is wrong with it. Says
/// whether all is well.
///
/// # Errors
/// When `out` cannot be written to.
pub fn tell(sources: &[Read], now: Timestamp, out: &mut dyn Write) -> io::Result<bool> {
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
        let document = document(&all);
        let listed = document["sources"].as_array().unwrap();
        assert_eq!(listed.len(), 3);
        assert_eq!(
            (&listed[0]["finished"]["events"], &listed[0]["problem"]),
            (&json!(45), &Value::Null)
        );
        assert_eq!(listed[1]["under_way"]["since"], "1970-01-01T01:30:00Z");
        assert_eq!(
            (&listed[1]["problem"]["code"], &listed[1]["failures"]),
            (&json!("html"), &json!(2))
        );
        assert_eq!((&listed[2]["source"], &listed[2]["finished"]), (&json!("urn:c"), &Value::Null));
        assert!(names(None).unwrap().len() >= 4);
    }
}
