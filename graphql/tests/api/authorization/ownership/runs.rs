//! Runs and registrations, and whose they are.

use std::collections::BTreeSet;

use chrono::{TimeDelta, Utc};
use commands::{
    Actor, Fault, Outcome, Request,
    booking::{DiscountDraft, RunDraft, Wanted},
};
use domain::{
    booking::{
        Admission, Answers, Audience, BookingRejection, Discount, Format, Plan, Reduction, Ticket, Timing, Visibility,
        tax::{Rounding, Taxation},
    },
    identity::Permission,
    kernel::{AccountId, Currency, Minutes, Money, RegistrationId, RunId, SignInId, Timestamp},
};
use uuid::Uuid;

use super::things::{Kind, Relation, Things};
use crate::platform::{Person, Platform};

/// Who comes to everybody's runs, and puts on one that everybody comes to.
#[derive(Clone, Copy)]
pub(in crate::authorization) struct Visitor {
    account: AccountId,
    /// Published for everybody.
    pub(super) run: RunId,
}

/// What admits to runs that are not for everybody.
const CODE: &str = "LET-ME-IN";

fn accepted<T>(outcome: Result<Outcome<T, BookingRejection>, Fault>) -> T {
    match outcome.expect("decided") {
        Outcome::Accepted(accepted) => accepted.value,
        Outcome::Rejected(rejection) => panic!("{rejection}"),
    }
}

/// As somebody who may put on runs, whatever they may otherwise.
fn as_organiser(account: AccountId) -> Request {
    let actor = Actor::person(account, SignInId(Uuid::new_v4()), [Permission::OrganiseRuns].into());
    Request { actor, ..Request::system("test") }
}

fn account(person: &Person) -> AccountId {
    person.id.parse().expect("an id")
}

pub(super) async fn visitor(platform: &Platform) -> Visitor {
    let visitor = platform.person("visitor", &[]).await;
    let account = account(&visitor);
    Visitor { account, run: published(platform, account, Visibility::Public).await }
}

/// A payment that the visitor was told of for somebody's registration for their run; its id.
pub(super) async fn payment(platform: &Platform, visitor: Visitor, registration: &str) -> String {
    let registration = registration.parse().expect("an id");
    let amount = Money::new(100, euro());
    let recorded = platform.services.commands.booking.record_payment(&as_organiser(visitor.account), registration, None, amount).await;
    accepted(recorded).to_string()
}

/// A draft, a run that takes place and one that does not, each with the visitor's registration, and two registrations for the visitor's
/// run, of which one was given up.
pub(super) async fn of(platform: &Platform, person: &Person, visitor: Visitor) -> Things {
    let mut things = Things::default();
    let (booking, me) = (&platform.services.commands.booking, account(person));
    things.keep(Kind::Draft, Relation::Own, scheduled(platform, me, Visibility::Public).await.to_string());
    for relation in [Relation::OwnGone, Relation::Own] {
        let run = published(platform, me, Visibility::Code).await;
        let hosted = accepted(booking.request(&as_organiser(visitor.account), &wanted(run)).await);
        if relation == Relation::OwnGone {
            accepted(booking.cancel(&as_organiser(me), run, "").await);
        } else {
            things.keep(Kind::Registration, Relation::Hosted, hosted.to_string());
        }
        things.keep(Kind::Run, relation, run.to_string());
        let registration: RegistrationId = accepted(booking.request(&as_organiser(me), &wanted(visitor.run)).await);
        if relation == Relation::OwnGone {
            accepted(booking.withdraw(&as_organiser(me), registration).await);
        }
        things.keep(Kind::Registration, relation, registration.to_string());
    }
    things
}

fn wanted(run: RunId) -> Wanted {
    let (ticket, code) = ("seat".to_owned(), Some(CODE.to_owned()));
    Wanted { run, ticket, attendees: vec![], answers: Answers::new(), code, wait: false }
}

async fn published(platform: &Platform, organiser: AccountId, visibility: Visibility) -> RunId {
    let (booking, by) = (&platform.services.commands.booking, as_organiser(organiser));
    let run = scheduled(platform, organiser, visibility).await;
    let (code, tickets) = (CODE.to_owned(), BTreeSet::new());
    let discount = Discount { code, reduction: Reduction::None, admits: true, uses: None, until: None, tickets };
    accepted(booking.create_discount(&by, &DiscountDraft { run, discount }).await);
    accepted(booking.publish(&by, run).await);
    run
}

async fn scheduled(platform: &Platform, organiser: AccountId, visibility: Visibility) -> RunId {
    let runs = accepted(platform.services.commands.booking.schedule(&as_organiser(organiser), &draft(visibility)).await);
    *runs.first().expect("a run")
}

fn euro() -> Currency {
    Currency::try_new("EUR").expect("a currency")
}

/// Free, with room for everybody.
fn draft(visibility: Visibility) -> RunDraft {
    let starts_at = (Utc::now() + TimeDelta::days(30)).naive_utc();
    let (time_zone, ends_at) = ("UTC".to_owned(), starts_at + TimeDelta::hours(8));
    let timing = Timing { starts_at, ends_at, opens_at: None, closes_at: None, time_zone: time_zone.clone(), recurrence: None };
    let ticket = Ticket {
        key: "seat".to_owned(),
        name: "Seat".to_owned(),
        price: Money::zero(euro()),
        tiers: vec![],
        quota: None,
        audience: Audience::Everyone,
    };
    let plan = Plan {
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
        starts_at: Timestamp::UNIX_EPOCH,
        ends_at: Timestamp::UNIX_EPOCH,
        time_zone,
        opens_at: None,
        closes_at: None,
        capacity: 1000,
        currency: euro(),
        taxation: Taxation { rate: 1900, rounding: Rounding::Line },
        tickets: vec![ticket],
        admission: Admission::Automatic,
        hold: Plan::HOLD,
        waitlist: true,
        offer: Minutes(60),
        refunds: vec![],
        questions: vec![],
        visibility,
        group: 1,
    };
    RunDraft { timing, plan }
}
