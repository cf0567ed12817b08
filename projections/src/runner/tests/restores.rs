//! Backups of either side put back: noticed by the journal's hashes.

use domain::kernel::AccountId;
use journal::Position;
use sea_orm::ConnectionTrait;

use super::{super::PAGE, fixtures::sign_in_many};
use crate::{
    RebuildOptions, digest_of_rows,
    fixtures::{Engine, World, catch_up, id},
    identity::sign_ins,
    rebuild_into,
};

#[tokio::test]
async fn older_read_models_put_back_take_what_they_miss_and_nothing_twice() {
    let world = World::new().await;
    let projections = world.open("rows.db", PAGE).await;
    catch_up(&projections, sign_in_many(&world, 1..=5).await).await;
    projections.close().await;
    std::fs::copy(world.file("rows.db"), world.file("backup.db")).expect("a backup");

    let head = sign_in_many(&world, 6..=9).await;
    let projections = world.open("rows.db", PAGE).await;
    catch_up(&projections, head).await;
    let rows = digest_of_rows(projections.db()).await.expect("digests");
    projections.close().await;
    std::fs::copy(world.file("backup.db"), world.file("rows.db")).expect("a restore");

    let projections = world.open("rows.db", PAGE).await;
    assert!(projections.status().iter().all(|status| status.position == Position(5)));
    catch_up(&projections, head).await;
    assert_eq!(digest_of_rows(projections.db()).await.expect("digests"), rows);
}

#[tokio::test]
async fn read_models_on_postgres_of_another_journal_or_a_longer_one_are_built_anew() {
    for other_events in [1..=7_u128, 1..=3] {
        let world = World::on(Engine::Postgres).await;
        let folded = world.open("shared", PAGE).await;
        catch_up(&folded, sign_in_many(&world, 11..=15).await).await;
        folded.close().await;

        // Another journal in place of the first: longer than it, or shorter.
        let mut other = World::new().await;
        other.postgres.clone_from(&world.postgres);
        let head = sign_in_many(&other, other_events).await;
        let projections = other.open("shared", PAGE).await;
        assert!(projections.status().iter().all(|status| status.position == Position(0)));
        catch_up(&projections, head).await;
        let open = sign_ins::open_of(projections.db(), AccountId(id(1))).await.expect("a query");
        assert_eq!(i64::try_from(open.len()).expect("few"), head.0);
        let rebuilt = rebuild_into(&other.file("anew.db"), other.journal.clone(), RebuildOptions::default()).await.expect("a rebuild");
        let rows = digest_of_rows(rebuilt.db()).await.expect("digests");
        assert_eq!(digest_of_rows(projections.db()).await.expect("digests"), rows);
        projections.close().await;
    }
}

#[tokio::test]
async fn a_checkpoint_moved_by_hand_is_noticed() {
    for engine in Engine::ALL {
        let world = World::on(engine).await;
        let head = sign_in_many(&world, 1..=5).await;
        let projections = world.open("shared", PAGE).await;
        catch_up(&projections, head).await;
        projections.store.writer.execute_unprepared("UPDATE checkpoints SET position = 3 WHERE name = 'sign_ins'").await.expect("a change");
        projections.close().await;
        let projections = world.open("shared", PAGE).await;
        let status = projections.status();
        assert!(status.iter().all(|status| (status.position == Position(0)) == (status.name == "sign_ins")), "{status:?}");
        catch_up(&projections, head).await;
        assert_eq!(sign_ins::open_of(projections.db(), AccountId(id(1))).await.expect("a query").len(), 5);
        projections.close().await;
    }
}
