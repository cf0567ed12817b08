//! How many runs an organiser may have at once, by the plan that they are on.

use chrono::TimeDelta;
use commands::{Outcome, Request, booking::RunDraft, dispatch::Operation};
use domain::{
    booking::{
        BookingRejection as Rejection, Timing,
        run::{Run, RunCommand},
    },
    identity::{Role, plan_book::Revision},
    kernel::{Plan, RunId},
};
use futures_util::future::join_all;
use uuid::Uuid;

use super::{draft, organiser, published};
use crate::platform::{FREE, Platform, accepted, account, act, administrator, anonymous, pass, rejected};

const CAP: u32 = FREE.runs;

const fn refused(used: u32) -> Rejection {
    Rejection::RunsExceeded { limit: CAP, used, plan: Plan::Free }
}

fn series(count: u32) -> RunDraft {
    let RunDraft { timing, plan } = draft(2, 0);
    RunDraft { timing: Timing { recurrence: Some(format!("FREQ=DAILY;COUNT={count}")), ..timing }, plan }
}

async fn scheduled(platform: &Platform, organiser: &Request) -> RunId {
    accepted(platform.commands.booking.schedule(organiser, &draft(2, 0)).await)[0]
}

/// How many count, as their plan has it.
async fn counted(platform: &Platform, organiser: &Request) -> u32 {
    platform.commands.plans.usage(account(organiser)).await.expect("readable").expect("an account").runs
}

async fn allow(platform: &Platform, runs: u32) {
    let change = Revision { runs: Some(runs), ..Revision::default() };
    accepted(platform.commands.identity.revise_plan(&administrator(), Plan::Free, change).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_at_once_on_two_nodes_come_to_no_more_than_the_plan_allows() {
    let platform = Platform::init().await;
    let other = platform.commands_on(&platform.vault).await;
    let grace = organiser(&platform).await;
    let (nodes, draft) = ([&platform.commands.booking, &other.booking], draft(2, 0));
    let (mut made, mut turned_down) = (0, 0);
    for outcome in join_all(nodes.iter().cycle().take(8).map(|node| node.schedule(&grace, &draft))).await {
        match outcome.expect("decided") {
            Outcome::Accepted(_) => made += 1,
            Outcome::Rejected(rejection) => {
                assert_eq!(rejection, refused(CAP));
                turned_down += 1;
            }
        }
    }
    assert_eq!((made, turned_down), (CAP, 8 - CAP));
    assert_eq!(platform.named("RunScheduled").await.len(), usize::try_from(CAP).expect("a small number"));
    assert_eq!(counted(&platform, &grace).await, CAP);
}

#[tokio::test]
async fn a_series_counts_as_many_as_it_has_and_is_scheduled_as_a_whole_or_not_at_all() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let booking = &platform.commands.booking;
    assert_eq!(rejected(booking.schedule(&grace, &series(CAP + 1)).await), refused(0));
    assert!(platform.named("RunScheduled").await.is_empty());
    accepted(booking.schedule(&grace, &series(CAP - 1)).await);
    assert_eq!(rejected(booking.schedule(&grace, &series(2)).await), refused(CAP - 1));
    scheduled(&platform, &grace).await;
    assert_eq!(counted(&platform, &grace).await, CAP);
    let other = platform.signed_in("other@example.org", &[Role::Organiser]).await;
    scheduled(&platform, &other).await;
}

#[tokio::test]
async fn what_is_called_off_or_over_leaves_room_and_what_comes_again_needs_it() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let booking = &platform.commands.booking;
    let first = published(&platform, &grace, &draft(2, 0)).await;
    accepted(booking.schedule(&grace, &series(CAP - 1)).await);
    assert_eq!(rejected(booking.schedule(&grace, &draft(2, 0)).await), refused(CAP));
    accepted(booking.cancel(&grace, first, "").await);
    accepted(booking.cancel(&grace, first, "").await);
    assert_eq!(counted(&platform, &grace).await, CAP - 1);
    let second = published(&platform, &grace, &draft(2, 0)).await;

    pass(TimeDelta::days(40));
    assert_eq!(counted(&platform, &grace).await, 0);
    accepted(booking.complete(&grace, second).await);
    let third = published(&platform, &grace, &draft(2, 0)).await;
    pass(TimeDelta::days(40));
    accepted(booking.schedule(&grace, &series(CAP)).await);
    assert_eq!(rejected(booking.reschedule(&grace, third, &draft(2, 0).timing).await), refused(CAP));
    allow(&platform, CAP + 1).await;
    accepted(booking.reschedule(&grace, third, &draft(2, 0).timing).await);
    assert_eq!(counted(&platform, &grace).await, CAP + 1);
}

#[tokio::test]
async fn where_a_limit_is_lowered_what_there_is_goes_on_and_is_changed() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let booking = &platform.commands.booking;
    let (first, second) = (scheduled(&platform, &grace).await, published(&platform, &grace, &draft(2, 0)).await);
    allow(&platform, 1).await;
    let later = |days: i64| {
        let RunDraft { timing, plan } = draft(3, 0);
        let (starts_at, ends_at) = (timing.starts_at + TimeDelta::days(days), timing.ends_at + TimeDelta::days(days));
        RunDraft { timing: Timing { starts_at, ends_at, ..timing }, plan }
    };
    accepted(booking.revise(&grace, first, &later(1)).await);
    accepted(booking.publish(&grace, first).await);
    accepted(booking.reschedule(&grace, second, &later(2).timing).await);
    let too_many = Rejection::RunsExceeded { limit: 1, used: 2, plan: Plan::Free };
    assert_eq!(rejected(booking.schedule(&grace, &draft(2, 0)).await), too_many);
    assert_eq!(counted(&platform, &grace).await, 2);
}

#[tokio::test]
async fn runs_from_before_they_were_counted_count_from_when_they_are_moved() {
    let platform = Platform::init().await;
    let grace = organiser(&platform).await;
    let booking = &platform.commands.booking;
    let (RunDraft { timing, plan }, run) = (draft(2, 0), RunId(Uuid::now_v7()));
    let times = timing.times().expect("times")[0];
    let plan = plan.at(times, times.starts_at);
    let schedule = || RunCommand::Schedule { organiser: account(&grace), series: None, plan: Box::new(plan.clone()) };
    let operation = Operation::new(act("runSchedule"), serde_json::json!({ "run": run }));
    accepted(platform.dispatcher().await.command::<Run>(&anonymous(), operation, run.into(), schedule).await);
    assert_eq!(counted(&platform, &grace).await, 0);
    allow(&platform, 0).await;
    let later = Timing { ends_at: timing.ends_at + TimeDelta::hours(1), ..timing };
    accepted(booking.reschedule(&grace, run, &later).await);
    assert_eq!(counted(&platform, &grace).await, 1);
    accepted(booking.cancel(&grace, run, "").await);
    assert_eq!(counted(&platform, &grace).await, 0);
}
