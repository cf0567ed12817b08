//! Several servers on one database.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    authoring::{publish, reading},
    crash::{
        SETTINGS, STEPS,
        evidence::{self, Evidence},
        rounds,
        writers::{Ledger, Writer},
    },
    engines::Engine,
    people::{PASSWORD, Person, text},
    site::{ADMINISTRATOR, PATIENCE, Server, Site},
    waiting::until,
};

mod postgres {
    crate::engines::on_postgres! {
        everybody_hears_of_everything_in_order_on_every_node(),
        what_was_written_on_one_node_is_read_on_each(),
        killing_each_in_turn_loses_nothing_and_the_others_go_on(),
    }
}

const NODES: usize = 3;
/// How soon after a node's death another one folds in its place.
const TAKEOVER: Duration = Duration::from_secs(10);
/// How often a test looks again.
const LOOK: Duration = Duration::from_millis(5);
const WORKSHOP: &str = "query($slug: String!) { workshop(slug: $slug) { id } }";

/// Servers with a data directory each, all on one database.
struct Cluster {
    sites: Vec<Site>,
    servers: Vec<Server>,
}

impl Cluster {
    fn start() -> Self {
        let first = Site::on(Engine::Postgres);
        let mut sites: Vec<_> = (1..NODES).map(|_| first.beside()).collect();
        sites.push(first);
        let servers = sites.iter().map(|site| site.serve_with(&SETTINGS)).collect();
        Self { sites, servers }
    }

    /// Ends a node from one moment to the next; the others keep their order.
    fn kill(&mut self, node: usize) {
        self.servers.remove(node).kill();
    }

    fn restart(&mut self, node: usize) {
        let server = self.sites[node].serve_with(&SETTINGS);
        self.servers.insert(node, server);
    }

    /// The same person on each node that runs.
    async fn each(&self, email: &str, password: &str) -> Vec<Person> {
        let mut people = Vec::new();
        for server in &self.servers {
            people.push(Person::sign_in(server, email, password).await);
        }
        people
    }

    fn stop(self) -> Site {
        self.servers.into_iter().for_each(Server::stop);
        self.sites.into_iter().next().expect("a site")
    }
}

async fn everybody_hears_of_everything_in_order_on_every_node() {
    let cluster = Cluster::start();
    let administrators = cluster.each(ADMINISTRATOR.0, ADMINISTRATOR.1).await;
    let last = administrators[0].query("{ events(last: 1) { nodes { position cursor } } }", Value::Null).await;
    let last = &last["events"]["nodes"][0];
    let query = "subscription($after: String) { events(after: $after) { position } }";
    let mut subscriptions = Vec::new();
    for administrator in &administrators {
        subscriptions.push(administrator.client.subscribe(query, json!({ "after": last["cursor"] })).await.expect("a subscription"));
    }
    let registering = (0..NODES * 4).map(|number| {
        let client = cluster.servers[number % NODES].client();
        let input = json!({ "email": format!("p{number}@example.org"), "displayName": "P", "password": PASSWORD });
        tokio::spawn(async move { client.mutate("accountRegister", input, "account { id }").await.expect("registered") })
    });
    for registered in registering.collect::<Vec<_>>() {
        registered.await.expect("no panic");
    }
    let head = administrators[0].head().await;
    for events in &mut subscriptions {
        let mut expected = last["position"].as_i64().expect("a position");
        let follow = |data: &Value| {
            expected += 1;
            assert_eq!(data["events"]["position"], expected, "neither a gap nor the same twice");
            (expected == head).then_some(())
        };
        events.until("the last event", PATIENCE, follow).await.expect("told");
    }
    cluster.stop();
}

/// Waits until a node's read models have reached a position.
async fn reached(server: &Server, position: i64) {
    let models = async || {
        let (_, body) = server.client().get("/readyz").await.expect("an answer");
        let ready: Value = serde_json::from_str(&body).expect("JSON");
        ready["projections"]["models"].as_array().expect("read models").clone()
    };
    let there = |models: &Vec<Value>| !models.is_empty() && models.iter().all(|model| model["position"].as_i64() >= Some(position));
    until(&format!("position {position}"), models, there).await;
}

