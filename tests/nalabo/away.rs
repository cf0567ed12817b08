//! The database is away for a while, or slow, or silent: requests are told so soon, and served again soon after.

#[path = "../../journal/tests/fixtures/proxy.rs"]
mod proxy;

use std::time::{Duration, Instant};

use nalabo::client::{Client, ClientError};
use proxy::Proxy;
use serde_json::{Value, json};
use test_postgres::ServerOptions;

use crate::{
    authoring::reading,
    people::{Person, text},
    site::Site,
};

mod postgres {
    crate::engines::on_postgres! {
        requests_fail_soon_while_the_database_is_away_and_soon_succeed_when_it_is_back(),
        requests_fail_soon_while_the_database_is_slow_or_silent_and_soon_succeed_when_it_is_not(),
    }
}

/// How soon a request is told that the database is away: what is promised, and what the way to the server takes.
const TOLD: Duration = Duration::from_millis(2500);
/// How soon after the database is back requests are served.
const SERVED: Duration = Duration::from_secs(10);
/// How many seconds it is away, each time.
const AWAY: &str = "NALABO_AWAY_SECONDS";
/// So slow that no statement is answered in time.
const SLOW: Duration = Duration::from_secs(3);
const QUERY: &str = "{ workshops { totalCount } }";

fn away() -> Duration {
    Duration::from_secs(std::env::var(AWAY).map_or(10, |seconds| seconds.parse().expect("a number of seconds")))
}

async fn draft(client: &Client, slug: &str) -> Result<Value, ClientError> {
    let input = json!({ "slug": slug, "content": reading(1, 1), "idempotencyKey": slug });
    client.mutate("workshopDraft", input, "workshop { id }").await
}

/// Fails in time, with the code that says that it may be tried again.
async fn unavailable(request: impl Future<Output = Result<Value, ClientError>>) {
    let began = Instant::now();
    let answer = request.await;
    let took = began.elapsed();
    let error = answer.expect_err("there is no database");
    assert_eq!(error.codes(), ["UNAVAILABLE"], "{error}");
    assert!(took < TOLD, "it took {took:?}");
}

async fn requests_fail_soon_while_the_database_is_away_and_soon_succeed_when_it_is_back() {
    let durable = ServerOptions { durable: true, ..ServerOptions::default() };
    let mut database = test_postgres::Server::start(&durable).expect("a database server");
    let site = Site::at(&database.create_database().expect("a database"));
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let mut slugs = Vec::new();
    for killed in [false, true] {
        for number in 0..5 {
            let slug = format!("draft-{killed}-{number}");
            draft(&author.client, &slug).await.expect("accepted");
            slugs.push(slug);
        }
        tokio::task::block_in_place(|| if killed { database.kill() } else { database.stop() });
        let gone = Instant::now();
        let lost = format!("lost-{killed}");
        while gone.elapsed() < away() {
            tokio::join!(unavailable(author.client.graphql(QUERY, Value::Null)), unavailable(draft(&author.client, &lost)));
        }
        assert_eq!(server.client().get("/healthz").await.expect("alive").0, 200);
        assert_eq!(server.client().get("/readyz").await.expect("an answer").0, 503);
        tokio::task::block_in_place(|| database.restart());
        served_again(&author.client, &lost).await;
        slugs.push(lost);
    }
    server.stop();
    assert_drafted(&site, &slugs);
}

async fn requests_fail_soon_while_the_database_is_slow_or_silent_and_soon_succeed_when_it_is_not() {
    let url = test_postgres::database();
    let port = url.rsplit_once(':').and_then(|(_, rest)| rest.split_once('/')).expect("a port").0;
    let proxy = Proxy::start(port.parse().expect("a number"), "never sent").await;
    let site = Site::at(&proxy.url(&url));
    let server = site.serve();
    let author = Person::with_role(&server, "author", "author").await;
    let mut slugs = Vec::new();
    // A little slow is only slow.
    proxy.slow(Duration::from_millis(20));
    draft(&author.client, "slowly").await.expect("accepted");
    slugs.push("slowly".to_owned());
    for slow in [true, false] {
        if slow {
            proxy.slow(SLOW);
        } else {
            proxy.flow(false);
        }
        let (begun, lost) = (Instant::now(), format!("lost-{slow}"));
        while begun.elapsed() < away() {
            tokio::join!(unavailable(author.client.graphql(QUERY, Value::Null)), unavailable(draft(&author.client, &lost)));
        }
        assert_eq!(server.client().get("/healthz").await.expect("alive").0, 200);
        assert_eq!(server.client().get("/readyz").await.expect("an answer").0, 503);
        proxy.slow(Duration::ZERO);
        proxy.flow(true);
        served_again(&author.client, &lost).await;
        slugs.push(lost);
    }
    server.stop();
    assert_drafted(&site, &slugs);
}

/// Sends what failed again, under its key, until it is served; then no connection is good for nothing.
async fn served_again(client: &Client, lost: &str) {
    let back = Instant::now();
    while let Err(error) = draft(client, lost).await {
        assert_eq!(error.codes(), ["UNAVAILABLE"], "{error}");
        assert!(back.elapsed() < SERVED, "it is not served again: {error}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let asked = (0..20).map(|_| client.graphql(QUERY, Value::Null));
    for answer in futures_util::future::join_all(asked).await {
        answer.expect("answered");
    }
}

fn assert_drafted(site: &Site, slugs: &[String]) {
    let drafted: Vec<String> = site
        .events()
        .iter()
        .filter(|event| event["type"] == "WorkshopDrafted")
        .map(|event| text(&event["payload"]["Drafted"]["slug"]))
        .collect();
    assert_eq!(drafted, slugs, "each once, in order");
}
