//! Which addresses of the network may be called for somebody else: those of the public internet, and what the operator allows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::web::client_ip::Network;

/// IPv4 networks that are not the public internet: the IANA special-purpose registry (RFC 6890 and its updates), multicast and what
/// is reserved.
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 16] = [
    // This network; connecting to 0.0.0.0 reaches this machine.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Carrier-grade NAT, RFC 6598.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local; cloud providers answer with credentials at 169.254.169.254.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    // 6to4 relays.
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, with the broadcast address.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    // A cloud provider's metadata and platform services at a public address.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
];

/// The only IPv6 network whose addresses are given out to the internet.
const GLOBAL_UNICAST_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// IPv6 networks of it that are not the public internet.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    // IETF protocol assignments: Teredo, ORCHID, benchmarking.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4: an IPv4 address in disguise, by relays that nobody should use any more (RFC 7526).
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// The well-known prefix of NAT64 (RFC 6052): networks without IPv4 reach all of it through these addresses.
const NAT64_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether `address` may be called: it is public, or the operator allows it.
pub(crate) fn is_allowed(address: IpAddr, allowed: &[Network]) -> bool {
    let address = address.to_canonical();
    is_public(address) || allowed.iter().any(|network| network.contains(address))
}

/// Whether `address` is one of the public internet: none that IANA's registries keep for special purposes, nor one that carries such an IPv4
/// address inside.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) if is_in_v6(v6, NAT64_V6) => {
            let [.., a, b, c, d] = v6.octets();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        IpAddr::V6(v6) => {
            is_in_v6(v6, GLOBAL_UNICAST_V6)
                && !NOT_PUBLIC_V6.iter().any(|network| is_in_v6(v6, *network))
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !NOT_PUBLIC_V4
        .iter()
        .any(|(network, prefix_bits)| same_prefix(address, *network, *prefix_bits))
}

fn same_prefix(a: Ipv4Addr, b: Ipv4Addr, prefix_bits: u32) -> bool {
    (a.to_bits() ^ b.to_bits()).leading_zeros() >= prefix_bits
}

fn is_in_v6(address: Ipv6Addr, (network, prefix_bits): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ network.to_bits()).leading_zeros() >= prefix_bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(address: &str, allowed: &[&str]) -> bool {
        let allowed: Vec<Network> = allowed.iter().map(|n| n.parse().unwrap()).collect();
        is_allowed(address.parse().unwrap(), &allowed)
    }

    #[test]
    fn the_public_internet_and_nothing_else() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "128.0.0.1",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
        ] {
            assert!(allows(address, &[]), "{address}");
        }
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a00:1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:101:101::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!allows(address, &[]), "{address}");
        }
    }

    #[test]
    fn the_operator_s_list_opens_what_it_names_and_no_more() {
        let list = ["127.0.0.1/32", "fd00::/8"];
        assert!(allows("127.0.0.1", &list));
        assert!(allows("::ffff:127.0.0.1", &list));
        assert!(allows("fd12::1", &list));
        for address in ["127.0.0.2", "::1", "10.0.0.1", "64:ff9b::7f00:1"] {
            assert!(!allows(address, &list), "{address}");
        }
    }
}
