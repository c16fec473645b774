//! The table for people and `report.json` for machines.

use crate::figure::{Figure, Goal};
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// Figures that belong together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// Its heading.
    pub name: &'static str,
    /// Its numbers.
    pub figures: Vec<Figure>,
    /// How long it took to measure.
    pub seconds: f64,
}

/// Everything that a run has measured.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Report {
    /// In the order in which they were measured.
    pub sections: Vec<Section>,
}

impl Display for Report {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for section in &self.sections {
            writeln!(out, "\n{} ({:.0} s)", section.name, section.seconds)?;
            for figure in &section.figures {
                let verdict = match figure.met() {
                    Some(true) => "met",
                    Some(false) => "MISSED",
                    None => "",
                };
                let goal = goal(figure.goal);
                let value = number(figure.value);
                let line = format!(
                    "  {:66} {value:>8} {:14} {goal:14} {verdict:6} {}",
                    figure.what, figure.unit, figure.note
                );
                writeln!(out, "{}", line.trim_end())?;
            }
        }
        Ok(())
    }
}

fn goal(goal: Goal) -> String {
    match goal {
        Goal::AtMost(most) => format!("at most {}", number(most)),
        Goal::AtLeast(least) => format!("at least {}", number(least)),
        Goal::Told => String::new(),
    }
}

/// As many digits as say something.
fn number(value: f64) -> String {
    if value.is_nan() {
        // It was not measured, and its note says why.
        "-".to_owned()
    } else if value.fract().abs() < 1e-9 {
        format!("{value:.0}")
    } else if value.abs() < 10.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_goal_is_told_as_missed() {
        let figures = vec![
            Figure::told("write units", 6.0, "units").goal(Goal::AtMost(6.0)),
            Figure::told("overhead", 1.734, "x").goal(Goal::AtMost(1.5)).note("of 41 us"),
        ];
        let section = Section { name: "counts", figures, seconds: 1.2 };
        let text = Report { sections: vec![section] }.to_string();
        let line = |word: &str| text.lines().find(|line| line.contains(word)).unwrap().to_owned();
        assert!(line("write units").contains("at most 6 ") && line("write units").contains("met"));
        assert!(line("overhead").contains("1.73 x") && line("overhead").contains("MISSED"));
    }
}
