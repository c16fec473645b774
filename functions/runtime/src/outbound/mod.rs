//! Calls that leave the fleet: to whom, over what, and how much of an answer is read.
//!
//! An [`Outbound`] is the deployment's settings. A [`Client`] made from it calls the
//! origins it was made for and no other, over TLS, follows no redirect, uses no
//! proxy of the environment, and connects to public addresses only. The addresses
//! it connects to are the ones it has judged: nothing is resolved twice, so a name
//! that changes its address in between gains nothing.
//!
//! What is not allowed is a [`Refusal`]. It is told apart from a network that fails,
//! because no retry helps: [`Refusal::within`] finds it in an error of `reqwest`.

mod address;
pub mod body;
mod cause;
mod client;
mod listed;
mod refusal;
mod resolver;
mod retry_after;
mod settings;

pub use address::Reach;
pub use cause::innermost;
pub use client::{BuildError, Client};
pub use refusal::Refusal;
pub use retry_after::retry_after;
pub use settings::Outbound;
