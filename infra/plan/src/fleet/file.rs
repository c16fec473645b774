//! Settings from a file, over what is assumed and what the template deploys.
//!
//! ```text
//! tasks = 1.6                       [state]
//! calls = 0.2                       base_ms = 20
//! batch = 10                        record_ms = 5
//! window = 0                        maximum_concurrency = 50
//! account = 1000                    pollers = [2, 20]     # instead of it
//! warm_writes = 4000                reserved = 50
//! [partner]
//! rate = 1000
//! ```

use super::{Setup, Work};
use crate::network::Pollers;
use crate::place::located;
use flotilla_task::Stage as Agent;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tasks: Option<f64>,
    calls: Option<f64>,
    bytes: Option<f64>,
    memory_mb: Option<f64>,
    hottest: Option<f64>,
    batch: Option<u32>,
    window: Option<f64>,
    fifo_groups: Option<f64>,
    account: Option<f64>,
    warm_writes: Option<f64>,
    warm_reads: Option<f64>,
    partner: Option<PartnerFile>,
    ingestion: Option<Spanned<AgentFile>>,
    processing: Option<Spanned<AgentFile>>,
    decision: Option<Spanned<AgentFile>>,
    communication: Option<Spanned<AgentFile>>,
    state: Option<Spanned<AgentFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartnerFile {
    rate: Option<f64>,
    at_once: Option<f64>,
    #[serde(default)]
    outages: Vec<(f64, f64)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentFile {
    base_ms: Option<f64>,
    record_ms: Option<f64>,
    cold_ms: Option<f64>,
    failure: Option<f64>,
    write_units: Option<f64>,
    read_units: Option<f64>,
    maximum_concurrency: Option<Spanned<f64>>,
    pollers: Option<Spanned<(f64, f64)>>,
    reserved: Option<Spanned<f64>>,
}

/// Lays a file's settings over others.
///
/// # Errors
/// In words, with line and column, what is no setting or goes together with no other.
pub fn lay_over(text: &str, work: &mut Work, setup: &mut Setup) -> Result<(), String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let set = |to: &mut f64, from: Option<f64>| *to = from.unwrap_or(*to);
    set(&mut work.tasks, file.tasks);
    set(&mut work.calls, file.calls);
    set(&mut work.bytes, file.bytes);
    set(&mut work.memory_mb, file.memory_mb);
    set(&mut work.hottest, file.hottest);
    set(&mut setup.window, file.window);
    set(&mut setup.account, file.account);
    set(&mut setup.warm.writes, file.warm_writes);
    set(&mut setup.warm.reads, file.warm_reads);
    setup.batch = file.batch.unwrap_or(setup.batch);
    setup.fifo_groups = file.fifo_groups.or(setup.fifo_groups);
    if let Some(partner) = file.partner {
        set(&mut work.partner.rate, partner.rate);
        set(&mut work.partner.at_once, partner.at_once);
        work.partner.outages = partner.outages;
    }
    let agents = BTreeMap::from([
        (Agent::Ingestion, file.ingestion),
        (Agent::Processing, file.processing),
        (Agent::Decision, file.decision),
        (Agent::Communication, file.communication),
        (Agent::State, file.state),
    ]);
    for (agent, own) in agents {
        let Some(own) = own.map(Spanned::into_inner) else { continue };
        if let Some(labour) = work.agents.get_mut(&agent) {
            set(&mut labour.base, own.base_ms.map(|ms| ms / 1e3));
            set(&mut labour.record, own.record_ms.map(|ms| ms / 1e3));
            set(&mut labour.cold, own.cold_ms.map(|ms| ms / 1e3));
            set(&mut labour.failure, own.failure);
            set(&mut labour.units.writes, own.write_units);
            set(&mut labour.units.reads, own.read_units);
        }
        if let (Some(pollers), Some(_)) = (&own.pollers, &own.maximum_concurrency) {
            let problem = "provisioned pollers and maximum_concurrency exclude each other; leave one of them away";
            return Err(located(text, &pollers.span(), &format!("{agent}.pollers"), problem));
        }
        if let Some(most) = &own.maximum_concurrency {
            setup.pollers.insert(agent, Pollers::Shared { most: Some(*most.get_ref()) });
        }
        if let Some(pollers) = &own.pollers {
            let (least, most) = *pollers.get_ref();
            setup.pollers.insert(agent, Pollers::Provisioned { least, most });
        }
        let usable = match setup.pollers.get(&agent) {
            Some(Pollers::Shared { most: Some(most) }) => *most,
            Some(Pollers::Provisioned { most, .. }) => most * 10.0,
            Some(Pollers::Shared { most: None } | Pollers::Fixed { .. }) | None => 1250.0,
        };
        if let Some(reserved) = &own.reserved
            && *reserved.get_ref() < usable
        {
            let problem = format!(
                "{} is below the {usable} that its pollers may use: a throttled receive counts, and messages would reach the dead-letter queue unprocessed; reserve {usable} at least",
                reserved.get_ref()
            );
            return Err(located(text, &reserved.span(), &format!("{agent}.reserved"), &problem));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Book, Limits};

    fn read(text: &str) -> Result<(Work, Setup), String> {
        let limits = Limits::of(&Book::included().unwrap()).unwrap();
        let (mut work, mut setup) = (Work::assumed(), Setup::of_the_template(&limits));
        lay_over(text, &mut work, &mut setup)?;
        Ok((work, setup))
    }

    #[test]
    fn settings_are_laid_over_what_is_assumed() {
        let (work, setup) =
            read("calls = 0.5\nbatch = 5\n[state]\nbase_ms = 40\npollers = [2, 20]").unwrap();
        assert_eq!((work.calls, setup.batch, work.agents[&Agent::State].base), (0.5, 5, 0.04));
        assert_eq!(setup.pollers[&Agent::State], Pollers::Provisioned { least: 2.0, most: 20.0 });
        assert_eq!(work.tasks, Work::assumed().tasks);
    }

    #[test]
    fn what_excludes_each_other_is_refused_by_name_and_place() {
        for (text, place) in [
            (
                "[state]\nmaximum_concurrency = 20\npollers = [2, 20]",
                "line 3, column 11: state.pollers: ",
            ),
            (
                "[decision]\nmaximum_concurrency = 20\nreserved = 10",
                "line 3, column 12: decision.reserved: 10 is below the 20",
            ),
            ("batsch = 3", "line 1, column 1"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(place), "{error}");
        }
    }

    /// Everything that a network would be refused for, by the name of the setting.
    #[test]
    fn what_aws_refuses_is_named_before_anything_is_computed() {
        let limits = Limits::of(&Book::included().unwrap()).unwrap();
        for (text, said) in [
            ("fifo_groups = 100\nwindow = 1", "batch window: 1 s, and batches of a FIFO queue"),
            ("fifo_groups = 100\nbatch = 20", "batch size: 20, and batches of a FIFO queue"),
            ("batch = 20", "batch size: 20, and batches of more than 10 have to wait"),
            ("batch = 20000\nwindow = 1", "batch size: 20000, and 10000 is the most"),
            ("[state]\nmaximum_concurrency = 1", "state: MaximumConcurrency: 1, and 2 to 1000"),
            ("[state]\npollers = [9, 3]", "state: provisioned pollers: the minimum of 9 is above"),
            (
                "[state]\npollers = [300, 300]",
                "state: provisioned pollers: a minimum of 300, and 200",
            ),
            ("[state]\nbase_ms = -1", "state: service time: -0.001 is no number"),
            ("[state]\nbase_ms = 40000", "state: visibility timeout: 180 s"),
            ("[state]\nfailure = 1", "state: failures: 1 is no share"),
            ("warm_writes = 50000", "warm throughput: 50000 write units a second"),
            ("hottest = 2", "hottest key: 2 is no share"),
        ] {
            let (work, setup) = read(text).unwrap();
            let problems = setup.network(&work, &limits).problems();
            let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
            assert!(words.iter().any(|words| words.contains(said)), "{said}: {words:?}");
        }
    }
}
