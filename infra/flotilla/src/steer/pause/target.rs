//! Whom a pause is about, and what is told while Lambda switches it.

use crate::directory;
use crate::error::Error;
use crate::progress;
use clap::Args;
use flotilla_task::Stage;
use std::path::{Path, PathBuf};

/// Whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::steer) enum Target {
    /// One of the five.
    Agent(Stage),
    /// One that the partners file names.
    Partner(String),
}

/// Whom a pause or its end is about, as the command line names it.
#[derive(Debug, Args)]
pub(in crate::steer) struct Who {
    /// An agent (ingestion, processing, decision, communication, state), or `partner`.
    #[arg(value_name = "AGENT|partner")]
    what: String,
    /// The partner's id: a carrier's, dispatch or customer.
    name: Option<String>,
    /// The fleet's file of partners, if it has one of its own.
    #[arg(long, env = "PARTNERS_FILE", value_name = "FILE")]
    partners: Option<PathBuf>,
}

impl Who {
    /// Whom that is. `verb` is the command's.
    ///
    /// # Errors
    /// [`Error::Usage`] lists those that there are.
    pub(in crate::steer) fn target(&self, verb: &str) -> Result<Target, Error> {
        Target::read(verb, &self.what, self.name.as_deref(), self.partners.as_deref())
    }
}

impl Target {
    /// Reads `AGENT` or `partner NAME`. `verb` is the command's.
    ///
    /// # Errors
    /// [`Error::Usage`] lists those that there are.
    fn read(
        verb: &str,
        what: &str,
        name: Option<&str>,
        file: Option<&Path>,
    ) -> Result<Self, Error> {
        if what == "partner" {
            let known = directory::names(file)?;
            let list = known.join(", ");
            return match name {
                Some(name) if known.iter().any(|known| known == name) => {
                    Ok(Self::Partner(name.to_owned()))
                }
                Some(name) => Err(Error::usage(format!(
                    "there is no partner {name:?}, only {list}; a fleet with a partners file of \
                     its own names it with --partners"
                ))),
                None => Err(Error::usage(format!("which partner? One of {list}"))),
            };
        }
        let Some(stage) = Stage::from_name(what) else {
            let agents = Stage::ALL.map(Stage::as_str).join(", ");
            return Err(Error::usage(format!(
                "there is no agent {what:?}, only {agents}; a partner: flotilla {verb} partner NAME"
            )));
        };
        match name {
            None => Ok(Self::Agent(stage)),
            Some(name) => Err(Error::usage(format!(
                "{verb} {stage} takes no name, got {name:?}; a partner: flotilla {verb} partner NAME"
            ))),
        }
    }
}

/// What Lambda says while it changes what polls an agent's queue.
pub(in crate::steer) fn said(stage: Stage) -> impl FnMut(&str) {
    move |state| progress::say(&format!("{stage}: Lambda says {state} ..."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(what: &str, name: Option<&str>) -> Result<Target, String> {
        Target::read("pause", what, name, None).map_err(|error| error.to_string())
    }

    #[test]
    fn agents_and_partners_are_found_and_others_are_told_which_there_are() {
        assert_eq!(read("state", None), Ok(Target::Agent(Stage::State)));
        for name in ["steady", "swift", "tortoise", "dispatch", "customer"] {
            assert_eq!(read("partner", Some(name)), Ok(Target::Partner(name.to_owned())));
        }
        let said = read("partner", Some("stedy")).unwrap_err();
        let list = "no partner \"stedy\", only customer, dispatch, steady, swift, tortoise";
        assert!(said.contains(list), "{said}");
        assert!(read("partner", None).unwrap_err().starts_with("which partner?"));
        let said = read("swift", None).unwrap_err();
        assert!(said.contains("only ingestion, processing,"), "{said}");
        assert!(said.contains("flotilla pause partner NAME"), "{said}");
        assert!(read("state", Some("swift")).unwrap_err().contains("takes no name"));
    }

    #[test]
    fn a_fleet_with_a_file_of_its_own_has_its_own_partners() {
        let file = std::env::temp_dir().join(format!("partners-{}.toml", std::process::id()));
        std::fs::write(&file, directory::BUILT_IN.replace("\"steady\"", "\"sturdy\"")).unwrap();
        let named = Target::read("pause", "partner", Some("sturdy"), Some(&file)).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(named, Target::Partner("sturdy".to_owned()));
        let missing = Target::read("pause", "partner", Some("sturdy"), Some(&file));
        assert!(missing.unwrap_err().to_string().contains(&file.display().to_string()));
    }
}
