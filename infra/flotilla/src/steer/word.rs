//! An operator's word on a call that may or may not have happened.

use clap::Args;
use flotilla_shipment::effect::{BOOK, Made, RELEASED};
use flotilla_shipment::payload::Decided;
use flotilla_shipment::quantity::Decimal;
use flotilla_task::{Answer, Intent, TaskRecord};

/// What the operator found out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub struct Word {
    /// The unexplained call did happen: the carrier's reference of the booking.
    #[arg(long, value_name = "REFERENCE", requires = "cost", conflicts_with = "not_done")]
    pub done: Option<String>,
    /// What the carrier asks for it, in the carrier's currency, such as 18.40.
    #[arg(long, value_name = "AMOUNT", requires = "done", value_parser = cents)]
    pub cost: Option<i64>,
    /// The unexplained call did not happen: it is made again.
    #[arg(long)]
    pub not_done: bool,
}

/// Cents of an amount of money.
fn cents(text: &str) -> Result<i64, String> {
    let amount = text.parse::<Decimal>().map_err(|error| error.to_string())?;
    let cents = amount.exactly(2).filter(|cents| *cents >= 0);
    cents.ok_or_else(|| "expected an amount of at least 0 with up to two decimals".to_owned())
}

impl Word {
    /// The protocol's answer for that task, in the form that its agent would have
    /// noted itself. `by` consents where the policy asks for a person.
    ///
    /// # Errors
    /// Words that say what is missing, or why it makes no sense here.
    pub fn answer(&self, record: &TaskRecord, by: &str) -> Result<Option<Answer>, String> {
        let said = self.done.as_deref().zip(self.cost);
        let Some(intent) = &record.intent else {
            return if said.is_none() && !self.not_done {
                Ok(None)
            } else {
                Err("it made no call that is unexplained: release it without --done and \
                     --not-done"
                    .to_owned())
            };
        };
        match (intent.effect.as_str(), said) {
            (RELEASED, None) if !self.not_done => {
                Ok(Some(Answer::Done { result: format!("operator {by}") }))
            }
            (RELEASED, _) => Err("it waits for a person's consent and has made no call: release \
                                  it without --done and --not-done, or cancel it"
                .to_owned()),
            (_, None) if self.not_done => Ok(Some(Answer::NotDone)),
            (_, None) => Err(question(record, intent)),
            (BOOK, Some((reference, cost))) => booked(record, reference, cost).map(Some),
            (other, Some(_)) => Err(format!(
                "this command cannot write what {other:?} would have left; a newer \
                             release of it may know it"
            )),
        }
    }
}

/// What a person is asked.
fn question(record: &TaskRecord, intent: &Intent) -> String {
    let decided = record.payload.read::<Decided>().ok();
    let choice = decided.as_ref().and_then(|decided| decided.decision.action.booking());
    let whose = choice.map_or_else(String::new, |choice| format!(" at {}", choice.carrier));
    let since = super::words::moment(intent.until);
    format!(
        "whether its call {:?}{whose} happened is unknown. Ask there what they know of shipment \
         {} (the call was over by {since}), then release it with --done REFERENCE --cost AMOUNT, \
         or with --not-done, which makes the call again",
        intent.effect, record.shipment
    )
}

fn booked(record: &TaskRecord, reference: &str, cost: i64) -> Result<Answer, String> {
    let cannot = |why: String| format!("the booking cannot be written for it: {why}");
    let decided: Decided = record.payload.read().map_err(|error| cannot(error.to_string()))?;
    let made = Made::of(&decided, reference, cost).map_err(|error| cannot(error.to_string()))?;
    let result = serde_json::to_string(&made).map_err(|error| cannot(error.to_string()))?;
    Ok(Answer::Done { result })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steer::samples;
    use flotilla_task::Timestamp;
    use serde_json::{Value, json};

    fn unexplained(effect: &str) -> TaskRecord {
        let until = Timestamp::from_millis(1_795_000_000_000);
        TaskRecord {
            intent: Some(Intent { effect: effect.to_owned(), until }),
            ..samples::held(
                &json!({"book": {"carrier": "tortoise", "service": "economy", "cost": 778}}),
            )
        }
    }

    fn word(done: Option<(&str, i64)>, not_done: bool) -> Word {
        Word {
            done: done.map(|(reference, _)| reference.to_owned()),
            cost: done.map(|(_, cost)| cost),
            not_done,
        }
    }

    #[test]
    fn a_booking_is_written_as_the_agent_would_have() {
        let record = unexplained(BOOK);
        let answer = word(Some(("TT-1", 950)), false).answer(&record, "ada").unwrap();
        let Some(Answer::Done { result }) = answer else { panic!("{answer:?}") };
        let wanted = json!({"generation": 1, "booking": {
            "carrier": "tortoise", "service": "economy", "reference": "TT-1", "cost_cents": 950,
        }});
        assert_eq!(serde_json::from_str::<Value>(&result).unwrap(), wanted);
        let not = word(None, true).answer(&record, "ada").unwrap();
        assert_eq!(not, Some(Answer::NotDone));
    }

    #[test]
    fn a_call_of_unknown_end_is_asked_about_by_name() {
        let asked = word(None, false).answer(&unexplained(BOOK), "ada").unwrap_err();
        assert!(asked.starts_with("whether its call \"book\" at tortoise happened"), "{asked}");
        assert!(asked.contains("--done REFERENCE --cost AMOUNT"), "{asked}");
        let unknown = unexplained("tell_customs");
        let said = word(Some(("R", 1)), false).answer(&unknown, "ada").unwrap_err();
        assert!(said.contains("\"tell_customs\""), "{said}");
        assert_eq!(word(None, true).answer(&unknown, "ada").unwrap(), Some(Answer::NotDone));
    }

    #[test]
    fn a_word_that_cannot_be_meant_is_refused() {
        let calm = TaskRecord { intent: None, ..unexplained(BOOK) };
        assert_eq!(word(None, false).answer(&calm, "ada"), Ok(None));
        for wrong in [word(None, true), word(Some(("R", 1)), false)] {
            assert!(wrong.answer(&calm, "ada").unwrap_err().contains("no call"), "{wrong:?}");
            let consent = unexplained(RELEASED);
            assert!(wrong.answer(&consent, "ada").unwrap_err().contains("consent"), "{wrong:?}");
        }
        let long = "x".repeat(65);
        let error = word(Some((&long, 1)), false).answer(&unexplained(BOOK), "ada").unwrap_err();
        assert!(error.contains("reference: expected up to 64"), "{error}");
        let mut empty = unexplained(BOOK);
        empty.payload = flotilla_task::Payload::none();
        let error = word(Some(("R", 1)), false).answer(&empty, "ada").unwrap_err();
        assert!(error.contains("cannot be written for it: invalid_field: payload"), "{error}");
    }

    #[test]
    fn consent_to_what_the_policy_holds_is_the_release_itself() {
        let answer = word(None, false).answer(&unexplained(RELEASED), "ada").unwrap();
        assert_eq!(answer, Some(Answer::Done { result: "operator ada".to_owned() }));
    }

    #[test]
    fn money_is_read_to_the_cent() {
        assert_eq!(cents("18.40"), Ok(1840));
        assert_eq!(cents("18"), Ok(1800));
        for wrong in ["18.405", "-1", "free", ""] {
            assert!(cents(wrong).is_err(), "{wrong}");
        }
    }
}
