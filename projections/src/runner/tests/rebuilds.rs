use chrono_tz::Tz;
use journal::Position;
use tokio::sync::watch;

use super::{super::PAGE, fixtures::sign_in_many};
use crate::{
    Progress, ProjectionError, RebuildOptions, Until, digest_of_rows,
    fixtures::{World, catch_up, id},
    identity::sign_ins,
    rebuild_into,
};
use domain::kernel::AccountId;

fn until(until: Until) -> RebuildOptions {
    RebuildOptions { until, ..RebuildOptions::default() }
}

#[tokio::test]
async fn a_rebuild_stops_at_the_position_asked_for_and_agrees_with_the_live_rows_at_the_head() {
    let world = World::new().await;
    let middle = sign_in_many(&world, 1..=4).await;
    let head = sign_in_many(&world, 5..=6).await;
    let live = world.open("live.db", PAGE).await;
    catch_up(&live, head).await;

    let options = until(Until::Position(middle));
    let then = rebuild_into(&world.file("then.db"), world.journal.clone(), options).await.expect("a rebuild");
    assert_eq!(sign_ins::open_of(then.db(), AccountId(id(1))).await.expect("a query").len(), 4);
    let now = rebuild_into(&world.file("now.db"), world.journal.clone(), RebuildOptions::default()).await.expect("a rebuild");
    let digests = digest_of_rows(now.db()).await.expect("digests");
    assert_eq!(digests, digest_of_rows(live.db()).await.expect("digests"));
    assert_ne!(digests, digest_of_rows(then.db()).await.expect("digests"));

    let refused = rebuild_into(&world.file("now.db"), world.journal.clone(), RebuildOptions::default()).await;
    let refused = refused.err().expect("a file that exists");
    assert!(refused.to_string().contains("now.db"), "{refused}");
    assert!(world.file("now.db").exists(), "what was there before stays");
}

#[tokio::test]
async fn a_rebuild_as_of_an_instant_has_what_was_recorded_by_then() {
    let world = World::new().await;
    let middle = sign_in_many(&world, 1..=3).await;
    let at = world.journal.read(Position(middle.0 - 1), 1).await.expect("an event")[0].recorded_at;
    while chrono::Utc::now() <= at {
        tokio::task::yield_now().await;
    }
    sign_in_many(&world, 4..=5).await;
    let then = rebuild_into(&world.file("then.db"), world.journal.clone(), until(Until::At(at))).await.expect("a rebuild");
    assert_eq!(sign_ins::open_of(then.db(), AccountId(id(1))).await.expect("a query").len(), 3);
    let before = until(Until::At(chrono::DateTime::UNIX_EPOCH));
    let nothing = rebuild_into(&world.file("nothing.db"), world.journal.clone(), before).await.expect("a rebuild");
    assert_eq!(sign_ins::open_of(nothing.db(), AccountId(id(1))).await.expect("a query").len(), 0);
}

#[tokio::test]
async fn only_the_read_models_asked_for_are_in_a_file_that_stands_by_itself() {
    let world = World::new().await;
    let head = sign_in_many(&world, 1..=3).await;
    let (sender, progress) = watch::channel(Progress::default());
    let options = RebuildOptions { only: Some(vec!["sign_ins", "leaderboard"]), progress: Some(sender), ..RebuildOptions::default() };
    let some = rebuild_into(&world.file("some.db"), world.journal.clone(), options).await.expect("a rebuild");
    let tables: Vec<_> = digest_of_rows(some.db()).await.expect("digests").into_keys().collect();
    assert_eq!(tables, ["leaderboard", "leaderboard_counts", "sign_ins"]);
    assert_eq!(*progress.borrow(), Progress { position: head, until: head });
    some.close().await;
    let beside = |suffix: &str| world.file(&format!("some.db{suffix}")).exists();
    assert!(!beside("-wal") && !beside("-shm") && !beside("-journal"));

    let options = RebuildOptions { only: Some(vec!["scores"]), time_zone: Tz::UTC, ..RebuildOptions::default() };
    let unknown = rebuild_into(&world.file("none.db"), world.journal.clone(), options).await.err();
    assert!(matches!(unknown, Some(ProjectionError::Unknown { name, .. }) if name == "scores"));
    assert!(!world.file("none.db").exists());
}

#[tokio::test]
async fn a_rebuild_that_is_given_up_leaves_no_file() {
    let world = World::new().await;
    sign_in_many(&world, 1..=20).await;
    for polls in (1..60).step_by(7) {
        let path = world.file(&format!("{polls}.db"));
        let rebuild = rebuild_into(&path, world.journal.clone(), RebuildOptions::default());
        let ended = super::batching::drop_after(polls, Box::pin(async { drop(rebuild.await) })).await;
        assert_eq!(path.exists(), ended, "dropped at {polls}");
    }
}
