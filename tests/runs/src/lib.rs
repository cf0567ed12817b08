//! A run as tests begin with: each says what it is about, and has the rest from here.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};
use domain::{
    booking::{
        Admission, Audience, Format, Plan, Ticket, Timing, Visibility,
        tax::{Rounding, Taxation},
    },
    kernel::{Currency, Money, Timestamp},
};

/// How long runs take.
const LENGTH: TimeDelta = TimeDelta::hours(8);

/// So many cents.
///
/// # Panics
/// Never: the euro is a currency.
#[must_use]
pub fn eur(cents: i64) -> Money {
    Money::new(cents, Currency::try_new("EUR").expect("a currency"))
}

/// A ticket for everybody, as many as there are places, at so many cents.
#[must_use]
pub fn ticket(key: &str, cents: i64) -> Ticket {
    Ticket { key: key.to_owned(), name: key.to_owned(), price: eur(cents), tiers: vec![], quota: None, audience: Audience::Everyone }
}

/// Eight hours from then on, as clocks show it in UTC.
#[must_use]
pub fn timing(starts_at: NaiveDateTime) -> Timing {
    let time_zone = "UTC".to_owned();
    Timing { starts_at, ends_at: starts_at + LENGTH, opens_at: None, closes_at: None, time_zone, recurrence: None }
}

/// Online, for eight hours, with twenty places, for everybody who has one of these tickets: they are in without being approved, one seat
/// each, and get nothing back.
#[must_use]
pub fn plan(starts_at: Timestamp, tickets: Vec<Ticket>) -> Plan {
    Plan {
        workshop: None,
        title: "Containers".to_owned(),
        description: String::new(),
        category: "containers".to_owned(),
        tags: BTreeSet::new(),
        level: None,
        language: "en".to_owned(),
        instructor: "Grace Hopper".to_owned(),
        instructor_account: None,
        format: Format::Online { link: "https://meet.example.org/1".to_owned() },
        starts_at,
        ends_at: starts_at + LENGTH,
        time_zone: "Europe/Zurich".to_owned(),
        opens_at: None,
        closes_at: None,
        capacity: 20,
        currency: eur(0).currency,
        taxation: Taxation { rate: 1900, rounding: Rounding::Line },
        tickets,
        admission: Admission::Automatic,
        hold: Plan::HOLD,
        waitlist: true,
        offer: Plan::OFFER,
        refunds: vec![],
        questions: vec![],
        visibility: Visibility::Public,
        group: 1,
    }
}
