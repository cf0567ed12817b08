//! Publishing: numbered versions that do not change.

use domain::{
    fact::Fact,
    workshops::{
        WorkshopRejection,
        content::{CompletionRule, Content, EnvironmentNeeds},
        workshop::WorkshopEvent,
    },
};

use crate::{
    platform::{Platform, accepted, author, rejected},
    texts::{check, content, practice, read, reading, step},
};

async fn versions(platform: &Platform) -> Vec<(u32, Content)> {
    let mut versions = Vec::new();
    for event in platform.named("WorkshopPublished").await {
        let Ok(Fact::Workshop(WorkshopEvent::Published { version, content, .. })) =
            Fact::decode(&event.stream.kind, &event.payload.to_value().expect("JSON"))
        else {
            panic!("{event:?}");
        };
        let content = platform.commands.workshops.content(&content).await.expect("kept");
        versions.push((version, content.as_ref().clone()));
    }
    versions
}

#[tokio::test]
async fn versions_are_numbered_and_keep_their_content() {
    let platform = Platform::init().await;
    let (workshops, ada) = (&platform.commands.workshops, author());
    let workshop = platform.published(&ada, "docker", &reading("First")).await;
    accepted(workshops.revise(&ada, workshop, &reading("Second")).await);
    assert_eq!(versions(&platform).await, [(1, reading("First"))]);
    accepted(workshops.publish(&ada, workshop).await);
    assert_eq!(versions(&platform).await, [(1, reading("First")), (2, reading("Second"))]);
}

#[tokio::test]
async fn what_is_published_already_is_not_published_again() {
    let platform = Platform::init().await;
    let (workshops, ada) = (&platform.commands.workshops, author());
    let workshop = platform.published(&ada, "docker", &reading("First")).await;
    assert_eq!(rejected(workshops.publish(&ada, workshop).await), WorkshopRejection::NothingToPublish);
    accepted(workshops.revise(&ada, workshop, &reading("Second")).await);
    accepted(workshops.revise(&ada, workshop, &reading("First")).await);
    assert_eq!(rejected(workshops.publish(&ada, workshop).await), WorkshopRejection::NothingToPublish);
    assert_eq!(versions(&platform).await.len(), 1);
}

#[tokio::test]
async fn everything_that_keeps_a_draft_from_being_published_is_named_by_its_path() {
    let platform = Platform::init().await;
    let ada = author();
    let mut checks = vec![check("fine"), check("broken"), check("missing")];
    checks[0].solution = Some("if true\nthen :".into());
    checks[1].script = Some("if true\nthen :".into());
    checks[2].script = None;
    let steps = vec![read("page"), step("task", CompletionRule::Check(checks))];
    let broken = Content { summary: String::new(), environment: Some(EnvironmentNeeds::default()), ..content("Docker", steps) };
    let workshop = accepted(platform.commands.workshops.draft(&ada, "docker".into(), &broken).await);
    let WorkshopRejection::Defective(defects) = rejected(platform.commands.workshops.publish(&ada, workshop).await) else {
        panic!("it is defective");
    };
    let paths: Vec<_> = defects.iter().map(|defect| defect.path.as_str()).collect();
    let rule = "steps[1].rule.check";
    assert_eq!(paths, ["summary", &format!("{rule}[2].script"), &format!("{rule}[0].solution"), &format!("{rule}[1].script")]);
    assert!(defects[3].expected.contains("syntax error"), "{}", defects[3].expected);
    assert!(versions(&platform).await.is_empty());

    accepted(platform.commands.workshops.revise(&ada, workshop, &practice("Docker")).await);
    accepted(platform.commands.workshops.publish(&ada, workshop).await);
}
