//! Runs of workshops: who comes, who waits, who pays.

mod calendars;
mod check_ins;
mod coming;
mod coming_along;
mod given_up;
mod guest_erasure;
mod guests;
mod handing_over;
mod inviting;
mod inviting_to_drafts;
mod limits;
mod moving;
mod paying;
mod permissions;
mod providers;
mod telling;
mod waiting;

use chrono::{NaiveDateTime, TimeDelta};
use commands::{
    Request,
    booking::{Guest, RunDraft, Transferee, Wanted},
};
use domain::{
    booking::{
        Answers, Audience, BookingRejection as Rejection, Plan, Ticket, Timing,
        run::{Entry, Run, Scheduled},
    },
    identity::Role,
    kernel::{Plan as AccountPlan, RegistrationId, RunId},
};
use futures_util::future::join_all;
use test_runs::{eur, plan, ticket};

use crate::platform::{Platform, accepted, account, fault, keyed, learner, now, pass, rejected};

fn start() -> NaiveDateTime {
    (now() + TimeDelta::days(30)).date_naive().and_hms_opt(12, 0, 0).expect("noon")
}

fn timing() -> Timing {
    test_runs::timing(start())
}

/// A run that costs so much, with so many places.
pub(crate) fn draft(capacity: u32, price: i64) -> RunDraft {
    let plan = Plan { capacity, ..plan(now(), vec![ticket("seat", price)]) };
    RunDraft { timing: timing(), plan }
}

pub(crate) async fn organiser(platform: &Platform) -> Request {
    platform.signed_in("grace@example.org", &[Role::Organiser]).await
}

/// A run that people may register for.
pub(crate) async fn published(platform: &Platform, organiser: &Request, draft: &RunDraft) -> RunId {
    let run = accepted(platform.commands.booking.schedule(organiser, draft).await)[0];
    accepted(platform.commands.booking.publish(organiser, run).await);
    run
}

pub(crate) fn wanted(run: RunId) -> Wanted {
    Wanted { run, ticket: "seat".to_owned(), attendees: vec![], members: vec![], answers: Answers::new(), code: None, wait: true }
}

pub(crate) async fn state(platform: &Platform, run: RunId) -> Scheduled {
    match platform.commands.booking.run(run).await.expect("readable") {
        Run::Scheduled(run) => *run,
        Run::Absent => panic!("no run"),
    }
}

async fn stage(platform: &Platform, run: RunId, registration: RegistrationId) -> &'static str {
    state(platform, run).await.registration(registration).map(|entry: &Entry| entry.stage.name()).expect("a registration")
}

/// The run, and somebody who organises it.
async fn opened(platform: &Platform, draft: &RunDraft) -> (Request, RunId) {
    let grace = organiser(platform).await;
    let run = published(platform, &grace, draft).await;
    (grace, run)
}

/// It is the day before the runs here start: from now on people are checked in.
fn on_the_eve() {
    let eve = start().and_utc() - TimeDelta::hours(24);
    pass(eve - now());
}

/// Who comes instead.
fn transferee(name: &str) -> Transferee {
    Transferee { email: format!("{name}@example.org"), name: name.to_owned(), attendees: vec![], members: vec![], answers: Answers::new() }
}

async fn person(platform: &Platform, name: &str) -> Request {
    platform.signed_in(&format!("{name}@example.org"), &[Role::Learner]).await
}

/// Somebody whose address is known to be theirs.
async fn verified(platform: &Platform, name: &str) -> Request {
    let person = person(platform, name).await;
    platform.vouch(&person).await;
    person
}

/// Somebody who has registered.
async fn comes(platform: &Platform, run: RunId, name: &str) -> (Request, RegistrationId) {
    let person = person(platform, name).await;
    let registration = accepted(platform.commands.booking.request(&person, &wanted(run)).await);
    (person, registration)
}

