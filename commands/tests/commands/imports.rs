//! Workshops that come from files.

use commands::{Fault, Request, workshops::Imported};
use domain::{
    fact::Fact,
    workshops::{WorkshopRejection, workshop::WorkshopEvent},
};

use crate::{
    platform::{Platform, accepted, account, administrator, author, fault, rejected},
    texts::{content, read, reading},
};

#[tokio::test]
async fn an_import_drafts_what_is_new_and_revises_what_has_changed() {
    let platform = Platform::init().await;
    let (system, ada) = (Request::system("import"), account(&author()));
    let import = async |title| accepted(platform.commands.workshops.import(&system, ada, "docker", &reading(title)).await);
    let (workshop, imported) = import("Docker").await;
    assert_eq!(imported, Imported::Drafted);
    assert_eq!(import("Docker").await, (workshop, Imported::Unchanged));
    assert_eq!(import("Podman").await, (workshop, Imported::Revised));
    assert_eq!(import("Podman").await, (workshop, Imported::Unchanged));
    assert_eq!(platform.names_after(0).await, ["SlugClaimed", "WorkshopDrafted", "ShelfFilled", "WorkshopRevised"]);
    let drafted = &platform.named("WorkshopDrafted").await[0];
    let fact = Fact::decode(&drafted.stream.kind, &drafted.payload.to_value().expect("JSON"));
    assert!(matches!(fact, Ok(Fact::Workshop(WorkshopEvent::Drafted { author, .. })) if author == ada));
}

#[tokio::test]
async fn importing_takes_who_manages_workshops() {
    let platform = Platform::init().await;
    let ada = author();
    let import = async |request: &Request| platform.commands.workshops.import(request, account(&ada), "docker", &reading("Docker")).await;
    assert!(matches!(fault(import(&ada).await), Fault::Forbidden));
    assert!(platform.events().await.is_empty());
    accepted(import(&administrator()).await);
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_named_and_nothing_is_changed() {
    let platform = Platform::init().await;
    let (system, ada) = (Request::system("import"), author());
    let import = async |content| platform.commands.workshops.import(&system, account(&ada), "docker", &content).await;
    let broken = || content("", vec![read("one")]);
    assert!(matches!(rejected(import(broken()).await), WorkshopRejection::Defective(_)));
    accepted(import(reading("Docker")).await);
    assert!(matches!(rejected(import(broken()).await), WorkshopRejection::Defective(_)));
    assert_eq!(platform.events().await.len(), 3);
}

#[tokio::test]
async fn a_workshop_that_is_archived_is_not_brought_back() {
    let platform = Platform::init().await;
    let ada = author();
    let workshop = platform.published(&ada, "docker", &reading("Docker")).await;
    accepted(platform.commands.workshops.archive(&ada, workshop).await);
    let outcome = platform.commands.workshops.import(&Request::system("import"), account(&ada), "docker", &reading("Again")).await;
    assert_eq!(rejected(outcome), WorkshopRejection::SlugTaken);
}
