//! Secrets, which settings and data name and never hold.
//!
//! A [`Reference`] says where a secret is, a [`Secret`] is what it says and shows
//! itself to nobody, and a [`Vault`] has them: fetched when the function starts, and
//! again every `SECRETS_REFRESH_SECONDS`. When that fails the old one stays, because
//! a partner that still takes it must not be lost to an outage of another service.

mod reference;
mod secret;
mod vault;

pub use reference::{Reference, ReferenceError};
pub use secret::Secret;
pub use vault::{Fetch, Vault, VaultError};
