//! Several nodes on one generation.

use std::{sync::Arc, time::Duration};

use chrono_tz::Tz;
use domain::kernel::AccountId;
use sea_orm::ConnectionTrait;

use super::{super::PAGE, super::ReadModelState, fixtures::sign_in_many, options};
use crate::{
    Projections, RebuildOptions, digest_of_rows,
    fixtures::{DEADLINE, Engine, World, catch_up, id},
    identity::sign_ins,
    operator, rebuild_into,
};

/// Within which another node goes on where one died.
const TAKEOVER: Duration = Duration::from_secs(10);

/// Waits for what comes to be.
async fn until(mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.expect("it comes to be in time");
}

fn run(node: &Arc<Projections>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(Arc::clone(node).run(std::future::pending()))
}

async fn anew(world: &World, file: &str) -> std::collections::BTreeMap<String, String> {
    let rebuilt = rebuild_into(&world.file(file), world.journal.clone(), RebuildOptions::default()).await.expect("a rebuild");
    digest_of_rows(rebuilt.db()).await.expect("digests")
}

#[tokio::test]
async fn one_node_folds_the_others_follow_and_take_over_when_it_dies() {
    let world = World::on(Engine::Postgres).await;
    let head = sign_in_many(&world, 1..=5).await;
    let (first, second) = (world.open("shared", 2).await, world.open("shared", 2).await);
    let (one, two) = (run(&first), run(&second));
    assert!(first.reached(head, DEADLINE).await && second.reached(head, DEADLINE).await, "both can be read from");
    assert!(first.folds() && !second.folds());
    assert!(second.alive() && second.is_level());
    assert_eq!(first.status()[0].position, second.status()[0].position);

    // Without a word, as by kill -9: the lease is not released.
    one.abort();
    let head = sign_in_many(&world, 6..=9).await;
    assert!(second.reached(head, TAKEOVER).await, "a lease ends in time");
    assert!(second.folds());
    assert_eq!(sign_ins::open_of(second.db(), AccountId(id(1))).await.expect("a query").len(), 9);
    two.abort();
    assert_eq!(digest_of_rows(second.db()).await.expect("digests"), anew(&world, "anew.db").await);
}

#[tokio::test]
async fn a_node_that_stops_in_order_hands_over_at_once() {
    let world = World::on(Engine::Postgres).await;
    let first = world.open("shared", PAGE).await;
    let second = world.open("shared", PAGE).await;
    let two = run(&second);
    catch_up(&first, sign_in_many(&world, 1..=2).await).await;
    until(|| second.folds()).await;
    assert!(!first.folds());
    two.abort();
}

#[tokio::test]
async fn who_lost_the_lease_cannot_write() {
    let world = World::on(Engine::Postgres).await;
    let head = sign_in_many(&world, 1..=4).await;
    let (stale, next) = (world.open("shared", 1).await, world.open("shared", 1).await);
    assert!(stale.lease.held() && !next.lease.held());
    stale.store.writer.execute_unprepared("UPDATE leases SET until = clock_timestamp() - interval '1 second'").await.expect("a pause");
    assert!(next.lease.take(&next.store.writer).await.expect("a lease"));
    // The stale one still believes that it holds the lease, and goes on with its page.
    let refused = stale.fill(head, |_| {}).await.expect_err("the epoch is over");
    assert!(refused.to_string().contains("another process"), "{refused}");
    assert_eq!(sign_ins::open_of(stale.db(), AccountId(id(1))).await.expect("a query").len(), 0, "nothing of the page is there");
    next.fill(head, |_| {}).await.expect("its own epoch goes on");
    let rows = digest_of_rows(next.db()).await.expect("digests");
    assert_eq!(rows, anew(&world, "anew.db").await);
    // Running, it notices and follows.
    let runner = run(&stale);
    assert!(stale.reached(head, DEADLINE).await);
    runner.abort();
    assert_eq!(digest_of_rows(stale.db()).await.expect("digests"), rows);
}

