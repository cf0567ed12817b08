//! Sessions of a run that is moved, or ends at another time.

use chrono::TimeDelta;
use domain::booking::Timing;

use super::{Course, Rejection, soon, time_is};
use crate::{platform::accepted, rules::settle, sessions::active, texts::practice};

#[tokio::test]
async fn sessions_move_with_the_end_of_a_run_and_end_when_it_is_more_than_a_day_away() {
    let course = Course::of(practice("Docker"), 1, soon(60)).await;
    let (ada, _) = course.comes("ada").await;
    time_is(course.starts_at - TimeDelta::minutes(10));
    let session = course.begins(&ada).await;
    let (starts_at, ends_at) = (course.starts_at.naive_utc(), course.ends_at.naive_utc() + TimeDelta::hours(1));
    let later = Timing { starts_at, ends_at, ..soon(60) };
    accepted(course.platform.commands.booking.reschedule(&course.grace, course.run, &later).await);
    settle(&course.platform).await;
    assert_eq!(active(&course.platform, session).await.start.expires_at, ends_at.and_utc());
    let day = TimeDelta::days(1);
    let tomorrow = Timing { starts_at: starts_at + day, ends_at: ends_at + day, ..later };
    accepted(course.platform.commands.booking.reschedule(&course.grace, course.run, &tomorrow).await);
    settle(&course.platform).await;
    assert!(!course.goes_on(session).await);
    time_is(course.starts_at + day);
    assert_ne!(course.begins(&ada).await, session, "they begin anew when it is on");
}

#[tokio::test]
async fn sessions_go_on_where_a_run_starts_a_while_later_than_it_was_to() {
    let course = Course::of(practice("Docker"), 2, soon(60)).await;
    let (ada, registration) = course.comes("ada").await;
    let (bob, _) = course.comes("bob").await;
    time_is(course.starts_at - TimeDelta::minutes(25));
    let session = course.begins(&ada).await;
    time_is(course.starts_at - TimeDelta::minutes(10));
    let half_an_hour = TimeDelta::minutes(30);
    let (starts_at, ends_at) = (course.starts_at.naive_utc() + half_an_hour, course.ends_at.naive_utc() + half_an_hour);
    let later = Timing { starts_at, ends_at, ..soon(60) };
    accepted(course.platform.commands.booking.reschedule(&course.grace, course.run, &later).await);
    settle(&course.platform).await;
    assert_eq!(active(&course.platform, session).await.start.expires_at, ends_at.and_utc());
    assert_eq!(course.begins(&ada).await, session, "she has begun");
    let window = Rejection::RunNotNow { from: course.starts_at, until: ends_at.and_utc() };
    assert_eq!(course.refuses(&bob).await, window, "it is too early by now");
    accepted(course.platform.commands.booking.withdraw(&ada, registration).await);
    settle(&course.platform).await;
    assert!(!course.goes_on(session).await, "with the place that it was begun for");
}

#[tokio::test]
async fn sessions_go_on_with_a_run_that_goes_on_until_later_than_it_was_to() {
    let course = Course::of(practice("Docker"), 1, soon(60)).await;
    let (ada, _) = course.comes("ada").await;
    time_is(course.starts_at);
    let session = course.begins(&ada).await;
    time_is(course.ends_at - TimeDelta::minutes(15));
    let (starts_at, ends_at) = (course.starts_at.naive_utc(), course.ends_at.naive_utc() + TimeDelta::minutes(30));
    let longer = Timing { starts_at, ends_at, ..soon(60) };
    accepted(course.platform.commands.booking.reschedule(&course.grace, course.run, &longer).await);
    settle(&course.platform).await;
    assert_eq!(active(&course.platform, session).await.start.expires_at, ends_at.and_utc());
}
