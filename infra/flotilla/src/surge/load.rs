//! The messages of a load: a made-up day, each message of it due when the profile
//! says so.

use super::profile::Profile;
use crate::error::Error;
use crate::generate::{self, Crowd, Message, Plan, Settings};
use jiff::Timestamp;

/// So many events a shipment, as in the demo's day.
const EVENTS_A_SHIPMENT: u32 = 6;
/// How often a day of the right size is looked for.
const TRIES: u32 = 12;

/// What to send, and when.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Load {
    /// The day. Its messages are in the order in which they are due.
    pub(super) plan: Plan,
    /// When each message is due, in seconds after the profile began.
    pub(super) due: Vec<f64>,
}

/// Whose load it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// Where the dice start.
    pub(super) seed: u64,
    /// The run's name.
    pub(super) run: String,
    /// When the day ends.
    pub(super) until: Timestamp,
    /// How unevenly the events are spread.
    pub(super) crowd: Crowd,
}

impl Load {
    /// Makes up a day with exactly as many messages as the profile has.
    ///
    /// # Errors
    /// [`Error::Usage`] when no day has so few.
    pub(super) fn new(profile: &Profile, wanted: &Wanted) -> Result<Self, Error> {
        let messages = profile.messages();
        let mut plan = largest_within(messages, wanted)?;
        fill(&mut plan, messages, wanted.seed);
        Ok(Self { plan, due: profile.due() })
    }

    /// When the first copy of each entry is due; none for one that is never sent.
    #[must_use]
    pub(super) fn first_due(&self) -> Vec<Option<f64>> {
        let mut first = vec![None; self.plan.entries.len()];
        for (message, due) in self.plan.messages.iter().zip(&self.due) {
            if let Some(first) = first.get_mut(message.entry) {
                first.get_or_insert(*due);
            }
        }
        first
    }
}

/// The largest day that is found with at most so many messages. How many messages the
/// events come to depends on the dice, so it is tried.
fn largest_within(messages: usize, wanted: &Wanted) -> Result<Plan, Error> {
    let Wanted { seed, run, until, crowd } = wanted.clone();
    let mut events = u32::try_from(messages).unwrap_or(u32::MAX);
    let mut best: Option<Plan> = None;
    let mut problem = String::new();
    for _ in 0..TRIES {
        let shipments = events / EVENTS_A_SHIPMENT;
        let settings = Settings { shipments, events, seed, run: run.clone(), until, crowd };
        let plan = match generate::plan(&settings) {
            Ok(plan) => plan,
            Err(error) => {
                problem = error.to_string();
                break;
            }
        };
        let found = plan.messages.len();
        let fits = found <= messages;
        if fits && best.as_ref().is_none_or(|best| best.messages.len() < found) {
            best = Some(plan);
        }
        if fits && messages - found <= messages / 100 {
            break;
        }
        events = next(events, found, messages);
    }
    best.ok_or_else(|| {
        let text = format!("the profile has {messages} messages, too few for a day: {problem}");
        Error::usage(text)
    })
}

/// In proportion, and a little less.
fn next(events: u32, found: usize, messages: usize) -> u32 {
    let wanted = u64::from(events) * messages as u64 * 995 / (found.max(1) as u64 * 1000);
    u32::try_from(wanted).unwrap_or(u32::MAX)
}

/// What is missing is made up with further copies, which the fleet has to tell apart
/// from news anyway. Nothing that is refused is copied: each copy would be refused.
fn fill(plan: &mut Plan, messages: usize, seed: u64) {
    let mut dice = fastrand::Rng::with_seed(seed ^ 0x636f_7079);
    let good =
        |message: &&Message| plan.entries.get(message.entry).is_some_and(|entry| !entry.is_bad());
    let originals: Vec<Message> = plan.messages.iter().filter(good).cloned().collect();
    while plan.messages.len() < messages {
        let Some(original) = dice.choice(&originals) else { return };
        let share = (original.share + dice.f64() * 0.05).min(1.0);
        plan.messages.push(Message { entry: original.entry, share });
    }
    plan.messages.sort_by(|a, b| a.share.total_cmp(&b.share));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Noisy;
    use crate::surge::profile::{Shape, Sizes};

    fn wanted() -> Wanted {
        let noisy = Some(Noisy { tenant: "acme", factor: 10 });
        let crowd = Crowd { noisy, hot_shipment: 3, hot_lane: 20, prompt: true };
        let until = "2026-11-27T08:00:00Z".parse().unwrap();
        Wanted { seed: 7, run: "t".to_owned(), until, crowd }
    }

    fn friday(peak: f64) -> Profile {
        let sizes = Sizes { rate: 4.0, peak, duration: 60.0 };
        Shape::BlackFriday.profile(sizes).unwrap()
    }

    #[test]
    fn a_load_has_exactly_the_messages_of_its_profile_at_its_times() {
        for peak in [12.0, 60.0, 150.0] {
            let profile = friday(peak);
            let load = Load::new(&profile, &wanted()).unwrap();
            assert_eq!(load.plan.messages.len(), profile.messages());
            assert_eq!(load.due, profile.due());
            assert_eq!(load, Load::new(&profile, &wanted()).unwrap(), "the same seed again");
            assert!(load.plan.messages.is_sorted_by(|a, b| a.share <= b.share));
            let copies = load.plan.messages.len() - load.plan.entries.len();
            assert!(copies * 6 < load.plan.entries.len(), "{copies} copies");
        }
    }

    #[test]
    fn events_come_well_after_their_orders_and_are_due_when_the_first_copy_is() {
        let profile = friday(60.0);
        let load = Load::new(&profile, &wanted()).unwrap();
        let due = load.first_due();
        assert!(due.iter().all(Option::is_some));
        let mut early = 0;
        let entries = || load.plan.entries.iter().zip(&due);
        for (order, ordered) in entries().filter(|(entry, _)| entry.events[0].what == "order") {
            let shipment = order.events[0].expected.shipments().next().unwrap();
            early += entries()
                .filter(|(entry, due)| {
                    let about = entry.events.iter().flat_map(|event| event.expected.shipments());
                    *due < ordered && about.into_iter().any(|other| other == shipment)
                })
                .count();
        }
        assert!(early * 20 < load.plan.entries.len(), "{early} before their order");
    }

    #[test]
    fn a_profile_that_is_too_small_for_a_day_is_named() {
        let error = Load::new(&friday(4.0), &wanted()).unwrap();
        assert_eq!(error.plan.messages.len(), 240);
        let sizes = Sizes { rate: 1.0, peak: 1.0, duration: 20.0 };
        let profile = Shape::Steady.profile(sizes).unwrap();
        let error = Load::new(&profile, &wanted()).unwrap_err().to_string();
        assert!(error.starts_with("the profile has 20 messages, too few for a day: "), "{error}");
    }
}
