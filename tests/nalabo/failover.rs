//! The primary is lost with its disk: a synchronous standby takes its place, and whatever was acknowledged is there.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use nalabo::client::{Client, ClientError};
use serde_json::{Value, json};
use test_postgres::ServerOptions;

use crate::{
    authoring::reading,
    people::{Person, text},
    site::{PATIENCE, Site, said},
};

mod postgres {
    crate::engines::on_postgres! {
        a_synchronous_standby_has_all_that_was_acknowledged(),
    }
}

const WRITERS: usize = 4;
/// Acknowledgements before the primary is killed.
const ENOUGH: usize = 40;
/// As in production.
const DURABLE: (&str, &str) = ("NALABO_JOURNAL__UNSAFE_DURABILITY", "false");

async fn draft(client: &Client, slug: &str) -> Result<Value, ClientError> {
    let input = json!({ "slug": slug, "content": reading(1, 1), "idempotencyKey": slug });
    client.mutate("workshopDraft", input, "workshop { id }").await
}

/// Drafts until there is no answer; what was acknowledged, and what was not.
async fn write(client: Client, writer: usize, acknowledged: Arc<AtomicUsize>) -> (Vec<String>, String) {
    let mut told = Vec::new();
    loop {
        let slug = format!("w{writer}-{}", told.len());
        match draft(&client, &slug).await {
            Ok(_) => {
                told.push(slug);
                acknowledged.fetch_add(1, Ordering::Release);
            }
            Err(error) => {
                assert_eq!(error.codes(), ["UNAVAILABLE"], "{error}");
                return (told, slug);
            }
        }
    }
}

async fn a_synchronous_standby_has_all_that_was_acknowledged() {
    let options = ServerOptions { durable: true, ..ServerOptions::default() };
    let mut primary = test_postgres::Server::start(&options).expect("a primary");
    let url = primary.create_database().expect("a database");
    let site = Site::at(&url);
    let server = site.serve_with(&[DURABLE]);
    let author = Person::with_role(&server, "author", "author").await;
    let standby = tokio::task::block_in_place(|| primary.standby(&options).expect("a standby"));
    primary.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'standby'").expect("set");
    primary.sql("postgres", "SELECT pg_reload_conf()").expect("read again");
    let began = Instant::now();
    while primary.sql("postgres", "SELECT sync_state FROM pg_stat_replication").expect("asked") != "sync" {
        assert!(began.elapsed() < PATIENCE, "the standby does not follow");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let acknowledged = Arc::new(AtomicUsize::new(0));
    let writing: Vec<_> =
        (0..WRITERS).map(|writer| tokio::spawn(write(author.client.clone(), writer, Arc::clone(&acknowledged)))).collect();
    while acknowledged.load(Ordering::Acquire) < ENOUGH {
        assert!(began.elapsed() < PATIENCE, "nothing is acknowledged: {}", server.printed());
        tokio::task::yield_now().await;
    }
    tokio::task::block_in_place(|| primary.kill());
    let (mut told, mut doubtful) = (Vec::new(), Vec::new());
    for writer in writing {
        let (drafted, last) = writer.await.expect("no panic");
        told.extend(drafted);
        doubtful.push(last);
    }
    server.kill();

    assert_eq!(standby.sql("postgres", "SELECT pg_promote()").expect("promoted"), "t");
    let moved = site.moved_to(&standby.url(url.rsplit_once('/').expect("a database").1));
    let server = tokio::task::block_in_place(|| moved.serve_with(&[DURABLE]));
    let client = server.client().with_token(author.tokens.access.clone());
    // Whatever became of what was not answered, under its key it is there once.
    for slug in &doubtful {
        draft(&client, slug).await.expect("accepted");
    }
    told.append(&mut doubtful);
    let (ready, body) = server.client().get("/readyz").await.expect("an answer");
    assert_eq!(ready, 200, "{body}");
    server.stop();
    let mut drafted: HashMap<String, usize> = HashMap::new();
    for event in moved.events().iter().filter(|event| event["type"] == "WorkshopDrafted") {
        *drafted.entry(text(&event["payload"]["Drafted"]["slug"])).or_default() += 1;
    }
    assert!(told.iter().all(|slug| drafted.get(slug) == Some(&1)), "acknowledged: {told:?}; there: {drafted:?}");
    assert_eq!(drafted.len(), told.len());
    let verified = moved.run(&["verify"]);
    assert!(verified.status.success(), "{}", said(&verified));
}
