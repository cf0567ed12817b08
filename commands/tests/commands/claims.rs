//! Decisions over several streams hold together or not at all.

use std::collections::BTreeSet;

use commands::{Outcome, dispatch::Operation};
use domain::{
    identity::IdentityRejection,
    kernel::{AccountId, WorkshopId},
    workshops::{
        WorkshopRejection,
        slug_claim::{SlugClaim, SlugClaimCommand},
        workshop::{Editor, Workshop, WorkshopCommand},
    },
};
use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::{
    platform::{FREE, Platform, accepted, act, author, learner, rejected},
    texts::reading,
};

#[tokio::test(flavor = "multi_thread")]
async fn of_many_registrations_of_an_address_one_succeeds() {
    let platform = Platform::init().await;
    let spellings = ["ada@example.org", "Ada@Example.org", "  ADA@EXAMPLE.ORG ", "\tada@example.ORG\n"];
    let registrations = (0..32).map(|nth| platform.register(spellings[nth % spellings.len()], &[]));
    let (accounts, rejections): (Vec<_>, Vec<_>) = join_all(registrations)
        .await
        .into_iter()
        .map(|outcome| outcome.expect("decided"))
        .partition(|outcome| matches!(outcome, Outcome::Accepted(_)));
    assert_eq!(accounts.len(), 1);
    assert!(rejections.iter().all(|outcome| *outcome == Outcome::Rejected(IdentityRejection::EmailTaken)), "{rejections:?}");
    assert_eq!(
        platform.names_after(0).await,
        ["EmailClaimed", "AccountRegistered", "EmailVerificationRequested", "MailQueued"],
        "who has it is told once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_drafts_under_a_slug_one_succeeds() {
    let platform = Platform::init().await;
    let authors: Vec<_> = (0..32).map(|_| author()).collect();
    let content = reading("Docker");
    let drafts = authors.iter().map(|author| platform.commands.workshops.draft(author, "docker".into(), &content));
    let outcomes: Vec<_> = join_all(drafts).await.into_iter().map(|outcome| outcome.expect("decided")).collect();
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Accepted(_))).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Rejected(WorkshopRejection::SlugTaken)).count(), 31);
    assert_eq!(platform.names_after(0).await, ["SlugClaimed", "WorkshopDrafted", "ShelfFilled"]);
}

#[tokio::test]
async fn a_second_decision_that_is_refused_takes_the_first_with_it() {
    let platform = Platform::init().await;
    let dispatcher = platform.dispatcher().await;
    let (ada, stream, workshop) = (learner(), SlugClaim::stream_id("docker"), WorkshopId(Uuid::now_v7()));
    let outcome = dispatcher.execute(&ada, Operation::new(act("test"), json!({})), |transaction| async move {
        let claimed = transaction.decide::<SlugClaim>(stream, SlugClaimCommand::Claim { slug: "docker".into(), workshop }).await?;
        assert!(claimed, "the claim alone would be written");
        let archive = WorkshopCommand::Archive { by: Editor::Author(AccountId(Uuid::now_v7())) };
        transaction.decide::<Workshop>(workshop.into(), archive).await
    });
    assert_eq!(rejected(outcome.await), WorkshopRejection::NotFound);
    assert!(platform.events().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_starts_of_a_workshop_one_succeeds_and_the_others_name_it() {
    let platform = Platform::init().await;
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let ada = learner();
    let starts = (0..32).map(|_| platform.commands.learning.start(&ada, workshop, false));
    let outcomes = join_all(starts).await;
    let started = platform.named("SessionStarted").await;
    assert_eq!(started.len(), 1);
    let session = started[0].stream.id.into();
    let rejection = domain::learning::LearningRejection::AlreadyActive { session };
    let rejections: Vec<_> = outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(Outcome::Rejected(_)))).map(rejected).collect();
    assert_eq!(rejections, vec![rejection; 31]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_more_sessions_than_allowed_however_many_they_start_at_once() {
    let platform = Platform::init().await;
    let (ada, grace) = (learner(), author());
    let mut workshops = Vec::new();
    for nth in 0..8 {
        workshops.push(platform.published(&grace, &format!("docker-{nth}"), &reading("Docker")).await);
    }
    let before = platform.events().await.len();
    let outcomes = join_all(workshops.iter().map(|workshop| platform.commands.learning.start(&ada, *workshop, false))).await;
    let sessions: BTreeSet<_> = outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(Outcome::Accepted(_)))).map(accepted).collect();
    assert_eq!(sessions.len(), FREE.sessions as usize);
    assert_eq!(platform.names_after(before).await.len(), 2 * sessions.len(), "a desk and a session each, and nothing of those refused");
}
