use std::{net::IpAddr, time::Duration};

use uuid::Uuid;

use super::{Quotas, Rates, Wait, network};

fn rates(address: u32, account: u32, operations: &[(&str, u32)]) -> Rates {
    let operations = operations.iter().map(|(name, quota)| ((*name).to_owned(), *quota)).collect();
    Rates::new(&Quotas { address, account, operations })
}

fn at(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn what_is_above_the_quota_waits() {
    let rates = rates(3, 0, &[]);
    for _ in 0..3 {
        assert_eq!(rates.address(Some(at("192.0.2.1")), 1), Ok(()));
    }
    let wait = rates.address(Some(at("192.0.2.1")), 1).expect_err("too often");
    assert!((1..=20).contains(&wait.seconds()), "{wait:?}");
    assert_eq!(rates.address(Some(at("192.0.2.2")), 1), Ok(()), "another");
    assert_eq!(rates.address(None, 1), Ok(()), "nobody knows from where");
}

#[test]
fn many_at_once_count_as_many_and_refusals_count_nothing() {
    let rates = rates(5, 0, &[]);
    assert!(rates.address(Some(at("192.0.2.1")), 6).is_err());
    assert_eq!(rates.address(Some(at("192.0.2.1")), 5), Ok(()));
    assert!(rates.address(Some(at("192.0.2.1")), 1).is_err());
}

#[test]
fn without_quotas_nothing_is_counted() {
    let (rates, address, account) = (rates(0, 0, &[("signIn", 0)]), Some(at("192.0.2.1")), Some(Uuid::now_v7()));
    assert_eq!(rates.address(address, u32::MAX), Ok(()));
    assert_eq!(rates.account(account, u32::MAX), Ok(()));
    assert_eq!(rates.operation("signIn", u32::MAX, address, account), Ok(()));
}

#[test]
fn an_operation_is_counted_by_address_and_by_account() {
    let (rates, account) = (rates(0, 0, &[("signIn", 2)]), Some(Uuid::now_v7()));
    let (here, elsewhere) = (Some(at("192.0.2.1")), Some(at("192.0.2.2")));
    assert_eq!(rates.operation("signIn", 2, here, account), Ok(()));
    assert!(rates.operation("signIn", 1, here, None).is_err(), "the address, of a stranger as well");
    assert!(rates.operation("signIn", 1, elsewhere, account).is_err(), "the account, from elsewhere");
    assert_eq!(rates.operation("me", 1000, here, account), Ok(()), "it has no quota");
}

#[test]
fn an_ipv6_network_is_one_caller() {
    let rates = rates(1, 0, &[]);
    assert_eq!(rates.address(Some(at("2001:db8:1:2::1")), 1), Ok(()));
    assert!(rates.address(Some(at("2001:db8:1:2:ffff::9")), 1).is_err());
    assert_eq!(rates.address(Some(at("2001:db8:1:3::1")), 1), Ok(()));
    assert_eq!(network(at("::ffff:192.0.2.1")), at("192.0.2.1"));
}

#[test]
fn no_number_of_callers_takes_more_counters_than_there_are() {
    let rates = rates(1_000_000, 0, &[]);
    for n in 0..400_000_u32 {
        assert_eq!(rates.address(Some(IpAddr::V4(n.into())), 1), Ok(()));
    }
    let counters = rates.addresses.expect("counters").0.len();
    assert!(u64::try_from(counters).is_ok_and(|counters| (60_000..=super::COUNTERS).contains(&counters)), "{counters}");
}

#[test]
fn waits_are_told_in_whole_seconds() {
    for (milliseconds, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (60_000, 60)] {
        assert_eq!(Wait(Duration::from_millis(milliseconds)).seconds(), seconds, "{milliseconds}");
    }
}
