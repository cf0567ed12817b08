//! Drafting, revising, archiving.

use commands::Fault;
use domain::workshops::WorkshopRejection;

use crate::{
    platform::{Platform, accepted, administrator, anonymous, author, fault, learner, rejected},
    texts::{content, read, reading},
};

#[tokio::test]
async fn a_draft_is_kept_under_its_digest() {
    let platform = Platform::init().await;
    accepted(platform.commands.workshops.draft(&author(), "docker".into(), &reading("Docker")).await);
    let drafted = platform.named("WorkshopDrafted").await;
    let digest = serde_json::from_value(drafted[0].payload.to_value().expect("JSON")["Drafted"]["content"].clone()).expect("a digest");
    assert_eq!(platform.commands.workshops.content(&digest).await.expect("kept").as_ref(), &reading("Docker"));
}

#[tokio::test]
async fn writing_takes_an_author() {
    let platform = Platform::init().await;
    let draft = async |request| fault(platform.commands.workshops.draft(&request, "docker".into(), &reading("Docker")).await);
    assert!(matches!(draft(learner()).await, Fault::Forbidden));
    assert!(matches!(draft(anonymous()).await, Fault::Unauthenticated));
    assert!(platform.events().await.is_empty());
}

#[tokio::test]
async fn the_same_content_again_is_no_new_draft() {
    let platform = Platform::init().await;
    let (workshops, ada) = (&platform.commands.workshops, author());
    let workshop = accepted(workshops.draft(&ada, "docker".into(), &reading("Docker")).await);
    accepted(workshops.revise(&ada, workshop, &reading("Docker")).await);
    accepted(workshops.revise(&ada, workshop, &reading("Podman")).await);
    accepted(workshops.revise(&ada, workshop, &reading("Podman")).await);
    assert_eq!(platform.names_after(0).await, ["SlugClaimed", "WorkshopDrafted", "ShelfFilled", "WorkshopRevised"]);
}

#[tokio::test]
async fn a_slug_is_given_once_and_has_a_form() {
    let platform = Platform::init().await;
    let (workshops, ada) = (&platform.commands.workshops, author());
    accepted(workshops.draft(&ada, "docker".into(), &reading("Docker")).await);
    assert_eq!(rejected(workshops.draft(&ada, "docker".into(), &reading("Podman")).await), WorkshopRejection::SlugTaken);
    for slug in ["", "Docker", "-docker", "a--b", "a/b"] {
        assert_eq!(rejected(workshops.draft(&ada, slug.into(), &reading("Podman")).await), WorkshopRejection::SlugInvalid, "{slug}");
    }
    assert_eq!(platform.events().await.len(), 3);
}

#[tokio::test]
async fn what_is_wrong_with_a_draft_is_named_by_its_path() {
    let platform = Platform::init().await;
    let (workshops, ada) = (&platform.commands.workshops, author());
    let broken = content("", vec![read("one"), read("one")]);
    let workshop = accepted(workshops.draft(&ada, "docker".into(), &reading("Docker")).await);
    for rejection in
        [rejected(workshops.draft(&ada, "podman".into(), &broken).await), rejected(workshops.revise(&ada, workshop, &broken).await)]
    {
        let WorkshopRejection::Defective(defects) = rejection else { panic!("{rejection}") };
        assert_eq!(defects.iter().map(|defect| defect.path.as_str()).collect::<Vec<_>>(), ["title", "steps[1].key"]);
    }
    assert_eq!(platform.events().await.len(), 3);
}

#[tokio::test]
async fn a_workshop_is_not_there_for_another_author_but_is_for_administrators() {
    let platform = Platform::init().await;
    let (workshops, bob) = (&platform.commands.workshops, author());
    let workshop = accepted(workshops.draft(&author(), "docker".into(), &reading("Docker")).await);
    assert_eq!(rejected(workshops.revise(&bob, workshop, &reading("Mine")).await), WorkshopRejection::NotFound);
    assert_eq!(rejected(workshops.publish(&bob, workshop).await), WorkshopRejection::NotFound);
    assert_eq!(rejected(workshops.archive(&bob, workshop).await), WorkshopRejection::NotFound);
    assert_eq!(platform.events().await.len(), 3);
    accepted(workshops.revise(&administrator(), workshop, &reading("Ours")).await);
    accepted(workshops.publish(&administrator(), workshop).await);
    accepted(workshops.archive(&administrator(), workshop).await);
    assert_eq!(rejected(workshops.publish(&bob, workshop).await), WorkshopRejection::NotFound, "nor is it once it is archived");
}

#[tokio::test]
async fn an_archived_workshop_stays_as_it_is() {
    let platform = Platform::init().await;
    let (workshops, ada) = (&platform.commands.workshops, author());
    let workshop = platform.published(&ada, "docker", &reading("Docker")).await;
    accepted(workshops.archive(&ada, workshop).await);
    accepted(workshops.archive(&ada, workshop).await);
    assert_eq!(rejected(workshops.revise(&ada, workshop, &reading("Podman")).await), WorkshopRejection::Archived);
    assert_eq!(rejected(workshops.publish(&ada, workshop).await), WorkshopRejection::Archived);
    assert_eq!(platform.names_after(4).await, ["WorkshopArchived", "ShelfCleared"], "archiving twice is no mistake");
}
