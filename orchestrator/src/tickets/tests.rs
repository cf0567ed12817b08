use std::sync::atomic::{AtomicI64, Ordering};

use uuid::Uuid;

use super::*;

static NOW: AtomicI64 = AtomicI64::new(0);

fn clock() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).expect("in range")
}

/// A clock that only one test moves.
fn movable() -> Timestamp {
    clock() + TimeDelta::seconds(NOW.load(Ordering::SeqCst))
}

fn grant() -> Grant {
    let [account, sign_in, environment] = [(); 3].map(|()| Uuid::now_v7());
    Grant { account: account.into(), sign_in: sign_in.into(), environment: environment.into() }
}

#[test]
fn a_ticket_lets_in_once() {
    let (tickets, grant) = (Tickets::new(clock), grant());
    let ticket = tickets.issue(grant);
    assert_eq!(tickets.redeem(&ticket.token, grant.environment), Some(grant));
    assert_eq!(tickets.redeem(&ticket.token, grant.environment), None);
}

#[test]
fn a_ticket_is_for_one_environment_and_is_used_up_by_trying_another() {
    let (tickets, grant) = (Tickets::new(clock), grant());
    let ticket = tickets.issue(grant);
    assert_eq!(tickets.redeem(&ticket.token, Uuid::now_v7().into()), None);
    assert_eq!(tickets.redeem(&ticket.token, grant.environment), None);
}

#[test]
fn a_ticket_is_worth_nothing_after_thirty_seconds() {
    let (tickets, grant) = (Tickets::new(movable), grant());
    let (early, late) = (tickets.issue(grant), tickets.issue(grant));
    NOW.store(29, Ordering::SeqCst);
    assert_eq!(tickets.redeem(&early.token, grant.environment), Some(grant));
    NOW.store(30, Ordering::SeqCst);
    assert_eq!(tickets.redeem(&late.token, grant.environment), None);
}

#[test]
fn a_made_up_ticket_lets_nobody_in() {
    let (tickets, grant) = (Tickets::new(clock), grant());
    let _issued = tickets.issue(grant);
    assert_eq!(tickets.redeem(&"made-up".to_owned().into(), grant.environment), None);
}
