//! A rolling update: a node whose read models are another generation starts beside one that serves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    Decider, Event,
    gamification::scorecard::{Scorecard, ScorecardEvent, Source},
    kernel::{AccountId, Points, WorkshopId},
};
use nalabo::client::Client;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    authoring::reading,
    engines::Engine,
    feed,
    people::Person,
    site::{PATIENCE, Server, Site},
};

mod postgres {
    crate::engines::on_postgres! {
        no_query_fails_while_a_changed_generation_is_filled_beside_the_one_that_serves(),
    }
}

/// Enough that the new generation takes a while.
const AWARDS: usize = 30_000;
const QUERIES: &str =
    "{ me { id } workshops { totalCount nodes { title } } leaderboard(period: ALL) { totalCount nodes { rank points } } }";

/// Events that every leaderboard folds.
async fn fill(site: &Site, account: &str) {
    let learner = AccountId(account.trim_start_matches("acc_").parse().expect("an account's id"));
    let source = Source::Workshop { workshop: WorkshopId(Uuid::now_v7()) };
    let award = ScorecardEvent::Awarded { learner, source, points: Points(1), total: Points(1) };
    let payload = serde_json::to_value(&award).expect("JSON");
    feed::streams(site, Scorecard::STREAM, award.name(), &payload, AWARDS).await;
}

/// Queries without a pause until told to stop; how many, all of them answered.
fn ask(client: Client, stop: Arc<AtomicBool>, count: Arc<AtomicUsize>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        while !stop.load(Ordering::Acquire) {
            let answer = client.graphql(QUERIES, Value::Null).await.unwrap_or_else(|error| panic!("a query failed: {error}"));
            assert!(answer["leaderboard"]["totalCount"].as_u64().is_some(), "{answer}");
            count.fetch_add(1, Ordering::Release);
        }
    })
}

/// Waits until a server is ready, which it must not be before it is level.
async fn ready(server: &Server) {
    let began = Instant::now();
    loop {
        let (status, body) = server.client().get("/readyz").await.expect("an answer");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        if status == 200 {
            let head = body["journal"]["head"].as_i64();
            let level = |model: &Value| model["position"].as_i64() >= head;
            assert!(body["projections"]["models"].as_array().expect("read models").iter().all(level), "ready, but not level: {body}");
            return;
        }
        assert!(began.elapsed() < PATIENCE, "it does not get ready: {body}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn generations(site: &Site) -> String {
    site.sql("SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'read\\_models\\_%'")
}

async fn no_query_fails_while_a_changed_generation_is_filled_beside_the_one_that_serves() {
    let site = Site::on(Engine::Postgres);
    let old = site.serve();
    let author = Person::with_role(&old, "author", "author").await;
    fill(&site, &author.account).await;
    ready(&old).await;
    assert_eq!(generations(&site), "1");
    let stop = Arc::new(AtomicBool::new(false));
    let (asked_old, asked_new) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut asking: Vec<_> = (0..3).map(|_| ask(author.client.clone(), stop.clone(), asked_old.clone())).collect();

    // In another time zone, days begin elsewhere, and so leaderboards are other ones.
    let beside = site.beside();
    let new = tokio::task::block_in_place(|| beside.serve_with(&[("NALABO_TIME_ZONE", "Asia/Tokyo")]));
    ready(&new).await;
    assert_eq!(generations(&site), "2", "the old one stays");
    let answered = asked_old.load(Ordering::Acquire);
    assert!(answered > 0, "nobody asked while it was filled");
    let there = new.client().with_token(author.tokens.access.clone());
    asking.extend((0..3).map(|_| ask(there.clone(), stop.clone(), asked_new.clone())));
    // Both take what is written now, on either node.
    for number in 0..20 {
        let client = if number % 2 == 0 { &author.client } else { &there };
        let input = json!({ "slug": format!("draft-{number}"), "content": reading(1, 1) });
        client.mutate("workshopDraft", input, "workshop { id }").await.expect("accepted");
    }
    let began = Instant::now();
    while asked_new.load(Ordering::Acquire) < 50 || asked_old.load(Ordering::Acquire) < answered + 50 {
        assert!(began.elapsed() < PATIENCE, "too few answers");
        assert!(asking.iter().all(|task| !task.is_finished()), "a query failed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.store(true, Ordering::Release);
    for task in asking {
        task.await.expect("every query is answered");
    }
    println!(
        "{} queries of the old one, {answered} of them while the new one was filled, {} of the new one",
        asked_old.load(Ordering::Acquire),
        asked_new.load(Ordering::Acquire)
    );
    old.stop();
    assert_eq!(generations(&site), "2", "it stays for its grace time, should the old build come back");
    there.graphql(QUERIES, Value::Null).await.expect("the new one goes on alone");
    new.stop();
}
