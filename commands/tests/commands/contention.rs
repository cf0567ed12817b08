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
