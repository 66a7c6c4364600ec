//! Which addresses a name may lead to: those of the public internet, and no form that reaches another network behind it.

use std::net::IpAddr;

use ipnet::IpNet;

/// What is not reached unless the operator allows it, and what it is; the narrowest that fits comes first. From the IANA
/// registries of special-purpose addresses, and what the large clouds serve instances' own credentials at.
const KEPT_OUT: &[(&str, &str)] = &[
    ("169.254.169.254/32", "a cloud's metadata address"),
    ("168.63.129.16/32", "a cloud's metadata address"),
    ("100.100.100.200/32", "a cloud's metadata address"),
    ("fd00:ec2::254/128", "a cloud's metadata address"),
    ("0.0.0.0/8", "an unspecified address"),
    ("10.0.0.0/8", "a private address"),
    ("100.64.0.0/10", "a carrier's inner address"),
    ("127.0.0.0/8", "a loopback address"),
    ("169.254.0.0/16", "a link-local address"),
    ("172.16.0.0/12", "a private address"),
    ("192.0.0.0/24", "an address of protocols"),
    ("192.0.2.0/24", "an address of documentation"),
    ("192.88.99.0/24", "an address of a 6to4 relay"),
    ("192.168.0.0/16", "a private address"),
    ("198.18.0.0/15", "an address of benchmarks"),
    ("198.51.100.0/24", "an address of documentation"),
    ("203.0.113.0/24", "an address of documentation"),
    ("224.0.0.0/4", "a multicast address"),
    ("255.255.255.255/32", "a broadcast address"),
    ("240.0.0.0/4", "a reserved address"),
    ("::/128", "an unspecified address"),
    ("::1/128", "a loopback address"),
    ("::/96", "an IPv4 address in IPv6 form"),
    ("::ffff:0:0/96", "an IPv4 address in IPv6 form"),
    ("::ffff:0:0:0/96", "an IPv4 address in IPv6 form"),
    ("64:ff9b::/96", "an address translated to IPv4 (NAT64)"),
    ("64:ff9b:1::/48", "an address translated to IPv4 (NAT64)"),
    ("100::/64", "an address that discards"),
    ("2001::/32", "a Teredo address"),
    ("2001:2::/48", "an address of benchmarks"),
    ("2001::/23", "an address of protocols"),
    ("2001:db8::/32", "an address of documentation"),
    ("2002::/16", "a 6to4 address"),
    ("3fff::/20", "an address of documentation"),
    ("fc00::/7", "a private address"),
    ("fe80::/10", "a link-local address"),
    ("fec0::/10", "a private address"),
    ("ff00::/8", "a multicast address"),
];
/// All of IPv6 that is given out to the public internet.
const GIVEN_OUT: &str = "2000::/3";
const RESERVED: &str = "a reserved address";

/// Why an address is not dialled; none where it is one of the public internet, or the operator allows its network.
pub fn kept_out(address: IpAddr, allowed: &[IpNet]) -> Option<&'static str> {
    if allowed.iter().any(|network| network.contains(&address)) {
        return None;
    }
    let is_within = |network: &str| network.parse::<IpNet>().is_ok_and(|network| network.contains(&address));
    let known = KEPT_OUT.iter().find(|(network, _)| is_within(network)).map(|(_, kind)| *kind);
    known.or_else(|| (address.is_ipv6() && !is_within(GIVEN_OUT)).then_some(RESERVED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(address: &str) -> Option<&'static str> {
        kept_out(address.parse().expect(address), &[])
    }

    #[test]
    fn every_network_of_the_table_is_one() {
        for (network, _) in KEPT_OUT.iter().copied().chain([(GIVEN_OUT, "")]) {
            let parsed: IpNet = network.parse().expect(network);
            assert_eq!(parsed.trunc(), parsed, "{network}");
        }
    }

    /// The first and last of each network, and what is beside it.
    #[test]
    fn every_form_of_an_inner_address_is_kept_out() {
        for (address, says) in [
            ("0.0.0.0", "unspecified"),
            ("0.255.255.255", "unspecified"),
            ("10.0.0.0", "private"),
            ("10.255.255.255", "private"),
            ("100.64.0.0", "carrier"),
            ("100.127.255.255", "carrier"),
            ("100.100.100.200", "metadata"),
            ("127.0.0.1", "loopback"),
            ("127.255.255.255", "loopback"),
            ("168.63.129.16", "metadata"),
            ("169.254.0.1", "link-local"),
            ("169.254.169.254", "metadata"),
            ("169.254.170.2", "link-local"),
            ("172.16.0.0", "private"),
            ("172.31.255.255", "private"),
            ("192.0.0.192", "protocols"),
            ("192.0.2.1", "documentation"),
            ("192.88.99.1", "6to4"),
            ("192.168.255.255", "private"),
            ("198.18.0.0", "benchmarks"),
            ("198.19.255.255", "benchmarks"),
            ("198.51.100.7", "documentation"),
            ("203.0.113.7", "documentation"),
            ("224.0.0.1", "multicast"),
            ("239.255.255.255", "multicast"),
            ("240.0.0.1", "reserved"),
            ("255.255.255.255", "broadcast"),
            ("::", "unspecified"),
            ("::1", "loopback"),
            ("::7f00:1", "IPv4"),
            ("::808:808", "IPv4"),
            ("::ffff:127.0.0.1", "IPv4"),
            ("::ffff:169.254.169.254", "IPv4"),
            ("::ffff:8.8.8.8", "IPv4"),
            ("::ffff:0:10.0.0.1", "IPv4"),
            ("64:ff9b::7f00:1", "NAT64"),
            ("64:ff9b::808:808", "NAT64"),
            ("64:ff9b:1::a00:1", "NAT64"),
            ("64:ff9b:1:ffff:ffff:ffff:a00:1", "NAT64"),
            ("100::1", "discards"),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
            ("2001:2::1", "benchmarks"),
            ("2001:10::1", "protocols"),
            ("2001:20::1", "protocols"),
            ("2001:db8::1", "documentation"),
            ("2002:7f00:1::", "6to4"),
            ("2002:a00:1::1", "6to4"),
            ("3fff::1", "documentation"),
            ("3fff:fff:ffff::1", "documentation"),
            ("5f00::1", "reserved"),
            ("4000::1", "reserved"),
            ("1::1", "reserved"),
            ("fc00::1", "private"),
            ("fd12:3456::1", "private"),
            ("fd00:ec2::254", "metadata"),
            ("fe80::1", "link-local"),
            ("febf::1", "link-local"),
            ("fec0::1", "private"),
            ("ff02::1", "multicast"),
        ] {
            assert!(kind(address).is_some_and(|kind| kind.contains(says)), "{address}: {:?}", kind(address));
        }
    }

    #[test]
    fn the_public_internet_is_reached() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2003::1",
            "2606:4700:4700::1111",
            "2a00:1450::1",
        ] {
            assert_eq!(kind(address), None, "{address}");
        }
    }

    #[test]
    fn the_operator_opens_a_network_and_no_other_form_of_it() {
        let allowed: Vec<IpNet> = ["10.1.0.0/16", "fd12::/16"].map(|network| network.parse().expect("a network")).into();
        let kept = |address: &str| kept_out(address.parse().expect(address), &allowed).is_some();
        assert!(!kept("10.1.2.3") && !kept("fd12::7"));
        for address in ["10.2.0.1", "::ffff:10.1.2.3", "64:ff9b::a01:203", "2002:a01:203::1", "fd13::1", "127.0.0.1"] {
            assert!(kept(address), "{address}");
        }
    }
}
