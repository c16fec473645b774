//! What an address is for: the IANA registries of special-purpose addresses.

use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who can be reached at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Anybody on the internet.
    Public,
    /// Somebody in a private network: RFC 1918, carrier-grade NAT, unique local.
    Private,
    /// This machine.
    Loopback,
    /// This link, where clouds keep their metadata services.
    LinkLocal,
    /// Nobody or everybody, or one of the above by another name: unspecified,
    /// multicast, reserved, documentation, translated and tunnelled addresses.
    Special,
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Special => "not an address of one host on the internet",
        })
    }
}

impl Reach {
    /// Of an address. An IPv4 address written as an IPv6 one is special whatever it
    /// is: no honest name has it, and it would be the way around these tables.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => of_v4(v4),
            IpAddr::V6(v6) => of_v6(v6),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    let within = |networks: &[(Ipv4Addr, u8)]| {
        networks
            .iter()
            .any(|(network, prefix)| contains((*network).into(), *prefix, address.into()))
    };
    if address.is_loopback() {
        Reach::Loopback
    } else if address.is_link_local() {
        Reach::LinkLocal
    } else if address.is_private() || within(&[(Ipv4Addr::new(100, 64, 0, 0), 10)]) {
        Reach::Private
    } else if within(&[
        (Ipv4Addr::new(0, 0, 0, 0), 8),
        (Ipv4Addr::new(192, 0, 0, 0), 24),
        (Ipv4Addr::new(192, 0, 2, 0), 24),
        (Ipv4Addr::new(192, 88, 99, 0), 24),
        (Ipv4Addr::new(198, 18, 0, 0), 15),
        (Ipv4Addr::new(198, 51, 100, 0), 24),
        (Ipv4Addr::new(203, 0, 113, 0), 24),
        // Multicast, and everything reserved above it.
        (Ipv4Addr::new(224, 0, 0, 0), 3),
    ]) {
        Reach::Special
    } else {
        Reach::Public
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    let within = |network: Ipv6Addr, prefix| contains(network.into(), prefix, address.into());
    if address.is_loopback() {
        Reach::Loopback
    } else if address.is_unicast_link_local() {
        Reach::LinkLocal
    } else if address.is_unique_local() {
        Reach::Private
    } else if !within(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3)
        // Protocol assignments (Teredo among them), documentation, 6to4.
        || within(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23)
        || within(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32)
        || within(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16)
        || within(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20)
    {
        // Only 2000::/3 is given out. The rest is unspecified, multicast, or an IPv4
        // address in disguise: mapped, compatible, NAT64.
        Reach::Special
    } else {
        Reach::Public
    }
}

fn contains(network: IpAddr, prefix: u8, address: IpAddr) -> bool {
    IpNet::new(network, prefix).is_ok_and(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_network_is_known_by_its_first_and_last_address() {
        for (reach, addresses) in [
            (
                Reach::Public,
                "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.0 169.253.255.255 172.15.255.255 172.32.0.0 \
                 191.255.255.255 192.0.1.0 198.17.255.255 198.20.0.0 223.255.255.255 \
                 2001:200:: 2606:4700::1111 2a05:d018::1 3ffe:ffff::1 2003::1",
            ),
            (
                Reach::Private,
                "10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255 \
                 100.64.0.0 100.127.255.255 fc00:: fdff:ffff::1 fd00:ec2::254",
            ),
            (Reach::Loopback, "127.0.0.0 127.0.0.1 127.255.255.255 ::1"),
            (Reach::LinkLocal, "169.254.0.0 169.254.169.254 169.254.255.255 fe80::1 febf::1"),
            (
                Reach::Special,
                "0.0.0.0 0.255.255.255 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.0 198.19.255.255 \
                 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 \
                 :: ::2 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 \
                 64:ff9b::8.8.8.8 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:1ff:ffff::1 \
                 2001:db8::1 2002:7f00:1::1 3fff::1 3fff:fff::1 4000::1 5f00::1 fec0::1 ff02::1",
            ),
        ] {
            for address in addresses.split_whitespace() {
                assert_eq!(Reach::of(address.parse().unwrap()), reach, "{address}");
            }
        }
    }
}
