//! What communication notes of the effects of a task under their names, and what a
//! person writes in its place when nobody knows whether one happened.

use crate::Invalid;
use crate::payload::Decided;
use crate::slot::{Booking, Generation, MAX_REFERENCE_BYTES};
use serde::{Deserialize, Serialize};

/// A booking's checkpoint and intent; its result is a [`Made`].
pub const BOOK: &str = "book";
/// The checkpoint and intent of a person's consent to go on, where the policy asks
/// for one. Any result will do.
pub const RELEASED: &str = "released";

/// The result under [`BOOK`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The generation of the slot that it was made for.
    pub generation: Generation,
    /// What the carrier agreed to.
    pub booking: Booking,
}

impl Made {
    /// The booking that a decision asked for, as the carrier's books show it: its
    /// reference there, and its price in cents of the carrier's currency.
    ///
    /// # Errors
    /// [`Invalid`] when the decision asks for no booking, or no carrier has such a
    /// reference.
    pub fn of(decided: &Decided, reference: &str, cost_cents: i64) -> Result<Self, Invalid> {
        let decision = &decided.decision;
        let Some(choice) = decision.action.booking() else {
            let text = format!("the decision is to {}: it books nothing", decision.action.kind());
            return Err(Invalid::new("decision.action", text));
        };
        let printable = reference.chars().all(|c| c.is_ascii_graphic());
        if reference.is_empty() || reference.len() > MAX_REFERENCE_BYTES || !printable {
            let text = format!(
                "expected up to {MAX_REFERENCE_BYTES} printable characters without spaces, got {}",
                crate::invalid::quoted(reference)
            );
            return Err(Invalid::new("reference", text));
        }
        let booking = Booking {
            carrier: choice.carrier.clone(),
            service: choice.service.clone(),
            via: choice.via.clone(),
            reference: reference.to_owned(),
            cost_cents,
        };
        Ok(Self { generation: decision.decided_on.next(), booking })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Action;
    use crate::samples::{decided, order, policy};

    #[test]
    fn a_persons_word_is_the_booking_that_was_decided() {
        let decision = decided(&policy(), &order(), &[]);
        let mut asked = order().decided(decision);
        let made = Made::of(&asked, "TT-4711", 950).unwrap();
        let choice = asked.decision.action.booking().unwrap();
        assert_eq!(
            (&made.booking.carrier, &made.booking.service),
            (&choice.carrier, &choice.service)
        );
        assert_eq!((made.booking.reference.as_str(), made.booking.cost_cents), ("TT-4711", 950));
        assert_eq!(made.generation, asked.decision.decided_on.next());
        for bad in ["", "two words", &"x".repeat(65), "line\n"] {
            let problem = Made::of(&asked, bad, 950).unwrap_err();
            assert_eq!(problem.field, "reference", "{bad:?}");
        }
        asked.decision.action = Action::Notify;
        let problem = Made::of(&asked, "TT-4711", 950).unwrap_err().to_string();
        assert_eq!(problem, "decision.action: the decision is to notify: it books nothing");
    }
}
