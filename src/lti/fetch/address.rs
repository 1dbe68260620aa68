//! Which addresses are somebody's on the public internet, by the registries of special-purpose addresses.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The loopback networks (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3).
pub const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];
/// The networks that anybody may use inside (RFC 1918, RFC 4193).
pub const PRIVATE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(a: u16, b: u16, c: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

/// The IANA IPv4 Special-Purpose Address Registry, with multicast and class E.
const SPECIAL_V4: [Ipv4Net; 18] = [
    v4(0, 0, 0, 0, 8),       // this network
    v4(10, 0, 0, 0, 8),      // private
    v4(100, 64, 0, 0, 10),   // shared between a carrier's customers
    v4(127, 0, 0, 0, 8),     // loopback
    v4(169, 254, 0, 0, 16),  // link-local, and the metadata of clouds
    v4(172, 16, 0, 0, 12),   // private
    v4(192, 0, 0, 0, 24),    // protocol assignments
    v4(192, 0, 2, 0, 24),    // documentation
    v4(192, 31, 196, 0, 24), // AS112
    v4(192, 52, 193, 0, 24), // AMT
    v4(192, 88, 99, 0, 24),  // 6to4 relays
    v4(192, 168, 0, 0, 16),  // private
    v4(192, 175, 48, 0, 24), // AS112
    v4(198, 18, 0, 0, 15),   // benchmarks
    v4(198, 51, 100, 0, 24), // documentation
    v4(203, 0, 113, 0, 24),  // documentation
    v4(224, 0, 0, 0, 4),     // multicast
    v4(240, 0, 0, 0, 4),     // class E, and broadcast
];

/// All of IPv6 that is assigned to hosts (RFC 4291 section 2.4). What lies outside is loopback, link-local, unique
/// local, multicast, an IPv4 address in disguise (mapped, compatible, NAT64), or nobody's.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// What the IANA IPv6 Special-Purpose Address Registry takes out of it.
const SPECIAL_V6: [Ipv6Net; 5] = [
    v6(0x2001, 0, 0, 23),           // protocol assignments: Teredo, benchmarks, ORCHID
    v6(0x2001, 0x0db8, 0, 32),      // documentation
    v6(0x2002, 0, 0, 16),           // 6to4: an IPv4 address in disguise
    v6(0x2620, 0x004f, 0x8000, 48), // AS112
    v6(0x3fff, 0, 0, 20),           // documentation
];

/// Whether an address is a host's on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|network| network.contains(&address))
        }
    }
}

/// Reads what the setting `outgoing_allow` names: `loopback`, `private`, addresses and networks, with commas between
/// them. Fails with the word that is none of these.
pub fn networks(list: &str) -> Result<Vec<IpNet>, String> {
    let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
    let texts = words.flat_map(|word| match word {
        "loopback" => LOOPBACK.to_vec(),
        "private" => PRIVATE.to_vec(),
        other => vec![other],
    });
    let network = |text: &str| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    texts.map(|text| network(text).map_err(|_| text.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn net_01_only_addresses_of_the_public_internet_are_public() {
        for address in ["1.1.1.1", "8.8.8.8", "93.184.215.14", "223.255.255.255", "2606:4700::1111", "2a00:1450::1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
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
            "::ffff:8.8.8.8",
            "::ffff:0:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2620:4f:8000::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn networks_are_named_by_word_address_or_network() {
        let read = networks(" loopback, 192.0.2.7,2001:db8::/32 ").unwrap();
        let texts: Vec<String> = read.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["127.0.0.0/8", "::1/128", "192.0.2.7/32", "2001:db8::/32"]);
        assert_eq!((networks("").unwrap().len(), networks("private").unwrap().len()), (0, PRIVATE.len()));
        assert_eq!(networks("loopback, everything"), Err("everything".to_owned()));
    }
}
