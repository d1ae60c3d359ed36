//! Which IP addresses are on the public internet, and may therefore be sent to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is on the public internet.
///
/// Private, loopback, link-local, unspecified, multicast, documentation, benchmark and reserved addresses are not (IANA
/// special-purpose registries, RFC 6890), and neither is an IPv6 address that carries an IPv4 address (mapped,
/// compatible, 6to4, Teredo), whichever that is. Only NAT64's well-known prefix `64:ff9b::/96` (RFC 6052) is as public as
/// the IPv4 address in it: a machine that has IPv6 alone reaches some push services no other way.
///
/// # Example
///
/// ```
/// use tidings_server::address::is_public;
///
/// assert!(is_public("142.250.1.1".parse()?));
/// assert!(!is_public("169.254.169.254".parse()?));
/// assert!(!is_public("::ffff:142.250.1.1".parse()?));
/// assert!(is_public("64:ff9b::142.250.1.1".parse()?) && !is_public("64:ff9b::127.0.0.1".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        [0 | 10 | 127, ..] => true,
        [100, 64..=127, ..] => true, // shared by providers, RFC 6598
        [169, 254, ..] => true,      // link-local, where clouds keep their metadata
        [172, 16..=31, ..] => true,  // private, RFC 1918
        [192, 0, 0 | 2, _] => true,  // protocol assignments, documentation
        [192, 31, 196, _] => true,   // AS112
        [192, 52, 193, _] => true,   // automatic multicast tunnelling
        [192, 88, 99, _] => true,    // 6to4 relays
        [192, 168, ..] => true,      // private
        [192, 175, 48, _] => true,   // AS112
        [198, 18..=19, ..] => true,  // benchmarks
        [198, 51, 100, _] => true,   // documentation
        [203, 0, 113, _] => true,    // documentation
        [224..=255, ..] => true,     // multicast, reserved, broadcast
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))) // NAT64
        }
        [0x2001, 0..=0x01ff, ..] => false, // protocol assignments, with Teredo and ORCHID
        [0x2001, 0x0db8, ..] => false,     // documentation
        [0x2002, ..] => false,             // 6to4
        [0x3fff, 0..=0x0fff, ..] => false, // documentation
        [0x2000..=0x3fff, ..] => true,     // all that is assigned to the internet
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_public_addresses_from_others() {
        let public =
            ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "223.255.255.1"];
        let public_v6 =
            ["2a00:1450:4001:81b::200a", "2606:4700:4700::1111", "2001:4860:4860::8888", "64:ff9b::8.8.8.8"];
        for text in public.iter().chain(&public_v6) {
            assert!(is_public(text.parse().expect("an address")), "{text}");
        }
        let other = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
        ];
        let other_v6 = [
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::8.8.8.8",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for text in other.iter().chain(&other_v6) {
            assert!(!is_public(text.parse().expect("an address")), "{text}");
        }
    }
}
