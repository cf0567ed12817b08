use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{TimeDelta, Utc};
use domain::{
    Decider, Event,
    environments::cluster::{Cluster, ClusterEvent, Resource},
};
use hmac::{Hmac, KeyInit, Mac};
use journal::{
    Append, Metadata, NewEvent, Position, StreamId, StreamWrite,
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault},
};
use serde_json::{Value, json};
use sha2::Sha256;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use uuid::Uuid;

use super::*;
use crate::config::AlertsConfig;

const KEY: [u8; 32] = [7; 32];
const ONE: Uuid = Uuid::from_u128(1);
const PATIENCE: Duration = Duration::from_mins(1);

/// What a receiver got, and how it answers: by these, one after the other, and then by 200.
#[derive(Default)]
struct Receiver {
    got: Mutex<Vec<(HeaderMap, String)>>,
    answers: Mutex<Vec<u16>>,
    asked: AtomicUsize,
}

/// The status for which a receiver never answers.
const HANGS: u16 = 0;

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: String) -> StatusCode {
    receiver.asked.fetch_add(1, Ordering::SeqCst);
    let answer = {
        let mut answers = receiver.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.is_empty() { 200 } else { answers.remove(0) }
    };
    if answer == HANGS {
        std::future::pending::<()>().await;
    }
    receiver.got.lock().unwrap_or_else(PoisonError::into_inner).push((headers, body));
    StatusCode::from_u16(answer).expect("a status")
}

impl Receiver {
    async fn start(answers: &[u16]) -> (Arc<Self>, String) {
        let receiver = Arc::new(Self { answers: Mutex::new(answers.to_vec()), ..Self::default() });
        let router = Router::new().route("/alerts", post(receive)).with_state(Arc::clone(&receiver));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, format!("http://{address}/alerts"))
    }

    fn got(&self) -> Vec<(HeaderMap, String)> {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it got, once that is so much.
    async fn until(&self, count: usize) -> Vec<(HeaderMap, String)> {
        let met = async {
            while self.got().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, met).await.unwrap_or_else(|_| panic!("{:?} after so long", self.got()));
        self.got()
    }
}

struct Anonymous;

#[async_trait::async_trait]
impl Names for Anonymous {
    async fn name(&self, cluster: ClusterId) -> Result<Option<String>, Fault> {
        Ok((cluster.0 == ONE).then(|| "frankfurt".to_owned()))
    }
}

struct Site {
    journal: Arc<dyn Journal>,
    _directory: TempDir,
}

impl Site {
    async fn new() -> Self {
        let site = Self::empty().await;
        site.append(ONE, &[ClusterEvent::Cordoned]).await;
        site
    }

