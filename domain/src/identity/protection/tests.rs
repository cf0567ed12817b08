use super::{Networks, Rejection};

#[test]
fn a_network_is_written_as_people_do() {
    let networks = Networks::try_new(["10.1.2.3/8", " 192.0.2.7 ", "2001:db8::/32", "10.0.0.0/8"]).expect("networks");
    assert_eq!(networks.names(), ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]);
    for wrong in ["", "10.0.0.0/33", "10.0.0", "everywhere", "10.0.0.0/8,11.0.0.0/8"] {
        assert_eq!(Networks::try_new([wrong]), Err(Rejection::NetworksInvalid), "{wrong}");
    }
}

#[test]
fn so_many_are_named_and_no_more() {
    let named: Vec<_> = (0..=Networks::MOST).map(|n| format!("10.0.{n}.0/24")).collect();
    assert!(Networks::try_new(named[1..].iter().map(String::as_str)).is_ok());
    assert_eq!(Networks::try_new(named.iter().map(String::as_str)), Err(Rejection::NetworksInvalid));
}

#[test]
fn an_address_is_in_a_network_or_not() {
    let networks = Networks::try_new(["10.0.0.0/8", "2001:db8::/32"]).expect("networks");
    let within = |address: &str| networks.contain(Some(address.parse().expect("an address")));
    for address in ["10.255.0.1", "::ffff:10.0.0.1", "2001:db8:1::1"] {
        assert!(within(address), "{address}");
    }
    for address in ["11.0.0.1", "::ffff:11.0.0.1", "2001:db9::1", "::1"] {
        assert!(!within(address), "{address}");
    }
    assert!(!networks.contain(None), "nobody knows where that is");
    assert!(Networks::default().contain(None) && Networks::default().contain(Some("192.0.2.1".parse().expect("an address"))));
}
