//! Checking steps in environments.

use commands::{Fault, Outcome, learning::LaboratoryError};
use domain::{
    fact::Fact,
    kernel::SessionId,
    learning::{
        LearningRejection as Rejection,
        session::{CheckEnd, SessionEvent},
    },
};

use crate::{
    platform::{Platform, accepted, author, fault, keyed, learner, rejected},
    texts::practice,
};

/// A learner before the step with two checks.
async fn at_the_task(platform: &Platform) -> (commands::Request, SessionId) {
    let (learning, ada) = (&platform.commands.learning, learner());
    let workshop = platform.published(&author(), "docker", &practice("Docker")).await;
    let session = accepted(learning.start(&ada, workshop, false).await);
    accepted(learning.complete(&ada, session, "page").await);
    accepted(learning.answer(&ada, session, "question", &[1, 2]).await);
    (ada, session)
}

#[tokio::test]
async fn a_step_is_completed_when_all_its_checks_pass() {
    let platform = Platform::init().await;
    let (ada, session) = at_the_task(&platform).await;
    let before = platform.events().await.len();
    accepted(platform.commands.learning.check(&ada, session, "task").await);
    assert_eq!(platform.bench.checked(), ["first", "second"]);
    assert_eq!(platform.names_after(before).await, ["StepCheckPassed", "StepCheckPassed", "StepCompleted"]);
    accepted(platform.commands.learning.check(&ada, session, "task").await);
    assert_eq!(platform.bench.checked().len(), 2, "a step that is completed is not checked again");
    assert_eq!(platform.names_after(before).await.len(), 3);
}

#[tokio::test]
async fn checks_stop_at_the_first_that_fails_and_the_failure_is_recorded() {
    let platform = Platform::init().await;
    let (ada, session) = at_the_task(&platform).await;
    let before = platform.events().await.len();
    for end in [CheckEnd::Exited(1), CheckEnd::TimedOut, CheckEnd::OutputLimit, CheckEnd::Signalled(9)] {
        platform.bench.next_check(Ok(end));
        accepted(platform.commands.learning.check(&ada, session, "task").await);
    }
    platform.bench.next_check(Ok(CheckEnd::Exited(0)));
    platform.bench.next_check(Ok(CheckEnd::Exited(2)));
    accepted(platform.commands.learning.check(&ada, session, "task").await);
    assert_eq!(platform.bench.checked(), ["first", "first", "first", "first", "first", "second"]);
    let recorded: Vec<_> = platform.events().await.split_off(before);
    let attempts: Vec<_> = recorded
        .iter()
        .map(|event| match Fact::decode(&event.stream.kind, &event.payload.to_value().expect("JSON")) {
            Ok(Fact::Session(SessionEvent::StepCheckFailed { attempt, result, .. })) => (attempt, result.end, false),
            Ok(Fact::Session(SessionEvent::StepCheckPassed { attempt, result, .. })) => (attempt, result.end, true),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        (1, CheckEnd::Exited(1), false),
        (2, CheckEnd::TimedOut, false),
        (3, CheckEnd::OutputLimit, false),
        (4, CheckEnd::Signalled(9), false),
        (5, CheckEnd::Exited(0), true),
        (5, CheckEnd::Exited(2), false),
    ];
    assert_eq!(attempts, expected);
    let output = serde_json::to_string(&recorded[0].payload).expect("JSON");
    assert!(output.contains("sealed") && !output.contains("first ran"), "what a learner's check prints is sealed: {output}");
}

#[tokio::test]
async fn without_an_environment_there_is_no_attempt() {
    let platform = Platform::init().await;
    let (ada, session) = at_the_task(&platform).await;
    let before = platform.events().await.len();
    let check = async || platform.commands.learning.check(&ada, session, "task").await;
    platform.bench.next_check(Err(LaboratoryError::NotReady("provisioning".into())));
    assert_eq!(rejected(check().await), Rejection::EnvironmentNotReady { state: "provisioning".into() });
    platform.bench.next_check(Err(LaboratoryError::Failed("it broke".into())));
    assert!(matches!(fault(check().await), Fault::Outside(reason) if reason.contains("it broke")));
    assert_eq!(platform.events().await.len(), before);
    accepted(check().await);
}

#[tokio::test]
async fn one_check_of_a_session_runs_at_a_time() {
    let platform = Platform::init().await;
    let (ada, session) = at_the_task(&platform).await;
    platform.bench.held.send_replace(true);
    let mut begun = platform.bench.begun.subscribe();
    let running = tokio::spawn({
        let (commands, ada) = (platform.commands.clone(), ada.clone());
        async move { commands.learning.check(&ada, session, "task").await }
    });
    begun.wait_for(|begun| *begun == 1).await.expect("the bench is there");
    assert_eq!(rejected(platform.commands.learning.check(&ada, session, "task").await), Rejection::CheckRunning);
    platform.bench.held.send_replace(false);
    accepted(running.await.expect("no panic"));
    accepted(platform.commands.learning.check(&ada, session, "task").await);
}

#[tokio::test]
async fn a_check_whose_caller_has_gone_is_not_in_the_way() {
    let platform = Platform::init().await;
    let (ada, session) = at_the_task(&platform).await;
    platform.bench.held.send_replace(true);
    let mut begun = platform.bench.begun.subscribe();
    {
        let mut check = Box::pin(platform.commands.learning.check(&ada, session, "task"));
        tokio::select! {
            _ = &mut check => panic!("it is held"),
            _ = begun.wait_for(|begun| *begun == 1) => {}
        }
    }
    platform.bench.held.send_replace(false);
    accepted(platform.commands.learning.check(&ada, session, "task").await);
}

#[tokio::test]
async fn a_session_that_ends_while_it_is_checked_takes_no_result() {
    let platform = Platform::init().await;
    let (ada, session) = at_the_task(&platform).await;
    platform.bench.held.send_replace(true);
    let mut begun = platform.bench.begun.subscribe();
    let check = platform.commands.learning.check(&ada, session, "task");
    let end = async {
        begun.wait_for(|begun| *begun == 1).await.expect("the bench is there");
        accepted(platform.commands.learning.abandon(&ada, session).await);
        platform.bench.held.send_replace(false);
    };
    let (outcome, ()) = tokio::join!(check, end);
    assert_eq!(rejected(outcome), Rejection::Ended);
    assert!(platform.named("StepCheckPassed").await.is_empty());
}

#[tokio::test]
async fn a_check_that_is_asked_for_again_is_answered_and_not_run() {
    let platform = Platform::init().await;
    let (ada, session) = at_the_task(&platform).await;
    platform.bench.next_check(Ok(CheckEnd::Exited(1)));
    let check = async || platform.commands.learning.check(&keyed(&ada, "k"), session, "task").await.expect("decided");
    let first = check().await;
    assert!(matches!(first, Outcome::Accepted(_)));
    assert_eq!(check().await, first);
    assert_eq!(platform.bench.checked(), ["first"]);
    accepted(platform.commands.learning.abandon(&ada, session).await);
    assert_eq!(check().await, first);
}
