//! Finishing, abandoning and expiring.

use chrono::TimeDelta;
use commands::{Outcome, Request};
use domain::learning::{LearningRejection as Rejection, session::Session};
use futures_util::future::join_all;

use crate::{
    platform::{Platform, accepted, author, learner, pass, rejected},
    texts::reading,
};

#[tokio::test]
async fn a_session_is_finished_once_all_its_steps_are_completed() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    accepted(learning.complete(&ada, session, "one").await);
    assert_eq!(rejected(learning.finish(&ada, session).await), Rejection::StepsRemaining { remaining: 1 });
    accepted(learning.complete(&ada, session, "two").await);
    let before = platform.events().await.len();
    accepted(learning.finish(&ada, session).await);
    assert_eq!(platform.names_after(before).await, ["SessionFinished", "DeskCleared"]);
    assert!(matches!(learning.session(session).await.expect("readable"), Session::Ended { .. }));
}

#[tokio::test]
async fn a_session_that_has_ended_takes_nothing_more_and_gives_its_place_back() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    accepted(learning.abandon(&ada, session).await);
    assert_eq!(rejected(learning.complete(&ada, session, "one").await), Rejection::Ended);
    assert_eq!(rejected(learning.answer(&ada, session, "one", &[0]).await), Rejection::Ended);
    assert_eq!(rejected(learning.check(&ada, session, "one").await), Rejection::Ended);
    assert_eq!(rejected(learning.finish(&ada, session).await), Rejection::Ended);
    assert_eq!(rejected(learning.abandon(&ada, session).await), Rejection::Ended);
    accepted(learning.start(&ada, workshop, false).await);
}

#[tokio::test]
async fn somebody_elses_session_is_not_there() {
    let platform = Platform::init().await;
    let (learning, ada, bob) = (&platform.commands.learning, learner(), learner());
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    let before = platform.events().await.len();
    for session in [session, uuid::Uuid::now_v7().into()] {
        assert_eq!(rejected(learning.complete(&bob, session, "one").await), Rejection::NotFound);
        assert_eq!(rejected(learning.answer(&bob, session, "one", &[0]).await), Rejection::NotFound);
        assert_eq!(rejected(learning.check(&bob, session, "one").await), Rejection::NotFound);
        assert_eq!(rejected(learning.finish(&bob, session).await), Rejection::NotFound);
        assert_eq!(rejected(learning.abandon(&bob, session).await), Rejection::NotFound);
    }
    assert_eq!(platform.events().await.len(), before);
    accepted(learning.abandon(&ada, session).await);
    assert_eq!(rejected(learning.abandon(&bob, session).await), Rejection::NotFound);
}

#[tokio::test]
async fn a_session_expires_when_its_time_is_over_and_not_before() {
    let platform = Platform::init().await;
    let (learning, ada, system) = (&platform.commands.learning, learner(), Request::system("test"));
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    let before = platform.events().await.len();
    pass(TimeDelta::days(6));
    accepted(learning.expire(&system, session).await);
    assert_eq!(platform.events().await.len(), before);
    pass(TimeDelta::days(2));
    accepted(learning.expire(&system, session).await);
    accepted(learning.expire(&system, session).await);
    assert_eq!(platform.names_after(before).await, ["SessionExpired", "DeskCleared"]);
    accepted(learning.start(&ada, workshop, false).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_once() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    let before = platform.events().await.len();
    let outcomes = join_all((0..16).map(|_| learning.abandon(&ada, session))).await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Accepted(_)))).count(), 1);
    assert_eq!(platform.names_after(before).await, ["SessionAbandoned", "DeskCleared"]);
}
