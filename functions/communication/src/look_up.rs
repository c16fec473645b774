//! A call whose end nobody knows, at a carrier that ignores keys and tells what it
//! has booked: it is asked, and a person only when it does not know.
//!
//! The intent stays on record while it is asked, and nothing is called again. That
//! the carrier knows of no booking proves nothing, since the call may yet arrive: it
//! is asked again, each time after as long as it has taken until then, and in the end
//! the task is held as without a look-up.

use crate::agent::repeat;
use flotilla_shipment::ports::{BookingRequest, CallError, Partners};
use flotilla_shipment::slot::Booking;
use flotilla_task::{Claimed, Clock, Failure, Reason, ReasonCode, TaskStore, Timestamp, WaitEnds};
use std::time::Duration;

/// The first look comes so long after the call must have ended; clocks differ.
pub(crate) const FIRST: Duration = Duration::from_secs(5);
/// After so long it is a person's.
const LAST: Duration = Duration::from_secs(3600);

/// The booking that the unexplained call made.
pub(crate) async fn explained<P: Partners, S: TaskStore, C: Clock>(
    partners: &P,
    task: &Claimed<'_, S, C>,
    request: &BookingRequest,
    ended: Timestamp,
) -> Result<Booking, Failure> {
    let carrier = &request.carrier;
    let waited = ended.until(task.now());
    if waited < FIRST {
        return Err(unexplained(carrier, FIRST - waited));
    }
    let problem = match partners.look_up(request).await {
        Ok(Some(booking)) => {
            let reference = &booking.reference;
            tracing::info!(carrier, reference, "the look-up found the booking");
            return Ok(booking);
        }
        Ok(None) => "it knows of no booking".to_owned(),
        Err(error @ (CallError::Postponed { .. } | CallError::Throttled { .. })) => {
            return Err(repeat(partners, &error));
        }
        Err(
            error @ (CallError::NotSent { .. }
            | CallError::Refused { .. }
            | CallError::Ambiguous { .. }),
        ) => error.to_string(),
    };
    if waited < LAST {
        return Err(unexplained(carrier, waited));
    }
    let text = format!("whether {carrier} has booked is unknown, also to its look-up: {problem}");
    Err(Failure::Hold(Reason::new(ReasonCode::Ambiguous, text)))
}

/// The task waits, with its intent on record.
pub(crate) fn unexplained(carrier: &str, delay: Duration) -> Failure {
    let text = format!("whether {carrier} has booked is unknown; it will be looked up");
    let reason = Reason::new(ReasonCode::Ambiguous, text);
    Failure::Wait { reason, delay, ends: WaitEnds::AtMoment }
}
