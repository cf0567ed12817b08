//! Points for steps and workshops.

use domain::{
    fact::Fact,
    gamification::scorecard::{ScorecardEvent, Source},
    kernel::{Points, WorkshopId},
};

use crate::{
    platform::{Platform, accepted, account, author, learner},
    rules::{rewind, settle},
    texts::reading,
};

async fn awarded(platform: &Platform) -> Vec<(Source, Points, Points)> {
    let mut awarded = Vec::new();
    for event in platform.named("PointsAwarded").await {
        match Fact::decode(&event.stream.kind, &event.payload.to_value().expect("JSON")) {
            Ok(Fact::Scorecard(ScorecardEvent::Awarded { source, points, total, .. })) => awarded.push((source, points, total)),
            other => panic!("{other:?}"),
        }
    }
    awarded
}

async fn finish(platform: &Platform, ada: &commands::Request, workshop: WorkshopId, preview: bool) {
    let learning = &platform.commands.learning;
    let session = accepted(learning.start(ada, workshop, preview).await);
    accepted(learning.complete(ada, session, "one").await);
    accepted(learning.complete(ada, session, "two").await);
    accepted(learning.finish(ada, session).await);
}

#[tokio::test]
async fn steps_and_the_workshop_earn_their_points_once() {
    let platform = Platform::init().await;
    let ada = learner();
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    finish(&platform, &ada, workshop, false).await;
    settle(&platform).await;
    let mut first = awarded(&platform).await;
    assert_eq!(first.last().map(|(_, _, total)| *total), Some(Points(70)));
    let totals: Vec<_> = first.iter().map(|(_, _, total)| *total).collect();
    assert!(totals.is_sorted(), "{totals:?}");
    first.sort();
    let step = |step: &str| Source::Step { workshop, step: step.into() };
    let expected = [(step("one"), Points(10)), (step("two"), Points(10)), (Source::Workshop { workshop }, Points(50))];
    assert_eq!(first.iter().map(|(source, points, _)| (source.clone(), *points)).collect::<Vec<_>>(), expected);

    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!(awarded(&platform).await.len(), 3, "reactions that come by again give nothing twice");
    finish(&platform, &ada, workshop, false).await;
    settle(&platform).await;
    assert_eq!(awarded(&platform).await.len(), 3, "a second time through the workshop earns nothing");
    assert!(platform.named("PointsAwarded").await.iter().all(|event| event.stream.id == account(&ada).0));
}

#[tokio::test]
async fn trying_out_a_draft_earns_nothing() {
    let platform = Platform::init().await;
    let grace = author();
    let workshop = accepted(platform.commands.workshops.draft(&grace, "docker".into(), &reading("Docker")).await);
    finish(&platform, &grace, workshop, true).await;
    settle(&platform).await;
    assert!(awarded(&platform).await.is_empty());
}

#[tokio::test]
async fn points_are_given_in_answer_to_the_event_that_earned_them() {
    let platform = Platform::init().await;
    let ada = learner();
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(platform.commands.learning.start(&ada, workshop, false).await);
    accepted(platform.commands.learning.complete(&ada, session, "one").await);
    settle(&platform).await;
    let (completed, awarded) = (&platform.named("StepCompleted").await[0], &platform.named("PointsAwarded").await[0]);
    assert_eq!(awarded.metadata.causation, Some(completed.event_id));
    assert_eq!(awarded.metadata.actor, "system:award_points_when_step_completed");
}
