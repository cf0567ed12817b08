//! A `PostgreSQL` server that is killed while it is written to: whatever was acknowledged is there when it is up again.

mod fixtures;
#[path = "fixtures/postgres.rs"]
mod postgres;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use fixtures::{append, stream, write};
use futures_util::future::join_all;
use journal::{Durability, History, Journal, JournalError, Link, Position, postgres::PostgresJournal};
use tempfile::TempDir;
use test_postgres::{Server, ServerOptions};
use tokio::sync::watch;
use uuid::Uuid;

const ROUNDS: &str = "NALABO_CRASH_ROUNDS";
/// Rounds between two looks at everything. Those between look at what is new, or each would take longer than the one before.
const ALL: usize = 15;
const WRITERS: usize = 8;
/// Only ends a test that would hang.
const DEADLINE: Duration = Duration::from_mins(1);

#[derive(Default)]
struct Told {
    acknowledged: Vec<(Position, Uuid)>,
    /// Of which the journal said that they are not there.
    refused: Vec<Uuid>,
}

async fn append_until(journal: Arc<PostgresJournal>, told: Arc<Mutex<Told>>, count: watch::Sender<usize>, mut down: watch::Receiver<bool>) {
    while !*down.borrow_and_update() {
        let write = write(&stream(), 0, 3);
        let last = write.events[2].id;
        let answer = journal.append(append(vec![write])).await;
        let mut told = told.lock().expect("no panic");
        match answer {
            Ok(appended) => {
                told.acknowledged.push((appended.position, last));
                count.send_modify(|count| *count += 1);
            }
            Err(JournalError::Unavailable(_)) => told.refused.push(last),
            // Nobody knows, and so it was told.
            Err(JournalError::Unknown) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Holds the events after a link against what was told of them; the link reached.
async fn check(journal: &PostgresJournal, after: Link, told: &Told) -> Link {
    let history = loop {
        // Connections of before fail once.
        match journal.read(after.position, u32::MAX).await {
            Ok(history) => break history,
            Err(JournalError::Unavailable(_)) => tokio::task::yield_now().await,
            Err(other) => panic!("{other:?}"),
        }
    };
    let first = after.position.0 + 1;
    for (event, position) in history.iter().zip(first..) {
        assert_eq!(event.position, Position(position), "a gap");
    }
    assert_eq!(history.len() % 3, 0, "an append is torn");
    let ids: HashSet<Uuid> = history.iter().map(|event| event.event_id).collect();
    assert_eq!(ids.len(), history.len(), "an event is there twice");
    for (position, id) in &told.acknowledged {
        let event = usize::try_from(position.0 - first).ok().and_then(|at| history.get(at));
        assert_eq!(event.map(|event| event.event_id), Some(*id), "an acknowledged event is lost");
    }
    assert!(told.refused.iter().all(|id| !ids.contains(id)), "an event is there that was told not to be");
    let reached = journal.verify(after, u32::MAX).await.expect("verified");
    assert_eq!(reached.position.0, after.position.0 + i64::try_from(history.len()).expect("few"));
    reached
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill_of_the_server() {
    let rounds: usize = std::env::var(ROUNDS).map_or(15, |rounds| rounds.parse().expect("a number of rounds"));
    let directory = TempDir::new().expect("a directory");
    let mut server = Server::start(&ServerOptions { durable: true, ..ServerOptions::default() }).expect("a server");
    let url = server.create_database().expect("a database");
    let journal = postgres::open(directory.path(), &url, Durability::Full).await;
    let (mut all, mut reached) = (Told::default(), Link::default());
    for round in 1..=rounds {
        let told = Arc::new(Mutex::new(Told::default()));
        let (count, mut counted) = watch::channel(0);
        let (fall, down) = watch::channel(false);
        let writers = (0..WRITERS).map(|_| tokio::spawn(append_until(journal.clone(), told.clone(), count.clone(), down.clone())));
        let writers: Vec<_> = writers.collect();
        let enough = counted.wait_for(|count| *count > round * 37 % 100);
        tokio::time::timeout(DEADLINE, enough).await.expect("it works again").expect("a writer");
        let killed = tokio::task::spawn_blocking(move || {
            server.kill();
            server
        });
        server = killed.await.expect("killed");
        fall.send_replace(true);
        let answered = async {
            for writer in join_all(writers).await {
                writer.expect("no panic");
            }
        };
        let restarted = async {
            let restarted = tokio::task::spawn_blocking(move || {
                server.restart();
                server
            });
            restarted.await.expect("restarted")
        };
        // What they are told if it is soon up again, and what if it is not.
        server = if round % 2 == 0 {
            tokio::join!(restarted, answered).0
        } else {
            answered.await;
            restarted.await
        };
        let new = std::mem::take(&mut *told.lock().expect("no panic"));
        let after = reached;
        reached = check(&journal, after, &new).await;
        all.acknowledged.extend(new.acknowledged);
        all.refused.extend(new.refused);
        if round % ALL == 0 || round == rounds {
            assert_eq!(check(&journal, Link::default(), &all).await, reached, "what was there is not what it was");
        }
    }
}
