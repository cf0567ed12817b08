//! Runs and registrations, and whose they are.

use std::collections::BTreeSet;

use chrono::{TimeDelta, Utc};
use commands::{
    Actor, Fault, Outcome, Request,
    booking::{DiscountDraft, RunDraft, Wanted},
};
use domain::{
    booking::{Answers, BookingRejection, Discount, Plan, Reduction, Visibility},
    identity::Permission,
    kernel::{AccountId, RegistrationId, RunId, SignInId},
};
use test_runs::{eur, plan, ticket, timing};
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

/// As somebody who may put on runs and come to them, whatever they may otherwise.
fn as_organiser(account: AccountId) -> Request {
    let actor = Actor::person(account, SignInId(Uuid::new_v4()), [Permission::Learn, Permission::OrganiseRuns].into());
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
    let amount = eur(100);
    let recorded = platform.services.commands.booking.record_payment(&as_organiser(visitor.account), registration, None, amount).await;
    accepted(recorded).to_string()
}

/// A refund that the visitor was told of, of another payment; its id.
pub(super) async fn refund(platform: &Platform, visitor: Visitor, registration: &str) -> String {
    let payment = payment(platform, visitor, registration).await.parse().expect("an id");
    let (registration, organiser) = (registration.parse().expect("an id"), as_organiser(visitor.account));
    let recorded = platform.services.commands.booking.refund(&organiser, registration, payment, None, eur(100)).await;
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
    Wanted { run, ticket, attendees: vec![], members: vec![], answers: Answers::new(), code, wait: false }
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

/// Free, with room for everybody.
fn draft(visibility: Visibility) -> RunDraft {
    let starts_at = Utc::now() + TimeDelta::days(30);
    let plan = Plan { capacity: 1000, visibility, ..plan(starts_at, vec![ticket("seat", 0)]) };
    RunDraft { timing: timing(starts_at.naive_utc()), plan }
}
