//! What the fleet remembers of shipments and lanes, in DynamoDB: the adapters
//! behind `flotilla_shipment::ports`. One conditional write per file.
//!
//! | partition | sort key | what |
//! |---|---|---|
//! | `ID#<scheme>:<value>` | `OWNER` | whose an identifier is |
//! | `ID#<scheme>:<value>` | `CHILD#<scheme>:<value>` | when that load was last put into this one and taken out |
//! | `ID#<scheme>:<value>` | `CHILD#*` | when this load was last emptied |
//! | `ID#<scheme>:<value>` | `SEEN#<time>#<hash>` | an event of a load that holds others |
//! | `ID#<scheme>:<value>` | `PARKED#<hash>` | an event that came before anybody said whose its load is |
//! | `SHIPMENT#<id>` | `ORDER` | what the newest order says, from processing on |
//! | `SHIPMENT#<id>` | `SHIPMENT` | the newest known state |
//! | `SHIPMENT#<id>` | `SLOT#main` | which booking is live |
//! | `SHIPMENT#<id>` | `CONTACT` | personal data, only here; or since when it is forgotten |
//! | `SHIPMENT#<id>` | `DECISION#<time>#<task>` | the decision log |
//! | `SHIPMENT#<id>` | `OUTCOME#main#<generation>` | a booking's outcome was counted |
//! | `LANE#<origin>-<destination>`, with `#<shard>` from the second on | `WEEK#<year>W<week>#<carrier>#<service>` | what was learned from that week's deliveries |
//! | `PARTNER#<id>` | `BREAKER` | whether a partner is left alone, by its breaker or by a person; written only when that changes |
//! | `PARTNER#<id>` | `RATE` | what of its rate is taken; only where it has one |
//! | `SOURCE#<name>` | `CURSOR` | how far a source was read, and who may go on |

mod answers;
mod contact;
mod cursors;
mod decisions;
mod forget;
mod identifiers;
mod index;
pub mod keys;
mod lanes;
mod lanes_shared;
mod loads;
mod orders;
mod outcomes;
mod parking;
mod partner_breaker;
mod partner_pause;
mod partner_rate;
mod partner_resume;
mod partners;
mod recall;
mod shipment;
mod slot_free;
pub mod slot_item;
mod slot_reserve;
mod slot_settle;
mod slots;

pub use lanes_shared::SharedLanes;

use crate::table::Table;
use flotilla_task::{Clock, SystemClock, Timestamp};
use std::time::Duration;

/// The records of shipments and lanes.
#[derive(Debug, Clone)]
pub struct Records {
    table: Table,
    horizon: Duration,
}

impl Records {
    /// Records in that table. What belongs to a task that has ended expires
    /// after the horizon.
    #[must_use]
    pub const fn new(table: Table, horizon: Duration) -> Self {
        Self { table, horizon }
    }

    fn now() -> Timestamp {
        SystemClock.now()
    }
}
