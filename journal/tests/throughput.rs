//! How many appends per second; run by hand: `cargo test -p journal --test throughput -- --ignored --nocapture`.
#![allow(clippy::print_stderr, reason = "what was measured is told to who ran it")]

mod fixtures;
#[path = "fixtures/postgres.rs"]
mod postgres;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fixtures::{append, stream, write};
use futures_util::future::join_all;
use journal::{
    Append, Durability, Journal, NewReceipt,
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault},
};
use serde_json::json;
use tempfile::TempDir;
use test_postgres::{Server, ServerOptions};

const SPAN: Duration = Duration::from_secs(4);

fn request() -> Append {
    let receipt = NewReceipt {
        actor: "acc_1".into(),
        operation: "workshopPublish".into(),
        key: uuid::Uuid::new_v4().to_string(),
        fingerprint: vec![7; 32],
        outcome: json!({ "workshop": "wks_1" }),
        expires_at: Some(chrono::Utc::now() + chrono::TimeDelta::hours(1)),
    };
    Append { receipt: Some(receipt), ..append(vec![write(&stream(), 0, 1)]) }
}

async fn measure(engine: &str, journal: Arc<dyn Journal>) {
    for clients in [1, 16, 64, 256] {
        let until = Instant::now() + SPAN;
        let clients_work = (0..clients).map(|_| {
            let journal = journal.clone();
            tokio::spawn(async move {
                let mut count = 0_u32;
                while Instant::now() < until {
                    journal.append(request()).await.expect("append");
                    count += 1;
                }
                count
            })
        });
        let counts = join_all(clients_work.collect::<Vec<_>>()).await;
        let count: u32 = counts.into_iter().map(|count| count.expect("no panic")).sum();
        eprintln!("{engine}: {clients} clients, {:.0} appends/s", f64::from(count) / SPAN.as_secs_f64());
    }
    journal.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures, and takes its time"]
async fn appends_per_second() {
    let directory = TempDir::new().expect("a directory");
    let server = Server::start(&ServerOptions { durable: true, ..ServerOptions::default() }).expect("a server");
    let url = server.create_database().expect("a database");
    measure("postgres", postgres::open(directory.path(), &url, Durability::Full).await).await;
    let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
    let vault = SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault");
    let options = SqliteOptions::new(directory.path().join("journal.db"), Arc::new(vault));
    measure("sqlite", Arc::new(SqliteJournal::init(options).await.expect("a journal"))).await;
}
