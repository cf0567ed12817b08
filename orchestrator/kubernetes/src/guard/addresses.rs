//! Kinds of addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What may be reached besides the public network. Link-local addresses, which clouds serve credentials at, never are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    /// This host: for clusters on a laptop.
    pub allow_loopback: bool,
    /// RFC 1918, RFC 6598 and RFC 4193: for clusters in one's own network.
    pub allow_private: bool,
}

/// Metadata services outside of the link-local range: Amazon's and Google's on IPv6, Alibaba's, Oracle's.
const METADATA: [IpAddr; 4] = [
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
];

impl AddressPolicy {
    /// Why an address may not be connected to; none if it may.
    #[must_use]
    pub fn refusal(self, address: IpAddr) -> Option<&'static str> {
        let address = unmapped(address);
        if METADATA.contains(&address) {
            return Some("it is a cloud's metadata service");
        }
        if is_never_a_server(address) {
            return Some("it is link-local, multicast or unspecified");
        }
        if address.is_loopback() && !self.allow_loopback {
            return Some("it is this host, which the configuration does not allow");
        }
        if is_private(address) && !self.allow_private {
            return Some("it is a private network, which the configuration does not allow");
        }
        None
    }
}

/// An IPv4 address that is written as IPv6: mapped, compatible, or through NAT64.
fn unmapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let embedded = |segments: [u16; 8]| Ipv4Addr::from((u32::from(segments[6]) << 16) | u32::from(segments[7]));
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => IpAddr::V4(embedded(v6.segments())),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => IpAddr::V4(embedded(v6.segments())),
        [0x2002, high, low, ..] => IpAddr::V4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))),
        _ => address,
    }
}

fn is_never_a_server(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_multicast() || v4.octets()[0] == 0 || v4.octets()[0] >= 240,
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6.is_multicast() || v6.is_unspecified(),
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_private() || first == 100 && (64..128).contains(&second) || first == 198 && (18..20).contains(&second)
        }
        // Unique local, and site-local, which came before it.
        IpAddr::V6(v6) => v6.is_unique_local() || v6.segments()[0] & 0xffc0 == 0xfec0,
    }
}

#[cfg(test)]
mod tests;
