//! A request under an idempotency key is done once, and answered alike each time.

use chrono::{TimeDelta, Utc};
use commands::{
    Fault, Outcome, Request,
    dispatch::{Halt, Operation},
};
use domain::{
    environments::environment::{EnvironmentCommand, Request as Wanted},
    kernel::{AccountId, Digest, EnvironmentId, SessionId, WorkshopId},
    workshops::{
        WorkshopRejection,
        slug_claim::{SlugClaim, SlugClaimCommand},
    },
};
use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::{
    platform::{Platform, accepted, act, author, fault, keyed, learner, pass, rejected},
    texts::reading,
};

#[tokio::test]
async fn a_retry_gets_the_same_answer_and_writes_nothing() {
    let platform = Platform::init().await;
    let ada = keyed(&author(), "k");
    let first = platform.commands.workshops.draft(&ada, "docker".into(), &reading("Docker")).await.expect("decided");
    let before = platform.events().await.len();
    let again = platform.commands.workshops.draft(&ada, "docker".into(), &reading("Docker")).await.expect("decided");
    assert!(matches!(first, Outcome::Accepted(_)));
    assert_eq!(again, first);
    assert_eq!(platform.events().await.len(), before);
}

#[tokio::test]
async fn a_key_that_stands_for_other_input_is_refused() {
    let platform = Platform::init().await;
    let ada = keyed(&author(), "k");
    accepted(platform.commands.workshops.draft(&ada, "docker".into(), &reading("Docker")).await);
    let before = platform.events().await.len();
    for (slug, title) in [("podman", "Docker"), ("docker", "Podman")] {
        let outcome = platform.commands.workshops.draft(&ada, slug.into(), &reading(title)).await;
        assert!(matches!(fault(outcome), Fault::KeyReused), "{slug}, {title}");
    }
    assert_eq!(platform.events().await.len(), before);
}

#[tokio::test]
async fn a_rejection_is_given_again_even_if_it_would_be_accepted_by_now() {
    let platform = Platform::init().await;
    let ada = author();
    let workshop = platform.published(&ada, "docker", &reading("Docker")).await;
    let publish = async |key| platform.commands.workshops.publish(&keyed(&ada, key), workshop).await;
    assert_eq!(rejected(publish("k").await), WorkshopRejection::NothingToPublish);
    accepted(platform.commands.workshops.revise(&ada, workshop, &reading("Docker, again")).await);
    assert_eq!(rejected(publish("k").await), WorkshopRejection::NothingToPublish);
    accepted(publish("another").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_under_one_key_are_one() {
    let platform = Platform::init().await;
    let (ada, content) = (keyed(&author(), "k"), reading("Docker"));
    let drafts = (0..10).map(|_| platform.commands.workshops.draft(&ada, "docker".into(), &content));
    let answers: Vec<_> = join_all(drafts).await.into_iter().map(|outcome| outcome.expect("decided")).collect();
    assert!(matches!(answers[0], Outcome::Accepted(_)));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(platform.names_after(0).await, ["SlugClaimed", "WorkshopDrafted", "ShelfFilled"]);
}

#[tokio::test]
async fn keys_of_different_people_and_operations_are_different() {
    let platform = Platform::init().await;
    let (ada, bob) = (keyed(&author(), "k"), keyed(&author(), "k"));
    let hers = accepted(platform.commands.workshops.draft(&ada, "docker".into(), &reading("Docker")).await);
    let his = accepted(platform.commands.workshops.draft(&bob, "podman".into(), &reading("Podman")).await);
    assert_ne!(hers, his);
    accepted(platform.commands.workshops.publish(&ada, hers).await);
    assert_eq!(platform.named("WorkshopPublished").await.len(), 1);
}

#[tokio::test]
async fn a_key_has_1_to_200_characters() {
    let platform = Platform::init().await;
    for key in [String::new(), "k".repeat(201)] {
        let outcome = platform.commands.workshops.draft(&keyed(&author(), &key), "docker".into(), &reading("Docker")).await;
        assert!(matches!(fault(outcome), Fault::KeyInvalid), "{} characters", key.len());
    }
    accepted(platform.commands.workshops.draft(&keyed(&author(), &"é".repeat(200)), "docker".into(), &reading("Docker")).await);
}

#[tokio::test]
async fn what_could_not_be_decided_is_decided_by_a_retry() {
    let platform = Platform::init().await;
    let dispatcher = platform.dispatcher().await;
    let (request, workshop) = (keyed(&learner(), "k"), WorkshopId(Uuid::now_v7()));
    let claim = || SlugClaimCommand::Claim { slug: "docker".into(), workshop };
    let operation = || Operation::new(act("slugClaim"), json!("docker"));
    let outcome = dispatcher.execute(&request, operation(), |transaction| async move {
        transaction.decide::<SlugClaim>(SlugClaim::stream_id("docker"), claim()).await?;
        Err::<(), _>(Halt::<WorkshopRejection>::Fault(Fault::Busy))
    });
    assert!(matches!(fault(outcome.await), Fault::Busy));
    assert!(platform.events().await.is_empty());
    accepted(dispatcher.command::<SlugClaim>(&request, operation(), SlugClaim::stream_id("docker"), claim).await);
}

#[tokio::test]
async fn receipts_of_people_expire_and_those_of_reactions_do_not() {
    let platform = Platform::init().await;
    let (ada, environment) = (author(), EnvironmentId(Uuid::now_v7()));
    accepted(platform.commands.workshops.draft(&keyed(&ada, "k"), "docker".into(), &reading("Docker")).await);
    let system = keyed(&Request::system("a_rule"), "k");
    accepted(platform.commands.environments.record(&system, environment, || EnvironmentCommand::Request(wanted())).await);

    assert_eq!(platform.journal.purge_receipts(Utc::now() + TimeDelta::days(6)).await.expect("purged"), 0);
    assert_eq!(platform.journal.purge_receipts(Utc::now() + TimeDelta::days(8)).await.expect("purged"), 1);
    assert_eq!(platform.journal.receipt(&ada.actor.name(), "workshopDraft", "k").await.expect("readable"), None);
    assert!(platform.journal.receipt("system:a_rule", "environmentRecord", "k").await.expect("readable").is_some());
}

#[tokio::test]
async fn a_key_may_be_used_anew_once_its_receipt_has_expired() {
    let platform = Platform::init().await;
    let ada = keyed(&author(), "k");
    pass(TimeDelta::days(-8));
    accepted(platform.commands.workshops.draft(&ada, "docker".into(), &reading("Docker")).await);
    pass(TimeDelta::days(8));
    accepted(platform.commands.workshops.draft(&ada, "podman".into(), &reading("Podman")).await);
    assert_eq!(platform.named("WorkshopDrafted").await.len(), 2);
}

fn wanted() -> Wanted {
    Wanted {
        session: SessionId(Uuid::now_v7()),
        learner: AccountId(Uuid::now_v7()),
        workshop: WorkshopId(Uuid::now_v7()),
        content: Digest::try_from("0".repeat(64)).expect("64 digits"),
        expires_at: Utc::now(),
    }
}
