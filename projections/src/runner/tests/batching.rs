use std::{collections::BTreeMap, future::poll_fn, pin::pin, sync::Arc, task::Poll};

use journal::Position;
use proptest::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, Statement};

use crate::{
    Projections, digest_of_rows,
    fixtures::{
        World, catch_up,
        histories::{Try, tries},
        seeds::seeded,
    },
    learning::{learners, sessions, step_statistics, workshop_statistics},
    tally::Tally,
};

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime").block_on(future)
}

proptest! {
    #![proptest_config(seeded(20))]

    #[test]
    fn any_batching_gives_the_rows_of_one_event_at_a_time(tries in tries(80), page in 2..60_u32, room in 0..200_000_usize) {
        block_on(async {
            let world = World::new().await;
            world.live_through(&tries).await;
            let batched = with_room(world.open("batched.db", page).await, room);
            catch_up(&batched, world.head().await).await;
            assert!(batched.status().iter().all(|status| status.parked.is_none()));
            let rows = digest_of_rows(batched.db()).await.expect("digests");
            assert_eq!(rows, world.one_by_one("one-by-one.db").await);
        });
    }

    #[test]
    fn totals_are_the_sums_over_their_rows(tries in tries(120), page in 1..30_u32) {
        block_on(async {
            let world = World::new().await;
            world.live_through(&tries).await;
            let projections = world.open("rows.db", page).await;
            catch_up(&projections, world.head().await).await;
            let db = projections.db();
            let sessions = sessions::Entity::find().all(db).await.expect("sessions");
            assert_eq!(stored::<learners::Entity>(db).await, sums::<learners::Entity>(&sessions, |row| row.learner));
            assert_eq!(stored::<workshop_statistics::Entity>(db).await, sums::<workshop_statistics::Entity>(&sessions, |row| row.workshop));
            let by_step = |row: &step_statistics::Model| (row.workshop, row.step.clone());
            assert_eq!(stored::<step_statistics::Entity>(db).await, sums::<step_statistics::Entity>(&sessions, by_step));
        });
    }

    #[test]
    fn a_runner_dropped_anywhere_goes_on_as_if_nothing_had_been(tries in tries(40), polls in proptest::collection::vec(1..150_usize, 20)) {
        block_on(async {
            let world = World::new().await;
            world.live_through(&tries).await;
            let head = world.head().await;
            let mut projections = with_room(world.open("rows.db", 3).await, 10_000);
            for (round, polls) in polls.into_iter().enumerate() {
                drop_after(polls, projections.clone().run(reach(&projections, head))).await;
                if round % 3 == 2 {
                    projections.close().await;
                    projections = with_room(world.open("rows.db", 3).await, 10_000);
                }
            }
            catch_up(&projections, head).await;
            let rows = digest_of_rows(projections.db()).await.expect("digests");
            assert_eq!(rows, world.one_by_one("one-by-one.db").await);
        });
    }
}

/// Rows are written as soon as they take more than so many bytes.
pub(super) fn with_room(mut projections: Arc<Projections>, room: usize) -> Arc<Projections> {
    Arc::get_mut(&mut projections).expect("the only one").room = room;
    projections
}

/// Drops a future after it was polled so often, which may be in the middle of a transaction; whether it had come to its end.
pub(super) async fn drop_after(polls: usize, future: impl Future<Output = ()>) -> bool {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        left -= 1;
        if left == 0 { Poll::Ready(false) } else { future.as_mut().poll(context).map(|()| true) }
    })
    .await
}

#[tokio::test]
async fn a_runner_dropped_at_each_turn_of_a_page_counts_every_event_once() {
    let world = World::new().await;
    let award = |step| Try::Award { learner: 1, workshop: 1, step, points: 5 };
    let session = |command| Try::Session { session: 1, command };
    world.live_through(&[session(0), award(1), session(1), session(2), award(2), session(2)]).await;
    let head = world.head().await;
    let expected = world.one_by_one("one-by-one.db").await;
    for polls in 1.. {
        let projections = world.open(&format!("{polls}.db"), 1000).await;
        let ended = drop_after(polls, projections.clone().run(reach(&projections, head))).await;
        catch_up(&projections, head).await;
        assert_eq!(digest_of_rows(projections.db()).await.expect("digests"), expected, "dropped at {polls}");
        projections.close().await;
        if ended {
            break;
        }
    }
}

pub(super) fn reach(projections: &Projections, head: Position) -> impl Future<Output = ()> + use<> {
    let mut level = projections.watch();
    async move { drop(level.wait_for(|level| *level >= head).await) }
}

/// A table as rows in the order of their text.
async fn stored<T: EntityTrait>(db: &DatabaseConnection) -> Vec<String>
where
    T::Model: std::fmt::Debug + Send + Sync,
{
    let mut rows: Vec<_> = T::find().all(db).await.expect("rows").iter().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}

/// The same, summed from nothing.
fn sums<T: Tally<sessions::Model>>(
    sessions: &[sessions::Model],
    key: impl Fn(&<T::Table as EntityTrait>::Model) -> <T::Table as crate::read_model::Table>::Key,
) -> Vec<String>
where
    <T::Table as EntityTrait>::Model: std::fmt::Debug,
{
    let mut totals = BTreeMap::new();
    for line in sessions.iter().flat_map(T::lines) {
        match totals.entry(key(&line)) {
            std::collections::btree_map::Entry::Vacant(free) => drop(free.insert(line)),
            std::collections::btree_map::Entry::Occupied(mut total) => T::add(total.get_mut(), &line, 1),
        }
    }
    let mut rows: Vec<_> = totals.values().map(|row| format!("{row:?}")).collect();
    rows.sort();
    rows
}

#[tokio::test]
async fn a_digest_tells_tables_apart_that_differ_in_one_value() {
    let world = World::new().await;
    let start = Try::Session { session: 0, command: 0 };
    world.live_through(&[start]).await;
    let projections = world.open("rows.db", 10).await;
    catch_up(&projections, world.head().await).await;
    let before = digest_of_rows(projections.db()).await.expect("digests");
    let writer = &projections.store.writer;
    let touch = Statement::from_string(writer.get_database_backend(), "UPDATE learners SET spent = spent + 1");
    writer.execute_raw(touch).await.expect("an update");
    let after = digest_of_rows(projections.db()).await.expect("digests");
    let different: Vec<_> = before.iter().filter(|(table, digest)| after.get(*table) != Some(*digest)).map(|(table, _)| table).collect();
    assert_eq!((different.as_slice(), before.len()), (&[&"learners".to_owned()][..], 35));
}
