//! What a surge measured, as the planner takes it.

use crate::counts::float;
use crate::error::Error;
use crate::surge::measured::{Bin, Measured};
use flotilla_plan::calibrate::{Handled, Run, Stretch};
use std::path::Path;

/// Reads a `measured.json`.
///
/// # Errors
/// [`Error::Usage`] with line and column of what is no such file.
pub(super) fn read(path: &Path) -> Result<Run, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, &error))?;
    let measured = serde_json::from_str(&text).map_err(|error| Error::file(path, &error))?;
    let run = run(&measured);
    if run.stretches.iter().all(|one| one.completed == 0.0) {
        let nothing = "it measured no completed task, so there is nothing to learn from it";
        return Err(Error::file(path, &nothing));
    }
    Ok(run)
}

fn run(measured: &Measured) -> Run {
    let services = measured.stages.iter().filter_map(|(stage, sum)| {
        let fit = sum.service?;
        Some((*stage, (fit.base_ms / 1e3, fit.record_ms / 1e3)))
    });
    let units = measured.stages.iter().filter(|(_, sum)| sum.records > 0);
    Run {
        stretch: measured.bin_seconds,
        stretches: measured.bins.iter().map(stretch).collect(),
        services: services.collect(),
        write_units: units
            .map(|(stage, sum)| (*stage, sum.write_units / float(sum.records)))
            .collect(),
        is_machine: measured.emulator.as_ref().is_some_and(|emulator| emulator.is_the_limit),
    }
}

fn stretch(bin: &Bin) -> Stretch {
    let handled = bin.stages.iter().map(|(stage, own)| {
        let handled = Handled {
            waiting: float(own.waiting),
            records: float(own.records),
            concurrency: own.concurrency,
        };
        (*stage, handled)
    });
    Stretch { due: float(bin.due), completed: float(bin.completed), stages: handled.collect() }
}