    async fn empty() -> Self {
        let directory = TempDir::new().expect("a directory");
        let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
        let vault = Arc::new(SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault"));
        let journal = SqliteJournal::init(SqliteOptions::new(directory.path().join("journal.db"), vault)).await.expect("a journal");
        Self { journal: Arc::new(journal), _directory: directory }
    }

    async fn append(&self, cluster: Uuid, events: &[ClusterEvent]) {
        let stream = StreamId::new(Cluster::STREAM, cluster);
        let expected = self.journal.load(&stream, 0).await.expect("readable").last().map_or(0, |event| event.sequence);
        let event = |event: &ClusterEvent| NewEvent {
            id: Uuid::now_v7(),
            name: event.name().into(),
            version: event.version(),
            payload: serde_json::to_value(event).expect("JSON"),
        };
        let write = StreamWrite { stream, expected, events: events.iter().map(event).collect() };
        let metadata = json!({ "command": Uuid::now_v7(), "correlation": Uuid::now_v7(), "actor": "system:test" });
        let metadata: Metadata = serde_json::from_value(metadata).expect("metadata");
        let append = Append { writes: vec![write], metadata, receipt: None, fence: None };
        self.journal.append(append).await.expect("appended");
    }

    fn start(&self, node: &str, url: &str, options: Options) -> (JoinHandle<()>, watch::Sender<bool>) {
        let secret = format!("whsec_{}", STANDARD.encode(KEY));
        let config = json!({ "allow_loopback": true, "webhooks": [{ "url": url, "secret": secret }] });
        let config: AlertsConfig = serde_json::from_value(config).expect("a configuration");
        let (journal, names) = (Arc::clone(&self.journal), Arc::new(Anonymous));
        let webhooks = Webhooks { journal, names, node: node.to_owned(), options };
        let (stop, stopping) = watch::channel(false);
        (tokio::spawn(webhooks.run(config.checked().expect("receivers"), stopping)), stop)
    }

    /// Waits until a receiver that is new has its place: it is told of what comes after that.
    async fn begun(&self, url: &str) {
        let met = async {
            while self.journal.checkpoint(&name(url)).await.expect("readable") == Position(0) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, met).await.expect("a place");
    }

    /// Waits until some node has a receiver's lease.
    async fn led(&self, url: &str) {
        let met = async {
            while self.journal.lease(&name(url), "who looks", Duration::from_millis(1)).await.expect("readable").is_some() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, met).await.expect("a lease");
    }
}

/// What a receiver's lease and checkpoint are known by.
fn name(url: &str) -> String {
    use sha2::Digest;
    format!("webhook/{}", hex::encode(&Sha256::digest(url.as_bytes())[..8]))
}

fn options() -> Options {
    Options {
        answer: Duration::from_millis(300),
        pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(50),
        lease: Duration::from_millis(400),
        ..Options::default()
    }
}

fn short(percent: u32) -> ClusterEvent {
    ClusterEvent::CapacityShort { resource: Resource::Memory, percent }
}

fn percents(got: &[(HeaderMap, String)]) -> Vec<i64> {
    got.iter().map(|(_, body)| serde_json::from_str::<Value>(body).expect("JSON")["data"]["percent"].as_i64().unwrap_or(-1)).collect()
}

/// What a receiver does to know who speaks, in its own words.
fn is_signed(headers: &HeaderMap, body: &str) -> bool {
    let header = |name: &str| headers[name].to_str().expect("text");
    let content = [header("webhook-id"), header("webhook-timestamp"), body].join(".");
    let signature = header("webhook-signature").strip_prefix("v1,").and_then(|base64| STANDARD.decode(base64).ok()).expect("a signature");
    let age = Utc::now().timestamp() - header("webhook-timestamp").parse::<i64>().expect("a time");
    let mac = Hmac::<Sha256>::new_from_slice(&KEY).expect("a key").chain_update(content);
    (0..300).contains(&age) && mac.verify_slice(&signature).is_ok()
}

#[tokio::test]
async fn a_receiver_is_told_what_happens_from_then_on_and_can_tell_who_speaks() {
    let (site, (receiver, url)) = (Site::new().await, Receiver::start(&[]).await);
    site.append(ONE, &[short(86)]).await;
    let (_running, _stop) = site.start("here", &url, options());
    site.begun(&url).await;
    let since = Utc::now();
    site.append(ONE, &[ClusterEvent::Unreachable { reason: "no answer".into(), since }, ClusterEvent::Uncordoned]).await;
    site.append(Uuid::from_u128(2), &[short(90), ClusterEvent::Recovered { since }]).await;
    let got = receiver.until(3).await;
    let bodies: Vec<Value> = got.iter().map(|(_, body)| serde_json::from_str(body).expect("JSON")).collect();
    let types: Vec<_> = bodies.iter().map(|body| body["type"].clone()).collect();
    assert_eq!(types, ["cluster.unreachable", "cluster.capacity_short", "cluster.recovered"]);
    let cluster = json!({ "id": ClusterId(ONE).to_string(), "name": "frankfurt" });
    assert_eq!(bodies[0]["data"], json!({ "cluster": cluster, "reason": "no answer", "since": since }));
    assert_eq!((&bodies[1]["data"]["resource"], &bodies[1]["data"]["cluster"]["name"]), (&json!("memory"), &Value::Null));
    for (headers, body) in &got {
        assert!(is_signed(headers, body), "{headers:?}");
        assert!(!is_signed(headers, &format!("{body} ")), "another body");
    }
}

#[tokio::test]
async fn what_is_not_taken_is_told_again_under_the_same_id_and_in_order() {
    let (site, (receiver, url)) = (Site::new().await, Receiver::start(&[500, HANGS, 302, 200]).await);
    let (_running, _stop) = site.start("here", &url, options());
    site.begun(&url).await;
    site.append(ONE, &[short(86), short(87)]).await;
    let got = receiver.until(4).await;
    assert_eq!(percents(&got), [86, 86, 86, 87], "what hangs is cut off, and a redirect is no answer");
    assert_eq!(receiver.asked.load(Ordering::SeqCst), 5);
    let ids: Vec<_> = got.iter().map(|(headers, _)| headers["webhook-id"].clone()).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    assert!(got.iter().all(|(headers, body)| is_signed(headers, body)));
}

#[tokio::test]
async fn what_is_too_old_is_given_up_and_the_next_is_told() {
    let (site, (receiver, url)) = (Site::new().await, Receiver::start(&[500]).await);
    let (_running, _stop) = site.start("here", &url, Options { give_up: TimeDelta::milliseconds(-1), ..options() });
    site.begun(&url).await;
    site.append(ONE, &[short(86), short(87)]).await;
    assert_eq!(percents(&receiver.until(2).await), [86, 87]);
}

#[tokio::test]
async fn whoever_comes_after_one_that_was_killed_goes_on_where_it_was() {
    let (site, (receiver, url)) = (Site::new().await, Receiver::start(&[200, 200, HANGS]).await);
    let (running, _stop) = site.start("north", &url, options());
    site.begun(&url).await;
    site.append(ONE, &[short(86), short(87), short(88)]).await;
    receiver.until(2).await;
    let asked = async {
        while receiver.asked.load(Ordering::SeqCst) < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.expect("the third is on its way");
    running.abort();
    // Not told that the lease is free, and not of what was told.
    let (_running, _stop) = site.start("south", &url, options());
    assert_eq!(percents(&receiver.until(3).await), [86, 87, 88]);
    site.append(ONE, &[short(89)]).await;
    assert_eq!(percents(&receiver.until(4).await), [86, 87, 88, 89]);
}

#[tokio::test]
async fn a_receiver_that_began_on_an_empty_journal_misses_nothing_over_a_restart() {
    let (site, (receiver, url)) = (Site::empty().await, Receiver::start(&[]).await);
    let (running, stop) = site.start("here", &url, options());
    site.led(&url).await;
    site.append(ONE, &[ClusterEvent::Cordoned]).await;
    site.begun(&url).await;
    assert!(stop.send(true).is_ok());
    tokio::time::timeout(PATIENCE, running).await.expect("it ends").expect("well");
    site.append(ONE, &[short(86)]).await;
    let (_running, _stop) = site.start("here", &url, options());
    assert_eq!(percents(&receiver.until(1).await), [86]);
}

#[tokio::test]
async fn one_node_tells_a_receiver_and_another_when_it_stops() {
    let (site, (receiver, url)) = (Site::new().await, Receiver::start(&[]).await);
    let (north, stop) = site.start("north", &url, options());
    site.begun(&url).await;
    let (_south, _stop) = site.start("south", &url, options());
    for percent in 80..90 {
        site.append(ONE, &[short(percent)]).await;
    }
    receiver.until(10).await;
    assert!(stop.send(true).is_ok());
    tokio::time::timeout(PATIENCE, north).await.expect("it ends").expect("well");
    site.append(ONE, &[short(90)]).await;
    assert_eq!(percents(&receiver.until(11).await), (80..=90).collect::<Vec<_>>(), "each once");
    let counted = receiver.got().iter().fold(HashMap::<String, u32>::new(), |mut counted, (headers, _)| {
        *counted.entry(format!("{:?}", headers["webhook-id"])).or_default() += 1;
        counted
    });
    assert!(counted.values().all(|times| *times == 1), "{counted:?}");
}

#[test]
fn a_receiver_that_cannot_be_one_is_named_and_what_is_secret_is_not_shown() {
    let secret = format!("whsec_{}", STANDARD.encode(KEY));
    let checked = |allow_loopback: bool, webhook: Value| {
        let config = json!({ "allow_loopback": allow_loopback, "webhooks": [webhook] });
        let config: AlertsConfig = serde_json::from_value(config).expect("a configuration");
        assert!(!format!("{config:?}{}", serde_json::to_string(&config).expect("JSON")).contains("canary"));
        config.checked().map_err(|error| error.to_string())
    };
    let url = "https://hooks.example.org/canary";
    let fine = checked(false, json!({ "url": url, "secret": secret })).expect("a receiver");
    assert_eq!(format!("{fine:?}"), "[Webhook { host: \"hooks.example.org\", .. }]");
    assert!(checked(true, json!({ "url": "http://127.0.0.1:9000/canary", "secret": secret })).is_ok());
    for (loopback, webhook, field) in [
        (false, json!({ "secret": secret }), "url"),
        (false, json!({ "url": "canary", "secret": secret }), "url"),
        (false, json!({ "url": "http://127.0.0.1:9000/canary", "secret": secret }), "url"),
        (true, json!({ "url": "http://example.org/canary", "secret": secret }), "url"),
        (true, json!({ "url": "https://user:canary@example.org/", "secret": secret }), "url"),
        (false, json!({ "url": url }), "secret"),
        (false, json!({ "url": url, "secret": "canary" }), "secret"),
        (false, json!({ "url": url, "secret": "whsec_canary" }), "secret"),
        (false, json!({ "url": url, "secret": format!("whsec_{}", STANDARD.encode([7; 23])) }), "secret"),
        (false, json!({ "url": url, "secret": secret, "secret_file": "/nowhere/secret" }), "secret"),
        (false, json!({ "url": url, "secret_file": "/nowhere/secret" }), "secret_file"),
    ] {
        let told = checked(loopback, webhook.clone()).expect_err("refused");
        assert!(told.contains(&format!("alerts.webhooks[0].{field}: ")) && !told.contains("canary"), "{webhook}: {told}");
    }
}