#[tokio::test]
async fn many_nodes_may_begin_one_generation_at_once() {
    let world = World::on(Engine::Postgres).await;
    let head = sign_in_many(&world, 1..=3).await;
    let opened = (0..6).map(|_| {
        let (journal, options) = (world.journal.clone(), options(&world, Tz::UTC));
        tokio::spawn(async move { Arc::new(Projections::init(journal, &options).await.expect("read models")) })
    });
    let mut nodes = Vec::new();
    for node in opened.collect::<Vec<_>>() {
        nodes.push(node.await.expect("a node"));
    }
    let runners: Vec<_> = nodes.iter().map(run).collect();
    for node in &nodes {
        assert!(node.reached(head, DEADLINE).await);
    }
    assert_eq!(nodes.iter().filter(|node| node.folds()).count(), 1);
    for (node, runner) in nodes.iter().zip(runners) {
        runner.abort();
        node.close().await;
    }
}

#[tokio::test]
async fn a_generation_nobody_uses_any_more_is_dropped_from_postgres_and_one_in_use_is_not() {
    let world = World::on(Engine::Postgres).await;
    let head = sign_in_many(&world, 1..=2).await;
    let old = Projections::init(world.journal.clone(), &options(&world, Tz::Asia__Tokyo)).await.expect("read models");
    let patient = crate::ProjectionOptions { grace: Duration::from_hours(1), ..options(&world, Tz::UTC) };
    let new = Arc::new(Projections::init(world.journal.clone(), &patient).await.expect("read models"));
    catch_up(&new, head).await;
    assert_eq!(accounts_of(&old).await, Ok(0), "the old build still answers");
    new.close().await;

    let new = Arc::new(Projections::init(world.journal.clone(), &options(&world, Tz::UTC)).await.expect("read models"));
    catch_up(&new, head).await;
    assert!(accounts_of(&old).await.is_err(), "without grace it is gone");
    assert_eq!(accounts_of(&new).await, Ok(0));
}

async fn accounts_of(projections: &Projections) -> Result<u64, String> {
    crate::identity::accounts::total(projections.db()).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_parked_read_model_is_listed_and_resumed_from_outside_on_either_database() {
    for engine in Engine::ALL {
        let world = World::on(engine).await;
        let bad = sign_in_many(&world, 1..=2).await;
        let place = world.place();
        let absent = operator::status(&place, Tz::UTC, world.journal.as_ref()).await.expect_err("nothing there yet");
        assert!(absent.to_string().contains("not there"), "{absent}");
        let node = Arc::new(Projections::init(world.journal.clone(), &options(&world, Tz::UTC)).await.expect("read models"));
        let runner = run(&node);
        assert!(node.reached(bad, DEADLINE).await);
        // Parked by hand: what it could not take then it can now.
        let park = "UPDATE checkpoints SET parked = 'by hand' WHERE name = 'sign_ins'";
        node.store.writer.execute_unprepared(park).await.expect("a parked read model");
        node.checkpoints().iter_mut().for_each(|checkpoint| checkpoint.parked = (checkpoint.position == bad).then(|| "by hand".into()));
        for name in crate::names() {
            let sql = format!("UPDATE checkpoints SET parked = 'by hand' WHERE name = '{name}'");
            node.store.writer.execute_unprepared(&sql).await.expect("parked");
        }
        let listed = operator::status(&place, Tz::UTC, world.journal.as_ref()).await.expect("a list");
        assert!(listed.iter().all(|status| status.state == ReadModelState::Parked), "{listed:?}");
        assert_eq!(listed.len(), crate::names().len());
        let head = sign_in_many(&world, 3..=4).await;
        let unknown = operator::resume(&place, Tz::UTC, "scores").await.expect_err("no such read model");
        assert!(unknown.to_string().contains("sign_ins"), "{unknown}");
        for name in crate::names() {
            assert!(operator::resume(&place, Tz::UTC, name).await.expect("resumed"), "{name} on {engine:?}");
        }
        assert!(!operator::resume(&place, Tz::UTC, "sign_ins").await.expect("an answer"), "it is not parked any more");
        until(|| node.status().iter().all(|status| status.state == ReadModelState::Following && status.position == head)).await;
        let listed = operator::status(&place, Tz::UTC, world.journal.as_ref()).await.expect("a list");
        assert!(listed.iter().all(|status| (status.position, status.behind) == (head, 0)), "{listed:?}");
        runner.abort();
    }
}
