//! A call that the deployment's settings do not allow.

use super::address::Reach;
use std::error::Error;
use std::net::IpAddr;

/// A call that is not made. Nothing was sent, and a retry does not help: either
/// somebody outside named a place that is not theirs to name, or a setting is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a URL with a host.
    #[error("{0:?} is not a URL with a host")]
    NotAUrl(String),
    /// Without TLS, to a host that is not this machine.
    #[error("{host}: only https is allowed")]
    Plain {
        /// The host.
        host: String,
    },
    /// A name or password in the URL, which would end in logs.
    #[error("{host}: a URL with a user or password in it is not called")]
    UserInfo {
        /// The host.
        host: String,
    },
    /// Not one of the configured partners and sources.
    #[error("{origin} is not among the configured partners and sources")]
    Elsewhere {
        /// Scheme, host and port.
        origin: String,
    },
    /// At an address where no partner is.
    #[error("{host} is at {address}, which is {reach}; {setting} does not allow it")]
    Address {
        /// The host as it was named.
        host: String,
        /// Where it is.
        address: IpAddr,
        /// What that address is for.
        reach: Reach,
        /// The setting that could allow it.
        setting: &'static str,
    },
}

impl Refusal {
    /// The refusal that made a call fail, where one did. An error without one is the
    /// network's or the other side's.
    #[must_use]
    pub fn within<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            cause = error.source();
        }
        None
    }
}
