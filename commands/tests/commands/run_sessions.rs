//! From a booking to the laboratory: sessions and environments of runs.

mod moving;

use chrono::{TimeDelta, Timelike};
use commands::{
    Accepted, Outcome, Request,
    booking::{Need, RunDraft},
    reactions,
};
use domain::{
    booking::{Plan, Timing},
    identity::Role,
    kernel::{Minutes, RegistrationId, RunId, SessionId, Timestamp, WorkshopId},
    learning::{LearningRejection as Rejection, session::Session},
    workshops::content::{Content, Visibility},
};
use futures_util::future::join_all;

use crate::{
    platform::{FREE, Platform, accepted, account, anonymous, author, fault, keyed, now, pass, rejected},
    rules::{Running, eventually, rewind, settle},
    runs::{draft, organiser, published, state, wanted},
    sessions::active,
    texts::{practice, reading},
};

/// Eight hours that begin in so many minutes.
pub(crate) fn soon(minutes: i64) -> Timing {
    let starts_at = (now() + TimeDelta::minutes(minutes)).naive_utc().with_nanosecond(0).expect("a whole second");
    let time_zone = "UTC".to_owned();
    Timing { starts_at, ends_at: starts_at + TimeDelta::hours(8), opens_at: None, closes_at: None, time_zone, recurrence: None }
}

/// Moves this test's time to an instant.
fn time_is(instant: Timestamp) {
    pass(instant - now());
}

/// A run of a workshop that nobody but its author finds, and who organises it.
struct Course {
    platform: Platform,
    grace: Request,
    workshop: WorkshopId,
    run: RunId,
    starts_at: Timestamp,
    ends_at: Timestamp,
}

impl Course {
    async fn of(content: Content, capacity: u32, timing: Timing) -> Self {
        let platform = Platform::init().await;
        let grace = platform.signed_in("grace@example.org", &[Role::Organiser, Role::Author]).await;
        let private = Content { visibility: Visibility::Private, ..content };
        let workshop = platform.published(&grace, "docker", &private).await;
        let (starts_at, ends_at) = (timing.starts_at.and_utc(), timing.ends_at.and_utc());
        let of_it = draft(capacity, 0);
        let run = published(&platform, &grace, &RunDraft { timing, plan: Plan { workshop: Some(workshop), ..of_it.plan } }).await;
        Self { platform, grace, workshop, run, starts_at, ends_at }
    }

    /// Somebody who wants to come.
    async fn comes(&self, name: &str) -> (Request, RegistrationId) {
        let person = self.platform.signed_in(&format!("{name}@example.org"), &[Role::Learner]).await;
        let registration = accepted(self.platform.commands.booking.request(&person, &wanted(self.run)).await);
        (person, registration)
    }

    async fn begins(&self, person: &Request) -> SessionId {
        accepted(self.platform.commands.learning.start_for_run(person, self.run).await)
    }

    async fn refuses(&self, person: &Request) -> Rejection {
        rejected(self.platform.commands.learning.start_for_run(person, self.run).await)
    }

    async fn goes_on(&self, session: SessionId) -> bool {
        matches!(self.platform.commands.learning.session(session).await, Ok(Session::Active(_)))
    }

    async fn needed(&self) -> u32 {
        self.platform.commands.environments.pool(self.workshop).await.expect("readable").wanted()
    }

    /// Has timers come by until so many are needed.
    async fn until_needed(&self, count: u32) {
        let running = Running::start(&self.platform, reactions::all(), now);
        eventually(&format!("{count} environments are needed"), async || self.needed().await == count).await;
        running.stop().await;
    }
}

#[tokio::test]
async fn a_workshop_that_was_archived_is_there_for_those_who_had_booked_it() {
    let course = Course::of(reading("Docker"), 2, soon(10)).await;
    let (ada, _) = course.comes("ada").await;
    accepted(course.platform.commands.workshops.archive(&course.grace, course.workshop).await);
    let session = course.begins(&ada).await;
    assert_eq!(active(&course.platform, session).await.start.run, Some(course.run));
    let learning = &course.platform.commands.learning;
    assert_eq!(rejected(learning.start(&course.grace, course.workshop, false).await), Rejection::WorkshopNotFound);
}

