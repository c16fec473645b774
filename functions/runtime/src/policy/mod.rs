//! The policy in production: changed without a deployment, and never by a mistake.
//!
//! `POLICY_PARAMETER` names an SSM parameter, which holds where the document is:
//! `s3://BUCKET/KEY`, or `s3://BUCKET/KEY?versionId=ID` to name one version of it for
//! good. A [`LivePolicy`] looks there when the function starts and every
//! `POLICY_REFRESH_SECONDS` after. A document that is no policy is refused and told
//! at every look, and the one before it stays.
//!
//! An environment that starts while the newest document is a wrong one has no policy
//! before it in memory. It finds one in the parameter's own history: SSM keeps what
//! the parameter held before. Where nothing there is a policy either, the function
//! does not start: to decide by rules that nobody chose would cost money, and waiting
//! does not. Only a parameter that does not exist yet leaves the one built in.

mod follow;
mod live;
mod location;

pub use follow::{Documents, Refusal};
pub use live::LivePolicy;
