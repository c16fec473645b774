//! The task protocol, pure: what a task is, which writes may change it, and
//! what a refused write means.
//!
//! No AWS type and no I/O stands here. The one function that changes state is
//! [`transition`]; the DynamoDB expressions in `functions/runtime` are written
//! from it, and the in-memory store runs it as it is. `PROTOCOL.md` beside this
//! crate tells the whole, with the test for each claim.

pub mod agent;
pub mod backoff;
pub mod clock;
pub mod command;
pub mod envelope;
pub mod epoch;
pub mod failure;
pub mod ids;
#[cfg(feature = "fakes")]
pub mod memory;
pub mod message;
pub mod pause;
pub mod record;
pub mod recovery;
pub mod replay;
pub mod settle;
pub mod stage;
pub mod store;
pub mod transition;
mod turn;

pub use agent::{Agent, Claimed, ClaimingAgent, Failure, WaitEnds, apply_surely};
pub use clock::{Clock, SystemClock, Timestamp};
pub use command::{Action, Answer, Command, Fence, NewTask, Next};
pub use epoch::Epoch;
pub use failure::{Reason, ReasonCode, safe};
pub use ids::{AttemptId, EventId, InvalidId, ShipmentId, Source, TaskId, Tenant, fingerprint};
pub use message::StageMessage;
pub use pause::{AgentPause, Pauses};
pub use record::{Checkpoints, Intent, Payload, Status, StatusKind, TaskRecord};
pub use recovery::{Remedy, remedy};
pub use replay::{Replay, replay};
pub use settle::{Delivery, Ending, Found, Pause, Settled};
pub use stage::Stage;
pub use store::{Outcome, StoreError, Stuck, TaskStore, Turns};
pub use transition::{Refusal, Transition, transition};
pub use turn::{Taken, Turn, Whose};
