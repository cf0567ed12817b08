//! Starting sessions, and completing steps that are read or answered.

use commands::Fault;
use domain::{
    kernel::{Plan, Points, SessionId},
    learning::{
        LearningRejection as Rejection,
        session::{Active, Session},
    },
    workshops::content::{Content, StepOrder, Visibility},
};

use crate::{
    platform::{FREE, Platform, accepted, account, administrator, anonymous, author, fault, keyed, learner, rejected},
    texts::{content, practice, quiz, read, reading, step},
};

pub(crate) async fn active(platform: &Platform, session: SessionId) -> Active {
    match platform.commands.learning.session(session).await.expect("readable") {
        Session::Active(active) => *active,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn there_is_one_session_for_a_learner_and_a_workshop() {
    let platform = Platform::init().await;
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let session = accepted(learning.start(&ada, workshop, false).await);
    assert_eq!(rejected(learning.start(&ada, workshop, false).await), Rejection::AlreadyActive { session });
    accepted(learning.start(&learner(), workshop, false).await);
    let start = active(&platform, session).await.start;
    assert_eq!((start.learner, start.workshop, start.version), (account(&ada), workshop, Some(1)));
}

#[tokio::test]
async fn a_learner_has_so_many_sessions_at_once() {
    let platform = Platform::init().await;
    let (learning, ada, grace) = (&platform.commands.learning, learner(), author());
    let mut sessions = Vec::new();
    for nth in 0..FREE.sessions {
        let workshop = platform.published(&grace, &format!("docker-{nth}"), &reading("Docker")).await;
        sessions.push(accepted(learning.start(&ada, workshop, false).await));
    }
    let workshop = platform.published(&grace, "one-more", &reading("Docker")).await;
    let refused = Rejection::TooManyActive { cap: FREE.sessions, active: FREE.sessions, plan: Plan::Free };
    assert_eq!(rejected(learning.start(&ada, workshop, false).await), refused);
    accepted(learning.abandon(&ada, sessions[0]).await);
    accepted(learning.start(&ada, workshop, false).await);
}

#[tokio::test]
async fn what_is_not_published_is_not_there() {
    let platform = Platform::init().await;
    let (learning, grace) = (&platform.commands.learning, author());
    let draft = accepted(platform.commands.workshops.draft(&grace, "draft".into(), &reading("Docker")).await);
    let archived = platform.published(&grace, "archived", &reading("Docker")).await;
    accepted(platform.commands.workshops.archive(&grace, archived).await);
    for workshop in [draft, archived, uuid::Uuid::now_v7().into()] {
        assert_eq!(rejected(learning.start(&learner(), workshop, false).await), Rejection::WorkshopNotFound);
    }
    assert!(matches!(fault(learning.start(&anonymous(), draft, false).await), Fault::Unauthenticated));
}

#[tokio::test]
async fn a_private_workshop_is_there_for_its_author_and_administrators() {
    let platform = Platform::init().await;
    let (learning, grace) = (&platform.commands.learning, author());
    let private = Content { visibility: Visibility::Private, ..reading("Docker") };
    let unlisted = Content { visibility: Visibility::Unlisted, ..reading("Docker") };
    let private = platform.published(&grace, "private", &private).await;
    let unlisted = platform.published(&grace, "unlisted", &unlisted).await;
    assert_eq!(rejected(learning.start(&learner(), private, false).await), Rejection::WorkshopNotFound);
    accepted(learning.start(&grace, private, false).await);
    accepted(learning.start(&administrator(), private, false).await);
    accepted(learning.start(&learner(), unlisted, false).await);
}

#[tokio::test]
async fn a_draft_is_tried_out_by_its_author_and_earns_nothing() {
    let platform = Platform::init().await;
    let (learning, grace) = (&platform.commands.learning, author());
    let draft = accepted(platform.commands.workshops.draft(&grace, "draft".into(), &reading("Docker")).await);
    for somebody in [learner(), author()] {
        assert_eq!(rejected(learning.start(&somebody, draft, true).await), Rejection::WorkshopNotFound);
    }
    let session = accepted(learning.start(&grace, draft, true).await);
    assert_eq!(active(&platform, session).await.start.version, None);
    accepted(learning.complete(&grace, session, "one").await);
    assert_eq!(active(&platform, session).await.points, Points(0));
    accepted(learning.start(&administrator(), draft, true).await);
}

#[tokio::test]
async fn a_session_stays_on_the_version_it_was_started_with() {
    let platform = Platform::init().await;
    let (commands, ada, grace) = (&platform.commands, learner(), author());
    let workshop = platform.published(&grace, "docker", &practice("Docker")).await;
    let session = accepted(commands.learning.start(&ada, workshop, false).await);
    let mut other = quiz();
    other.correct = vec![0];
    let rule = domain::workshops::content::CompletionRule::Answer(other);
    accepted(commands.workshops.revise(&grace, workshop, &content("Docker", vec![step("question", rule)])).await);
    accepted(commands.workshops.publish(&grace, workshop).await);
    accepted(commands.learning.complete(&ada, session, "page").await);
    accepted(commands.learning.answer(&ada, session, "question", &[2, 1]).await);
    let active = active(&platform, session).await;
    assert_eq!((active.start.version, active.start.steps.len(), active.completed.len()), (Some(1), 3, 2));
    let later = accepted(commands.learning.start(&learner(), workshop, false).await);
    assert_eq!(self::active(&platform, later).await.start.version, Some(2));
}

#[tokio::test]
async fn steps_come_in_order_and_count_once() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    let complete = async |step| learning.complete(&ada, session, step).await;
    assert_eq!(rejected(complete("two").await), Rejection::OutOfOrder { current: "one".into() });
    assert_eq!(rejected(complete("three").await), Rejection::StepNotFound { step: "three".into() });
    accepted(complete("one").await);
    accepted(complete("one").await);
    assert_eq!(platform.named("StepCompleted").await.len(), 1);
    assert_eq!(active(&platform, session).await.points, Points(10));
}

#[tokio::test]
async fn steps_in_free_order_are_completed_in_any() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let free = Content { order: StepOrder::Free, ..content("Docker", vec![read("one"), read("two")]) };
    let workshop = platform.published(&author(), "docker", &free).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    accepted(learning.complete(&ada, session, "two").await);
    accepted(learning.complete(&ada, session, "one").await);
    accepted(learning.finish(&ada, session).await);
}

