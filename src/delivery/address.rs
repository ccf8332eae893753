//! Which network addresses a delivery may be sent to.
//!
//! It judges addresses, not names: a resolver asks it about every address a name has, and refuses the name when one of
//! them is forbidden.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether this process may send to itself. Only development and tests say [`Loopback::Allowed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Loopback {
    /// Loopback is as forbidden as every other private address.
    #[default]
    Refused,
    /// `127.0.0.0/8` and `::1`, written as such, are admitted. Nothing else is loosened.
    Allowed,
}

/// Whether nothing may be sent to this address: private, loopback, link-local, shared (CGNAT), multicast, documentation,
/// benchmark, reserved or unspecified, or an IPv6 address that stands for such an IPv4 one.
///
/// A resolver passes [`Loopback::Refused`] whatever the switch says: the switch admits addresses, never names.
pub fn is_forbidden(address: IpAddr, loopback: Loopback) -> bool {
    let admitted = loopback == Loopback::Allowed && address.is_loopback();
    !admitted
        && match address {
            IpAddr::V4(v4) => is_special_v4(v4),
            IpAddr::V6(v6) => is_special_v6(v6),
        }
}

/// The IPv4 blocks of the IANA special-purpose registry, multicast and the reserved top, as (network, prefix length).
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),           // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared address space (CGNAT)
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, cloud metadata
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays, withdrawn
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
];

fn is_special_v4(address: Ipv4Addr) -> bool {
    SPECIAL_V4.iter().any(|&(network, prefix)| (address.to_bits() ^ network.to_bits()) >> (32 - prefix) == 0)
}

/// The parts of `2000::/3` that are not ordinary unicast, as (network, prefix length).
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments: Teredo, benchmarks, ORCHID
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: an IPv4 address in disguise, withdrawn
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Only global unicast (`2000::/3`) is ordinary: unspecified, loopback, IPv4-compatible, unique local, link-local,
/// multicast, local NAT64 and everything not yet assigned lie outside it.
fn is_special_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = embedded_v4(address) {
        return is_special_v4(v4);
    }
    let global_unicast = address.to_bits() >> 125 == 0b001;
    !global_unicast
        || SPECIAL_V6.iter().any(|&(network, prefix)| (address.to_bits() ^ network.to_bits()) >> (128 - prefix) == 0)
}

/// The IPv4 address that a connection to `address` really reaches: IPv4-mapped (`::ffff:0:0/96`), or NAT64's well-known
/// prefix (`64:ff9b::/96`), which a host without IPv4 gets for every name.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
