//! Makes the plan, writes what is for machines, and tells people.

use super::arguments::{Asked, PlanArguments};
use super::compare::compare;
use super::page;
use crate::error::Error;
use crate::report::{prepare, write_json};
use flotilla_plan::{Plan, overrides, schedule, tell};
use std::io::Write;
use std::path::Path;

/// Does it and says whether the plan keeps the goal and nothing needs a person before it.
///
/// # Errors
/// [`Error::Usage`] names what is wrong with a file, an option or the deployment that they
/// describe, before anything is computed.
pub fn run(arguments: PlanArguments, json: bool, out: &mut dyn Write) -> Result<bool, Error> {
    let asked = arguments.read()?;
    if let Some([first, second]) = &asked.predict {
        return compare(&asked, first, second, json, out);
    }
    let Asked { request, book, out: directory, .. } = &asked;
    let plan = Plan::make(request, book).map_err(|error| Error::usage(error.to_string()))?;
    let forecast = &request.forecast;
    let report = directory.join("report.html");
    prepare(&report)?;
    write(&report, &page::page(&plan, forecast)?)?;
    write(&directory.join("picture.svg"), &page::picture(&plan)?)?;
    write_json(&directory.join("plan.json"), &plan)?;
    let parameters = overrides::parameters(&plan, forecast);
    write(&directory.join("parameters.txt"), &format!("{}\n", overrides::line(&parameters)))?;
    let template = schedule::template(&plan, forecast);
    if let Some(template) = &template {
        write(&directory.join("schedule.yaml"), template)?;
    }
    if json {
        tell_json(&plan, out)?;
    } else {
        writeln!(out, "{}", tell::text(&plan, forecast))?;
        writeln!(out, "Deploy it with")?;
        let line = tell::wrapped(&overrides::line(&parameters), "      ", "      ");
        writeln!(out, "  sam deploy --parameter-overrides \\\n{}", line.replace('\n', " \\\n"))?;
        if template.is_some() {
            let file = directory.join("schedule.yaml");
            writeln!(out, "  and {}: what the clock keeps ready", file.display())?;
        }
        writeln!(out, "\nThe whole plan is in {}.", report.display())?;
    }
    Ok(plan.is_settled())
}

pub(super) fn tell_json(value: &impl serde::Serialize, out: &mut dyn Write) -> Result<(), Error> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| Error::usage(error.to_string()))?;
    Ok(writeln!(out, "{text}")?)
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(|error| Error::file(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        plan: PlanArguments,
    }

    fn told(words: &[&str], json: bool) -> Result<(bool, String), String> {
        let line = Line::try_parse_from(["plan"].iter().chain(words)).unwrap();
        let mut out = Vec::new();
        let good = run(line.plan, json, &mut out).map_err(|error| error.to_string())?;
        Ok((good, String::from_utf8(out).unwrap()))
    }

    #[test]
    fn a_forecast_becomes_words_files_and_one_json_document() {
        let directory = std::env::temp_dir().join(format!("{}-plan", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let forecast = directory.join("day.csv");
        std::fs::write(
            &forecast,
            "time,rate\n0,20\n0:10,20\n0:11,600\n0:20,600\n0:21,20\n1:00,20\n",
        )
        .unwrap();
        let words =
            ["--out", directory.to_str().unwrap(), "--forecast", forecast.to_str().unwrap()];
        let (good, text) = told(&words, false).unwrap();
        assert!(good && text.contains("WarmWriteUnits=") && text.contains("day: "), "{text}");
        let (_, json) = told(&words, true).unwrap();
        let plan: Plan = serde_json::from_str(&json).unwrap();
        assert!(plan.planned.keeps_goal && plan.events > 300_000.0);
        for file in ["report.html", "picture.svg", "plan.json", "parameters.txt"] {
            assert!(directory.join(file).exists(), "{file}");
        }
        assert!(!directory.join("schedule.yaml").exists(), "the forecast says no date");
        std::fs::write(&forecast, "time,rate\n0,20\n60,-1\n").unwrap();
        let error = told(&words, false).unwrap_err();
        assert!(error.contains("day.csv: line 3, column 4: rate: -1 is negative"), "{error}");
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
