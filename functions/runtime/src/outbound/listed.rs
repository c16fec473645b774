//! What a deployment allows beyond public addresses: `OUTBOUND_PRIVATE`.

use super::address::Reach;
use ipnet::IpNet;
use std::net::IpAddr;
use std::str::FromStr;

/// One entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Listed {
    /// A host by name. It may be at a private address. That a name is trusted does
    /// not make this machine or the metadata service a partner, so those take a
    /// network.
    Host(String),
    /// A network or a single address, whatever it is for.
    Network(IpNet),
}

impl Listed {
    /// Whether it allows a host, called so, at that address.
    pub(super) fn allows(&self, host: &str, address: IpAddr) -> bool {
        match self {
            Self::Host(name) => {
                Reach::of(address) == Reach::Private && name.eq_ignore_ascii_case(host)
            }
            Self::Network(network) => network.contains(&address),
        }
    }
}

/// Neither a host name, nor an address, nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotListed;

impl FromStr for Listed {
    type Err = NotListed;

    fn from_str(text: &str) -> Result<Self, NotListed> {
        if let Ok(network) = text.parse::<IpNet>() {
            // 10.0.0.7/8 is more than whoever wrote it may have meant.
            let exact = network.trunc() == network;
            return if exact { Ok(Self::Network(network)) } else { Err(NotListed) };
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        let label = |label: &str| {
            let ends = !label.starts_with('-') && !label.ends_with('-');
            let letters = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            ends && letters && (1..=63).contains(&label.len())
        };
        let last = text.rsplit('.').next().unwrap_or_default();
        // A name that ends in a number is an address that does not parse.
        let numeric = last.bytes().all(|b| b.is_ascii_digit());
        if text.len() <= 253 && text.split('.').all(label) && !numeric {
            Ok(Self::Host(text.to_owned()))
        } else {
            Err(NotListed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_addresses_and_networks_are_told_apart_and_nothing_else_passes() {
        let network = |text: &str| Ok(Listed::Network(text.parse().unwrap()));
        assert_eq!("10.1.0.0/16".parse(), network("10.1.0.0/16"));
        assert_eq!("10.1.2.3".parse(), network("10.1.2.3/32"));
        assert_eq!("fd00::1".parse(), network("fd00::1/128"));
        let host = Listed::Host("carrier.corp.internal".to_owned());
        assert_eq!("carrier.corp.internal".parse(), Ok(host));
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.0.0.7/8",
            "10.0.0",
            "10.0.0.256",
            "a b",
            "*",
            "*.corp",
            "a..b",
            "-a",
            "http://a",
            "a/b",
            "fd00::/129",
            "fd00:::1",
            "a.1",
        ] {
            assert_eq!(wrong.parse::<Listed>(), Err(NotListed), "{wrong}");
        }
    }

    #[test]
    fn a_name_allows_private_addresses_and_not_the_metadata_service() {
        let host: Listed = "carrier.internal".parse().unwrap();
        assert!(host.allows("CARRIER.internal", "10.0.0.1".parse().unwrap()));
        assert!(!host.allows("other.internal", "10.0.0.1".parse().unwrap()));
        for address in ["169.254.169.254", "127.0.0.1", "::1", "0.0.0.0", "::ffff:10.0.0.1"] {
            assert!(!host.allows("carrier.internal", address.parse().unwrap()), "{address}");
        }
    }
}