#[tokio::test]
async fn who_is_confirmed_begins_on_the_day_what_nobody_else_may_see_and_until_the_run_ends() {
    let course = Course::of(practice("Docker"), 2, soon(48 * 60)).await;
    let (ada, _) = course.comes("ada").await;
    let window = Rejection::RunNotNow { from: course.starts_at - TimeDelta::minutes(30), until: course.ends_at };
    assert_eq!(course.refuses(&ada).await, window);
    time_is(course.starts_at - TimeDelta::minutes(29));
    let learning = &course.platform.commands.learning;
    assert_eq!(rejected(learning.start(&ada, course.workshop, false).await), Rejection::WorkshopNotFound, "it is private");
    let session = course.begins(&ada).await;
    let start = active(&course.platform, session).await.start;
    assert_eq!((start.learner, start.workshop, start.run), (account(&ada), course.workshop, Some(course.run)));
    assert_eq!(start.expires_at, course.ends_at);
    assert_eq!(course.begins(&ada).await, session, "whoever has begun goes on");
    assert_eq!(course.platform.named("RunSessionBegun").await.len(), 1);
    assert_eq!(rejected(learning.extend(&ada, session, Minutes(1)).await), Rejection::ExtensionInvalid { left: 0 });
    time_is(course.ends_at);
    assert_eq!(course.refuses(&ada).await, window);
    let running = Running::start(&course.platform, reactions::all(), now);
    eventually("the session ends with the run", async || !course.goes_on(session).await).await;
    running.stop().await;
}

#[tokio::test]
async fn who_is_not_confirmed_begins_nothing_and_who_is_not_registered_is_not_told_of_the_run() {
    let course = Course::of(reading("Docker"), 1, soon(60)).await;
    course.comes("ada").await;
    let (bob, waits) = course.comes("bob").await;
    let (carol, left) = course.comes("carol").await;
    accepted(course.platform.commands.booking.withdraw(&carol, left).await);
    assert_eq!(course.refuses(&carol).await, Rejection::RunNotFound);
    let nobody = course.platform.signed_in("dan@example.org", &[Role::Learner]).await;
    assert_eq!(course.refuses(&nobody).await, Rejection::RunNotFound);
    time_is(course.starts_at);
    assert_eq!(course.refuses(&bob).await, Rejection::NotLetIn { stage: "waitlisted".to_owned() });
    assert_eq!(state(&course.platform, course.run).await.ahead_of(waits), Some(0));
    let anonymous = course.platform.commands.learning.start_for_run(&anonymous(), course.run).await;
    fault(anonymous);
}

#[tokio::test]
async fn a_run_that_is_of_no_workshop_has_no_sessions() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let run = published(&platform, &grace, &RunDraft { timing: soon(60), ..draft(1, 0) }).await;
    let ada = platform.signed_in("ada@example.org", &[Role::Learner]).await;
    accepted(platform.commands.booking.request(&ada, &wanted(run)).await);
    pass(TimeDelta::hours(1));
    assert_eq!(rejected(platform.commands.learning.start_for_run(&ada, run).await), Rejection::WorkshopNotFound);
}