async fn what_was_written_on_one_node_is_read_on_each() {
    let cluster = Cluster::start();
    Person::with_role(&cluster.servers[0], "author", "author").await;
    let authors = cluster.each("author@example.org", PASSWORD).await;
    let administrator = Person::administrator(&cluster.servers[0]).await;
    for round in 0..NODES * 3 {
        let (slug, here) = (format!("draft-{round}"), &authors[round % NODES]);
        let input = json!({ "slug": slug, "content": reading(1, 1) });
        let drafted = here.mutate("workshopDraft", input, "workshop { id } stale").await;
        assert_eq!(drafted["stale"], false, "{slug}");
        let found = here.query(WORKSHOP, json!({ "slug": slug })).await;
        assert_eq!(found["workshop"]["id"], drafted["workshop"]["id"], "on the node where it was written, at once");
        let position = administrator.head().await;
        for (server, there) in cluster.servers.iter().zip(&authors) {
            reached(server, position).await;
            assert_eq!(there.query(WORKSHOP, json!({ "slug": slug })).await["workshop"], found["workshop"], "on another node");
        }
    }
    cluster.stop();
}

async fn killing_each_in_turn_loses_nothing_and_the_others_go_on() {
    let mut cluster = Cluster::start();
    let author = Person::with_role(&cluster.servers[0], "author", "author").await;
    let workshop = publish(&author, "long", reading(STEPS, 1)).await;
    let mut ledger = Ledger::default();
    // Each node at least once.
    for round in 1..=rounds().div_ceil(NODES).max(NODES) {
        let victim = round % NODES;
        let killed = write_and_kill(&mut cluster, victim, &mut ledger, &author, &workshop, round).await;
        others_fold(&cluster, &author, round, killed).await;
        cluster.restart(victim);
        ledger.settle(&cluster.servers[(victim + 1) % NODES]).await;
    }
    evidence::points_are_awarded_once(&cluster.sites[0]).await;
    let site = cluster.stop();
    Evidence::of(&site).await.holds(&ledger);
}

/// Has all nodes write, kills one while they do, and sees that nobody else was disturbed. When it was killed.
async fn write_and_kill(
    cluster: &mut Cluster,
    victim: usize,
    ledger: &mut Ledger,
    author: &Person,
    workshop: &str,
    round: usize,
) -> Instant {
    let enough = 10 + (round * 17) % 40;
    let (written, told) = ([(); NODES].map(|()| Arc::new(AtomicUsize::new(0))), Arc::new(AtomicBool::new(false)));
    let on = |node: usize| written[node].load(Ordering::Acquire);
    let mut tasks = Vec::new();
    for (node, server) in cluster.servers.iter().enumerate() {
        let learner = Person::register(server, &format!("learner-{round}-{node}")).await;
        let learner = Writer::learner(server, &learner, workshop, round).until(Arc::clone(&told));
        let author = Writer::author(server, author, round, node).until(Arc::clone(&told));
        tasks.extend([learner, author].map(|writer| (node, tokio::spawn(writer.write(Arc::clone(&written[node]))))));
    }
    while (0..NODES).map(on).sum::<usize>() < enough {
        assert!(!tasks.iter().all(|(_, task)| task.is_finished()), "nobody writes any more");
        tokio::time::sleep(LOOK).await;
    }
    cluster.kill(victim);
    let killed = Instant::now();
    // The others write on, each of them; while nobody folds, an answer takes as long as it is waited for.
    for node in (0..NODES).filter(|node| *node != victim) {
        let before = on(node);
        while on(node) == before {
            assert!(killed.elapsed() < TAKEOVER, "node {node} does not write");
            tokio::time::sleep(LOOK).await;
        }
    }
    told.store(true, Ordering::Release);
    for (node, task) in tasks {
        let wrote = task.await.expect("no panic");
        assert!(node == victim || wrote.in_doubt.is_empty(), "node {node} did not answer: {:?}", wrote.in_doubt);
        ledger.take(wrote);
    }
    killed
}

/// Whoever folded, those who are left show what is new in time.
async fn others_fold(cluster: &Cluster, author: &Person, round: usize, killed: Instant) {
    let slug = format!("after-{round}");
    let input = json!({ "slug": slug, "content": reading(1, 1) });
    let client = cluster.servers[0].client().with_token(author.tokens.access.clone());
    let drafted = client.mutate("workshopDraft", input, "workshop { id }").await.expect("accepted");
    for server in &cluster.servers {
        let client = server.client().with_token(author.tokens.access.clone());
        loop {
            let found = client.graphql(WORKSHOP, json!({ "slug": slug })).await.expect("answered");
            if !found["workshop"].is_null() {
                break;
            }
            assert!(killed.elapsed() < TAKEOVER, "{} ({}) does not show {slug}", server.address, text(&drafted["workshop"]["id"]));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