#[tokio::test]
async fn an_answer_is_an_attempt_and_completes_the_step_if_it_is_right() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &practice("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    let answer = async |choices: &[u16]| learning.answer(&ada, session, "question", choices).await;
    assert_eq!(rejected(answer(&[1, 2]).await), Rejection::OutOfOrder { current: "page".into() });
    accepted(learning.complete(&ada, session, "page").await);
    assert_eq!(rejected(answer(&[4]).await), Rejection::ChoicesInvalid { choices: 4 });
    let before = platform.events().await.len();
    accepted(answer(&[1]).await);
    accepted(answer(&[1, 2]).await);
    accepted(answer(&[3]).await);
    assert_eq!(platform.names_after(before).await, ["StepAnswered", "StepAnswered", "StepCompleted"]);
    assert_eq!(rejected(learning.complete(&ada, session, "question").await), Rejection::WrongRule { expected: "stepAnswer".into() });
}

#[tokio::test]
async fn an_answer_that_is_sent_again_is_answered_as_before_even_after_the_end() {
    let platform = Platform::init().await;
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &practice("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    accepted(learning.complete(&ada, session, "page").await);
    let first = learning.answer(&keyed(&ada, "k"), session, "question", &[1, 2]).await.expect("decided");
    accepted(learning.abandon(&ada, session).await);
    let again = learning.answer(&keyed(&ada, "k"), session, "question", &[1, 2]).await.expect("decided");
    assert_eq!(again, first);
}
