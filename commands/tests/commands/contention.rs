//! Many writers on one stream.

use domain::{fact::Fact, workshops::workshop::WorkshopEvent};
use futures_util::future::join_all;

use crate::{
    platform::{Platform, accepted, author},
    texts::reading,
};

#[tokio::test(flavor = "multi_thread")]
async fn every_command_on_a_busy_stream_is_decided_on_what_came_before_it() {
    let platform = Platform::init().await;
    let ada = author();
    let workshop = accepted(platform.commands.workshops.draft(&ada, "docker".into(), &reading("Docker")).await);
    let contents: Vec<_> = (0..32).map(|nth| reading(&format!("Docker {nth}"))).collect();
    let revisions = contents.iter().map(|content| platform.commands.workshops.revise(&ada, workshop, content));
    join_all(revisions).await.into_iter().for_each(accepted);
    let revisions: Vec<_> = platform
        .named("WorkshopRevised")
        .await
        .iter()
        .map(|event| match Fact::decode(&event.stream.kind, &event.payload.to_value().expect("JSON")) {
            Ok(Fact::Workshop(WorkshopEvent::Revised { revision, .. })) => revision,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(revisions, (2..=33).collect::<Vec<u32>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_of_one_author_at_once_all_find_room_on_the_shelf_that_they_share() {
    let platform = Platform::init().await;
    let ada = author();
    let contents: Vec<_> = (0..64).map(|nth| (format!("docker-{nth}"), reading(&format!("Docker {nth}")))).collect();
    let drafts = contents.iter().map(|(slug, content)| platform.commands.workshops.draft(&ada, slug.clone(), content));
    join_all(drafts).await.into_iter().for_each(|drafted| {
        accepted(drafted);
    });
    assert_eq!(platform.named("WorkshopDrafted").await.len(), 64);
}
