//! Each kind of address under each policy.

use super::*;

fn refused(policy: AddressPolicy, address: &str) -> bool {
    policy.refusal(address.parse().expect("an address")).is_some()
}

const OPEN: AddressPolicy = AddressPolicy { allow_loopback: true, allow_private: true };

#[test]
fn metadata_and_link_local_addresses_are_refused_always() {
    let never = [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "192.0.0.192",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",
        "::",
        "0.1.2.3",
        "255.255.255.255",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ];
    for address in never {
        assert!(refused(OPEN, address), "{address}");
    }
}

#[test]
fn loopback_and_private_addresses_are_a_matter_of_configuration() {
    let loopback = AddressPolicy { allow_loopback: true, ..AddressPolicy::default() };
    for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
        assert!(refused(AddressPolicy::default(), address), "{address}");
        assert!(!refused(loopback, address), "{address}");
    }
    let private = AddressPolicy { allow_private: true, ..AddressPolicy::default() };
    for address in
        ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1", "fd12::1", "fec0::1", "::ffff:10.0.0.1", "::10.0.0.1"]
    {
        assert!(refused(AddressPolicy::default(), address), "{address}");
        assert!(!refused(private, address), "{address}");
    }
}

#[test]
fn public_addresses_are_allowed() {
    for address in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
        assert!(!refused(AddressPolicy::default(), address), "{address}");
    }
}
