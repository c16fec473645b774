//! The messages of a round, from a seed: tracking events, some of them malformed, some
//! sent twice. Both sides are sent the same bytes.

use super::Error;
use flotilla_task::{
    Action, AttemptId, Clock, Command, EventId, NewTask, Payload, ShipmentId, Source, StageMessage,
    SystemClock, TaskId, TaskRecord, Transition, transition,
};
use serde_json::{Value, json};

/// One in so many messages is malformed.
const MALFORMED: usize = 50;
/// One in so many messages is a copy of another.
const COPIED: usize = 20;

/// Milestones that an order's shipment may reach.
const MILESTONES: [&str; 5] = ["picked_up", "departed", "arrived", "delayed", "delivered"];
/// Places as senders write them; all are known.
const PLACES: [&str; 6] = ["DEHAM", "nl rtm", "ATVIE", "de ber", "AEJEA", "DEFRA"];
/// Offsets that have to become UTC.
const OFFSETS: [&str; 4] = ["Z", "+01:00", "-05:00", "+05:30"];

/// What can be wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It breaks off.
    NotJson,
    /// Its milestone is none.
    Milestone,
    /// Its time is none.
    Time,
    /// It has not happened yet.
    Future,
}

const FLAWS: [Flaw; 4] = [Flaw::NotJson, Flaw::Milestone, Flaw::Time, Flaw::Future];

/// A task that exists, and the message that calls for it.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// What made it.
    pub(super) create: Command,
    /// As it stands before the message comes.
    pub(super) task: TaskRecord,
    /// The message.
    pub(super) body: String,
    /// What is wrong with it.
    pub(super) flaw: Option<Flaw>,
}

/// A round's tasks and messages.
#[derive(Debug)]
pub(super) struct Round {
    /// The tasks, each of another shipment.
    pub(super) jobs: Vec<Job>,
    /// Which job's message is sent, in order; a copy's is sent twice.
    pub(super) sent: Vec<usize>,
}

impl Round {
    /// So many messages, the same for the same seed and number.
    pub(super) fn new(seed: u64, number: u64, messages: usize) -> Result<Self, Error> {
        let mut dice = fastrand::Rng::with_seed(seed.wrapping_add(number << 32));
        let (malformed, copies) = (messages / MALFORMED, messages / COPIED);
        let good = messages - malformed - copies;
        let mut jobs = Vec::new();
        for at in 0..good + malformed {
            let flaw = at.checked_sub(good).and_then(|at| FLAWS.get(at % FLAWS.len()).copied());
            jobs.push(job(number, at, flaw, &mut dice)?);
        }
        // What is malformed is not copied: each of them fails once.
        let mut sent: Vec<_> = (0..jobs.len()).collect();
        sent.extend((0..copies).map(|_| dice.usize(0..good)));
        dice.shuffle(&mut sent);
        Ok(Self { jobs, sent })
    }

    /// Jobs that can be done.
    pub(super) fn good(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|job| job.flaw.is_none())
    }

    /// Messages that cannot be used.
    pub(super) fn malformed(&self) -> usize {
        self.jobs.iter().filter(|job| job.flaw.is_some()).count()
    }

    /// The messages in the order in which they are sent.
    pub(super) fn bodies(&self) -> Vec<&str> {
        self.sent.iter().filter_map(|at| self.jobs.get(*at)).map(|job| job.body.as_str()).collect()
    }
}

/// What the order of every shipment says; both sides have it in their tables.
pub(super) fn order() -> Value {
    json!({
        "from": "NLRTM", "to": "DEBER", "g": 2400, "value": "99.80 EUR",
        "promised": "2026-11-30T17:00:00Z", "level": "standard",
    })
}

fn job(number: u64, at: usize, flaw: Option<Flaw>, dice: &mut fastrand::Rng) -> Result<Job, Error> {
    let shipment = ShipmentId::new(format!("SHP-{number:03}{at:05}"))?;
    let source = Source::new("urn:bench:tracking")?;
    let event = EventId::new(format!("{number}-{at}"))?;
    let payload = Payload::from_json(tracking(flaw, dice).to_string());
    let create = Command {
        task: TaskId::derive(&source, &event, &shipment),
        by: AttemptId::from_bits(dice.u64(..)),
        now: SystemClock.now(),
        action: Action::Create(NewTask {
            shipment,
            tenant: None,
            source,
            event,
            payload,
            trace: Some(format!("00-{:032x}-{:016x}-00", dice.u128(1..), dice.u64(1..))),
        }),
    };
    let Transition::Applied(task) = transition(None, &create) else {
        return Err("a task that is not there was not made".into());
    };
    let mut body = StageMessage::stored_in(&task).to_json()?;
    if flaw == Some(Flaw::NotJson) {
        body.truncate(body.len() / 2);
    }
    Ok(Job { create, task, body, flaw })
}

fn tracking(flaw: Option<Flaw>, dice: &mut fastrand::Rng) -> Value {
    let mut pick = |from: &[&'static str]| from.get(dice.usize(..from.len())).copied();
    let (milestone, place, offset) = (pick(&MILESTONES), pick(&PLACES), pick(&OFFSETS));
    let offset = offset.unwrap_or_default();
    let (day, minute) = (dice.u8(1..=20), dice.u8(..60));
    let milestone = if flaw == Some(Flaw::Milestone) { Some("teleported") } else { milestone };
    let occurred_at = match flaw {
        Some(Flaw::Time) => "yesterday at noon".to_owned(),
        Some(Flaw::Future) => "2999-01-01T00:00:00Z".to_owned(),
        Some(Flaw::NotJson | Flaw::Milestone) | None => {
            format!("2026-11-{day:02}T08:{minute:02}:30.250{offset}")
        }
    };
    // An estimate for what has not happened yet would be refused for itself.
    let estimate = (flaw != Some(Flaw::Future))
        .then(|| format!("2026-11-{:02}T18:{minute:02}:00{offset}", day + 8));
    json!({"tracking": {
        "milestone": milestone, "occurred_at": occurred_at, "place": place,
        "estimated_arrival": estimate,
    }})
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_round_has_its_share_of_malformed_messages_and_of_copies() {
        let round = Round::new(1, 2, 400).unwrap();
        assert_eq!((round.sent.len(), round.good().count(), round.malformed()), (400, 372, 8));
        let different: BTreeSet<_> = round.bodies().into_iter().collect();
        assert_eq!(different.len(), 380, "twenty are sent twice");
    }

    #[test]
    fn the_same_seed_makes_the_same_messages_and_another_others() {
        let bodies = |seed, number| {
            let round = Round::new(seed, number, 100).unwrap();
            round.bodies().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(bodies(1, 2), bodies(1, 2));
        assert_ne!(bodies(1, 2), bodies(2, 2));
        assert_ne!(bodies(1, 2), bodies(1, 3));
    }

    #[test]
    fn what_is_malformed_is_so_in_the_way_it_says() {
        let round = Round::new(1, 2, 400).unwrap();
        let body = |flaw| &round.jobs.iter().find(|job| job.flaw == Some(flaw)).unwrap().body;
        assert!(serde_json::from_str::<Value>(body(Flaw::NotJson)).is_err());
        for (flaw, says) in
            [(Flaw::Milestone, "teleported"), (Flaw::Time, "yesterday"), (Flaw::Future, "2999-")]
        {
            assert!(body(flaw).contains(says));
            assert!(serde_json::from_str::<Value>(body(flaw)).is_ok());
        }
    }
}
