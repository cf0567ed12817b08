use std::sync::Arc;

use chrono_tz::Tz;
use test_postgres::{Server, ServerOptions};

use super::fixtures::sign_in_many;
use crate::{
    Place, ProjectionOptions, Projections, RebuildOptions, digest_of_rows,
    fixtures::{DEADLINE, World},
    rebuild_into,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_database_went_away_and_came_back_nothing_is_missing_or_counted_twice() {
    let world = World::new().await;
    let mut server = Server::start(&ServerOptions::default()).expect("a server");
    let place = Place::Postgres { url: server.create_database().expect("a database") };
    let options = ProjectionOptions { time_zone: Tz::UTC, ..ProjectionOptions::new(place) };
    let node = Arc::new(Projections::init(world.journal.clone(), &options).await.expect("read models"));
    let runner = tokio::spawn(node.clone().run(std::future::pending()));
    for round in 0..3 {
        let before = sign_in_many(&world, round * 10 + 1..=round * 10 + 5).await;
        assert!(node.reached(before, DEADLINE).await, "round {round}: {:?}", node.status());
        // What was just committed may be lost: it was not waited for.
        server.kill();
        let refused = tokio::time::timeout(DEADLINE, crate::identity::accounts::total(node.db())).await.expect("it does not hang");
        assert!(refused.is_err());
        server.restart();
        let head = sign_in_many(&world, round * 10 + 6..=round * 10 + 7).await;
        assert!(node.reached(head, DEADLINE).await, "round {round}: {:?}", node.status());
    }
    runner.abort();
    let rebuilt = rebuild_into(&world.file("anew.db"), world.journal.clone(), RebuildOptions::default()).await.expect("a rebuild");
    let rows = digest_of_rows(rebuilt.db()).await.expect("digests");
    assert_eq!(digest_of_rows(node.db()).await.expect("digests"), rows);
}
