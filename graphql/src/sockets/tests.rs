use std::{net::IpAddr, sync::Arc, thread};

use uuid::Uuid;

use super::{Counted, SocketBounds, Sockets, lock};

const HERE: &str = "192.0.2.1";

fn sockets(address: u32, account: u32) -> Sockets {
    Sockets::new(SocketBounds { address, account })
}

fn at(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn one_more_than_the_bound_is_refused_until_one_has_ended() {
    let (sockets, kit, ada) = (sockets(3, 2), Some(Uuid::from_u128(1)), Some(Uuid::from_u128(2)));
    let mut here: Vec<Counted> = (0..2).map(|_| sockets.address(Some(at(HERE))).expect("below the bound")).collect();
    here.push(sockets.address(Some(at(HERE))).expect("at the bound"));
    let refused = sockets.address(Some(at(HERE))).expect_err("above it");
    assert_eq!(refused.to_string(), "expected at most 3 web sockets open at once from one network address");
    let _elsewhere = sockets.address(Some(at("192.0.2.2"))).expect("another");
    let mut kits = vec![sockets.account(kit).expect("below the bound"), sockets.account(kit).expect("at the bound")];
    let refused = sockets.account(kit).expect_err("above it");
    assert_eq!(refused.to_string(), "expected at most 2 web sockets open at once by one account");
    let _adas = sockets.account(ada).expect("another");
    drop((here.pop(), kits.pop()));
    here.push(sockets.address(Some(at(HERE))).expect("one has ended"));
    kits.push(sockets.account(kit).expect("one has ended"));
    assert!(sockets.address(Some(at(HERE))).is_err() && sockets.account(kit).is_err(), "and no more than one");
}

#[test]
fn an_ipv6_network_is_one_caller_and_so_is_an_address_in_either_form() {
    let sockets = sockets(1, 0);
    let _one = sockets.address(Some(at("2001:db8:1:2::1"))).expect("the first");
    assert!(sockets.address(Some(at("2001:db8:1:2:ffff::9"))).is_err());
    let _other = sockets.address(Some(at("2001:db8:1:3::1"))).expect("another network");
    let _old = sockets.address(Some(at(HERE))).expect("the first");
    assert!(sockets.address(Some(at("::ffff:192.0.2.1"))).is_err());
}

#[test]
fn without_bounds_and_without_anybody_nothing_is_counted() {
    let unbounded = sockets(0, 0);
    let all: Vec<Counted> = (0..1000).map(|_| unbounded.address(Some(at(HERE))).expect("no bound")).collect();
    assert!(lock(&unbounded.open).is_empty());
    drop(all);
    let bounded = sockets(1, 1);
    let all: Vec<Counted> = (0..10).flat_map(|_| [bounded.address(None), bounded.account(None)]).map(|one| one.expect("nobody")).collect();
    assert!(lock(&bounded.open).is_empty());
    drop(all);
}

#[test]
fn many_who_come_and_go_at_once_are_never_more_than_the_bound_and_leave_nothing() {
    let sockets = Arc::new(sockets(5, 0));
    let come_and_go = |sockets: Arc<Sockets>| {
        move || {
            for _ in 0..2000 {
                let counted = sockets.address(Some(at(HERE)));
                let open = lock(&sockets.open).values().copied().max().unwrap_or_default();
                assert!(open <= 5, "{open}");
                drop(counted);
            }
        }
    };
    let all: Vec<_> = (0..8).map(|_| thread::spawn(come_and_go(Arc::clone(&sockets)))).collect();
    for one in all {
        one.join().expect("never above the bound");
    }
    assert!(lock(&sockets.open).is_empty());
}