#[tokio::test]
async fn a_plan_that_is_used_up_keeps_nobody_from_what_they_registered_for() {
    let course = Course::of(reading("Docker"), 1, soon(60)).await;
    let (ada, _) = course.comes("ada").await;
    for nth in 0..FREE.sessions {
        let workshop = course.platform.published(&author(), &format!("other-{nth}"), &reading("Other")).await;
        accepted(course.platform.commands.learning.start(&ada, workshop, false).await);
    }
    time_is(course.starts_at);
    course.begins(&ada).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn somebody_who_asks_many_times_at_once_has_one_session() {
    // Each thread has a time of its own here: it is near enough as it is.
    let course = Course::of(reading("Docker"), 1, soon(20)).await;
    let (ada, _) = course.comes("ada").await;
    let begun = join_all((0..8).map(|_| course.platform.commands.learning.start_for_run(&ada, course.run))).await;
    let sessions: Vec<_> = begun.into_iter().map(accepted).collect();
    assert!(sessions.iter().all(|session| *session == sessions[0]), "{sessions:?}");
    assert_eq!(course.platform.named("SessionStarted").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn somebody_who_asks_two_nodes_has_one_session() {
    let course = Course::of(reading("Docker"), 4, soon(20)).await;
    let there = course.platform.commands_on(&course.platform.vault).await;
    for number in 0..4 {
        let (person, _) = course.comes(&format!("person{number}")).await;
        let here = course.platform.commands.learning.start_for_run(&person, course.run);
        let (one, other) = tokio::join!(here, there.learning.start_for_run(&person, course.run));
        assert_eq!(accepted(one), accepted(other));
    }
    assert_eq!(course.platform.named("SessionStarted").await.len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_goes_on_in_a_run_that_is_called_off_while_they_begin() {
    let course = Course::of(reading("Docker"), 8, soon(20)).await;
    let mut people = vec![];
    for number in 0..8 {
        people.push(course.comes(&format!("person{number}")).await.0);
    }
    let (learning, booking) = (&course.platform.commands.learning, &course.platform.commands.booking);
    let starting = join_all(people.iter().map(|person| learning.start_for_run(person, course.run)));
    let (begun, cancelled) = tokio::join!(starting, booking.cancel(&course.grace, course.run, "The house is closed."));
    accepted(cancelled);
    settle(&course.platform).await;
    for outcome in begun {
        if let Outcome::Accepted(Accepted { value: session, .. }) = outcome.expect("decided") {
            assert!(!course.goes_on(session).await, "{session}");
        }
    }
    let begun = course.platform.named("RunSessionBegun").await.len();
    assert_eq!(course.platform.named("SessionStarted").await.len(), begun, "none beside the run");
}

#[tokio::test]
async fn what_was_asked_under_one_key_is_done_once() {
    let course = Course::of(reading("Docker"), 1, soon(60)).await;
    let (ada, _) = course.comes("ada").await;
    time_is(course.starts_at);
    let ada = keyed(&ada, "once");
    let session = course.begins(&ada).await;
    accepted(course.platform.commands.learning.abandon(&Request { key: None, ..ada.clone() }, session).await);
    assert_eq!(course.begins(&ada).await, session, "the same answer");
    let again = course.begins(&Request { key: None, ..ada }).await;
    assert_ne!(again, session, "who has ended theirs begins another");
}

#[tokio::test]
async fn sessions_end_with_the_place_they_were_begun_for() {
    let course = Course::of(practice("Docker"), 2, soon(60)).await;
    let (ada, first) = course.comes("ada").await;
    let (bob, _) = course.comes("bob").await;
    time_is(course.starts_at - TimeDelta::minutes(10));
    let (left, stays) = (course.begins(&ada).await, course.begins(&bob).await);
    settle(&course.platform).await;
    accepted(course.platform.commands.booking.withdraw(&ada, first).await);
    settle(&course.platform).await;
    assert!(!course.goes_on(left).await);
    assert!(course.goes_on(stays).await);
    accepted(course.platform.commands.booking.cancel(&course.grace, course.run, "The house is closed.").await);
    settle(&course.platform).await;
    assert!(!course.goes_on(stays).await);
    let teardowns = course.platform.named("EnvironmentTeardownStarted").await.len();
    assert_eq!(teardowns, 2);
    rewind(&course.platform).await;
    settle(&course.platform).await;
    assert_eq!(course.platform.named("SessionRescheduled").await.len(), 2, "reactions that come by again do nothing twice");
    assert_eq!(course.platform.commands.plans.usage(account(&ada)).await.expect("readable").map(|usage| usage.sessions), Some(0));
}

#[tokio::test]
async fn environments_are_needed_from_before_the_start_for_as_many_as_have_not_begun() {
    let course = Course::of(practice("Docker"), 3, soon(48 * 60)).await;
    let (ada, _) = course.comes("ada").await;
    let (bob, second) = course.comes("bob").await;
    settle(&course.platform).await;
    assert_eq!(course.needed().await, 0, "it is not near");
    time_is(course.starts_at - TimeDelta::minutes(60));
    course.until_needed(2).await;
    course.comes("carol").await;
    settle(&course.platform).await;
    assert_eq!(course.needed().await, 3, "who comes late counts");
    accepted(course.platform.commands.booking.withdraw(&bob, second).await);
    time_is(course.starts_at - TimeDelta::minutes(10));
    course.begins(&ada).await;
    settle(&course.platform).await;
    assert_eq!(course.needed().await, 1);
    time_is(course.starts_at + TimeDelta::minutes(30));
    course.until_needed(0).await;
    rewind(&course.platform).await;
    settle(&course.platform).await;
    assert_eq!(course.needed().await, 0);
}

#[tokio::test]
async fn what_is_called_off_or_moved_needs_no_environments() {
    let course = Course::of(practice("Docker"), 2, soon(60)).await;
    course.comes("ada").await;
    settle(&course.platform).await;
    assert_eq!(course.needed().await, 1, "it is near already");
    let need = course.platform.commands.booking.need(course.run).await.expect("readable").expect("of a workshop");
    let (from, until) = (course.starts_at - TimeDelta::minutes(60), course.starts_at + TimeDelta::minutes(30));
    assert_eq!(need, Need { workshop: course.workshop, count: 1, from, until, at: need.at });
    let day = TimeDelta::days(1);
    let (starts_at, ends_at) = (course.starts_at.naive_utc() + day, course.ends_at.naive_utc() + day);
    let tomorrow = Timing { starts_at, ends_at, ..soon(60) };
    accepted(course.platform.commands.booking.reschedule(&course.grace, course.run, &tomorrow).await);
    settle(&course.platform).await;
    assert_eq!(course.needed().await, 0);
    time_is(course.starts_at + day);
    course.until_needed(1).await;
    accepted(course.platform.commands.booking.cancel(&course.grace, course.run, "").await);
    settle(&course.platform).await;
    assert_eq!(course.needed().await, 0);
}
