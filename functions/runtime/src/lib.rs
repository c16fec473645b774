//! The AWS side of the fleet: the batch loop, the DynamoDB store, SQS, HTTP,
//! telemetry and settings. SDK types stop here.

pub mod aws;
pub mod batch;
pub mod function;
pub mod meter;
pub mod metrics;
pub mod outbound;
pub mod parking;
pub mod partners;
pub mod policy;
pub mod queue;
pub mod records;
pub mod refreshed;
pub mod secrets;
pub mod service;
pub mod settings;
pub mod signed;
pub mod sources;
pub mod stage;
pub mod store;
pub mod table;
pub mod telemetry;
pub mod tls;
pub mod trace;
pub mod webhook;

pub use function::Function;
pub use service::Service;