#[tokio::test]
async fn a_series_is_scheduled_as_a_whole_by_who_may() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let weekly = RunDraft { timing: Timing { recurrence: Some("FREQ=WEEKLY;COUNT=3".to_owned()), ..timing() }, ..draft(2, 0) };
    let runs = accepted(platform.commands.booking.schedule(&grace, &weekly).await);
    assert_eq!(runs.len(), 3);
    for (week, run) in (0..).zip(&runs) {
        let state = state(&platform, *run).await;
        assert_eq!((state.series, state.plan.starts_at), (Some(runs[0]), (start() + TimeDelta::weeks(week)).and_utc()));
    }
    let endless = RunDraft { timing: Timing { recurrence: Some("FREQ=WEEKLY".to_owned()), ..timing() }, ..draft(2, 0) };
    assert!(matches!(rejected(platform.commands.booking.schedule(&grace, &endless).await), Rejection::Flawed(_)));
    fault(platform.commands.booking.schedule(&learner(), &draft(2, 0)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_come_at_once_as_many_get_in_as_there_are_places_and_the_others_wait() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let run = published(&platform, &grace, &draft(4, 0)).await;
    let mut people = Vec::new();
    for number in 0..12 {
        people.push(platform.signed_in(&format!("person{number}@example.org"), &[Role::Learner]).await);
    }
    let wanted = wanted(run);
    let came = join_all(people.iter().map(|person| platform.commands.booking.request(person, &wanted))).await;
    let registrations: Vec<_> = came.into_iter().map(accepted).collect();
    let state = state(&platform, run).await;
    assert_eq!((state.taken(), state.waiting()), (4, 8));
    let stage_of = |registration: &RegistrationId| state.registration(*registration).map(|entry| entry.stage.name());
    let confirmed = registrations.iter().position(|registration| stage_of(registration) == Some("confirmed")).expect("somebody");
    accepted(platform.commands.booking.withdraw(&people[confirmed], registrations[confirmed]).await);
    let after = self::state(&platform, run).await;
    assert_eq!((after.taken(), after.waiting()), (4, 7), "it is offered at once");
}

#[tokio::test]
async fn who_pays_is_confirmed_and_what_is_not_paid_in_time_is_let_go_of() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let run = published(&platform, &grace, &draft(1, 10_000)).await;
    let ada = platform.signed_in("ada@example.org", &[Role::Learner]).await;
    let bob = platform.signed_in("bob@example.org", &[Role::Learner]).await;
    let booking = &platform.commands.booking;
    let first = accepted(booking.request(&ada, &wanted(run)).await);
    let second = accepted(booking.request(&bob, &wanted(run)).await);
    pass(TimeDelta::minutes(61));
    accepted(booking.settle(&Request::system("test"), run).await);
    assert_eq!(stage(&platform, run, first).await, "expired");
    assert_eq!(rejected(booking.accept_offer(&ada, second).await), Rejection::RegistrationNotFound);
    accepted(booking.accept_offer(&bob, second).await);
    let payment = accepted(booking.open_payment(&bob, second).await);
    assert_eq!(accepted(booking.open_payment(&bob, second).await), payment);
    fault(booking.record_payment(&bob, second, Some(payment), eur(10_000)).await);
    accepted(booking.record_payment(&grace, second, Some(payment), eur(10_000)).await);
    assert_eq!(stage(&platform, run, second).await, "confirmed");
    accepted(booking.record_payment(&grace, first, None, eur(10_000)).await);
    assert_eq!(state(&platform, run).await.registration(first).map(|entry| entry.owed), Some(10_000));
}

#[tokio::test]
async fn what_runs_out_is_let_go_of_however_often_it_is_asked_for_under_one_key() {
    let platform = Platform::init().await;
    let (_, run) = opened(&platform, &draft(1, 10_000)).await;
    let (_, registration) = comes(&platform, run, "ada").await;
    let (booking, asked) = (&platform.commands.booking, keyed(&Request::system("test"), "once"));
    accepted(booking.settle(&asked, run).await);
    assert_eq!(stage(&platform, run, registration).await, "awaiting payment");
    pass(TimeDelta::minutes(61));
    accepted(booking.settle(&asked, run).await);
    assert_eq!(stage(&platform, run, registration).await, "expired");
}

#[tokio::test]
async fn nothing_personal_is_in_the_runs_stream_and_all_that_is_kept_is_sealed() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let run = published(&platform, &grace, &draft(1, 0)).await;
    let ada = platform.signed_in("ada@example.org", &[Role::Learner]).await;
    let attendees = vec!["Ada Lovelace".to_owned()];
    accepted(platform.commands.booking.request(&ada, &Wanted { attendees, ..wanted(run) }).await);
    let guest = Guest { run, email: "carol@example.org".to_owned(), name: "Carol".to_owned(), ticket: None, priority: 0, until: None };
    accepted(platform.commands.booking.invite(&grace, &guest).await);
    let text = serde_json::to_string(&platform.events().await.iter().map(|event| &event.payload).collect::<Vec<_>>()).expect("JSON");
    for personal in ["Lovelace", "carol@", "ada@"] {
        assert!(!text.contains(personal), "{personal}");
    }
    assert_eq!(platform.named("RegistrantRegistered").await.len(), 1);
}

#[tokio::test]
async fn another_organisers_run_and_anothers_registration_are_not_there() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let run = published(&platform, &grace, &draft(1, 0)).await;
    let other = platform.signed_in("other@example.org", &[Role::Organiser]).await;
    let ada = platform.signed_in("ada@example.org", &[Role::Learner]).await;
    let booking = &platform.commands.booking;
    let registration = accepted(booking.request(&ada, &wanted(run)).await);
    assert_eq!(rejected(booking.cancel(&other, run, "").await), Rejection::NotFound);
    assert_eq!(rejected(booking.check_in(&other, registration, None).await), Rejection::RegistrationNotFound);
    let bob = platform.signed_in("bob@example.org", &[Role::Learner]).await;
    assert_eq!(rejected(booking.withdraw(&bob, registration).await), Rejection::RegistrationNotFound);
    assert_eq!(rejected(booking.request(&ada, &wanted(run)).await), Rejection::AlreadyRegistered { registration });
    accepted(booking.withdraw(&ada, registration).await);
}

#[tokio::test]
async fn a_ticket_for_accounts_on_a_plan_is_for_those_on_it_or_on_a_better_one() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let RunDraft { timing, plan } = draft(1, 0);
    let tickets = vec![Ticket { audience: Audience::Plan(AccountPlan::Team), ..plan.tickets[0].clone() }];
    let run = published(&platform, &grace, &RunDraft { timing, plan: Plan { tickets, ..plan } }).await;
    let ada = platform.signed_in("ada@example.org", &[Role::Learner]).await;
    let booking = &platform.commands.booking;
    assert_eq!(rejected(booking.request(&ada, &wanted(run)).await), Rejection::TicketNotForPlan);
    accepted(platform.commands.identity.assign_plan(&platform.administrator().await, account(&ada), AccountPlan::Enterprise).await);
    accepted(booking.request(&ada, &wanted(run)).await);
}
