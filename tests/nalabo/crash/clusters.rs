//! Killing a server in the middle of making and unmaking environments on a cluster where requests go wrong: afterwards there is in
//! the cluster what lives, and nothing else.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use domain::kernel::EnvironmentId;
use nalabo::client::Subscription;
use orchestrator_kubernetes::desired::{learner_namespace, workbench_namespace};
use serde_json::{Value, json};
use test_cluster_simulator::{Effect, Fault, Simulator, When};

use super::SETTINGS;
use crate::{
    clusters::{namespaces, register, simulator, site, workshop},
    people::{Person, text},
    site::{PATIENCE, Server, Site},
};

/// Rounds, unless `NALABO_CLUSTER_ROUNDS` says how many; and rounds on one site.
const ROUNDS: usize = 40;
const PER_SITE: usize = 40;
/// Sessions that begin in a round. Those of the round before end in it.
const LEARNERS: usize = 3;
/// How long it may take until the server is killed at the latest.
const WAIT: Duration = Duration::from_secs(10);
/// One pass of what compares clusters with environments is every minute.
const ONE_PASS: Duration = Duration::from_mins(2);
/// So that a kill meets something under way.
const LATENCY: Duration = Duration::from_millis(8);

/// The event at which the server is killed.
const BOUNDARIES: [(&str, &str); 18] = [
    ("ClusterPlaceReserved", ""),
    ("EnvironmentStepStarted", "namespace"),
    ("EnvironmentStepSucceeded", "namespace"),
    ("EnvironmentStepStarted", "limits"),
    ("EnvironmentStepSucceeded", "limits"),
    ("EnvironmentStepStarted", "network"),
    ("EnvironmentStepSucceeded", "network"),
    ("EnvironmentStepStarted", "access"),
    ("EnvironmentStepSucceeded", "access"),
    ("EnvironmentStepStarted", "cluster"),
    ("EnvironmentStepSucceeded", "cluster"),
    ("EnvironmentStepStarted", "workbench"),
    ("EnvironmentStepSucceeded", "workbench"),
    ("EnvironmentStepStarted", "files"),
    ("EnvironmentStepSucceeded", "files"),
    ("EnvironmentReady", ""),
    ("EnvironmentTeardownStarted", ""),
    ("ClusterPlaceReleased", ""),
];

/// What goes wrong in the meantime.
fn effects() -> [Effect; 10] {
    [
        Effect::Conflict,
        Effect::TooManyRequests { retry_after: 1 },
        Effect::InternalError,
        Effect::Unavailable,
        Effect::Timeout,
        Effect::LoseRequest,
        Effect::LoseReply,
        Effect::HalfOpen,
        Effect::DropWatch { after: 1 },
        Effect::Slow { milliseconds: 100 },
    ]
}

fn rounds() -> usize {
    match std::env::var("NALABO_CLUSTER_ROUNDS") {
        Ok(rounds) => rounds.parse().expect("NALABO_CLUSTER_ROUNDS is a number"),
        Err(_) => ROUNDS,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clusters_hold_what_lives_and_nothing_else_whenever_a_server_is_killed() {
    let rounds = rounds();
    for first in (0..rounds).step_by(PER_SITE) {
        let mut matrix = Matrix::begin().await;
        for round in first..rounds.min(first + PER_SITE) {
            matrix.round(round).await;
            if rounds > ROUNDS {
                println!("round {round}: at {:?}, {:?}", boundary(round), effect(round));
            }
        }
        matrix.end().await;
    }
}

/// Strikes a tenth of all requests; where nothing is ever answered, one of them.
fn fault(round: usize) -> Fault {
    let fault = Fault::new(effect(round)).when(When::Probability(0.1));
    match effect(round) {
        Effect::HalfOpen => fault.when(When::Nth(20)),
        // Only what changes something has a conflict.
        Effect::Conflict => Fault { verb: Some("patch".into()), ..fault },
        _ => fault,
    }
}

/// Rounds go through all effects, and with each time that they did, one boundary further: so each meets each.
fn effect(round: usize) -> Effect {
    let effects = effects();
    effects[round % effects.len()].clone()
}

fn boundary(round: usize) -> (&'static str, &'static str) {
    let effects = effects().len();
    // In strides, so that few rounds meet all of them as well.
    BOUNDARIES[(round % effects * 7 + round / effects) % BOUNDARIES.len()]
}

struct Matrix {
    site: Site,
    simulator: Simulator,
    workshop: String,
    administrator: Person,
    /// Half of them begin sessions in even rounds, the others in odd ones.
    learners: Vec<Person>,
}

impl Matrix {
    async fn begin() -> Self {
        let (site, simulator) = (site(), simulator());
        let server = serve(&site);
        let administrator = Person::administrator(&server).await;
        register(&administrator, "first", &simulator).await;
        let mut learners = Vec::new();
        for number in 0..LEARNERS * 2 {
            learners.push(Person::register(&server, &format!("learner-{number}")).await);
        }
        let workshop = workshop(&administrator).await;
        server.stop();
        simulator.behave(|behaviour| behaviour.latency = LATENCY);
        Self { site, simulator, workshop, administrator, learners }
    }

    async fn round(&mut self, round: usize) {
        let server = serve(&self.site);
        self.on(&server);
        self.simulator.inject(fault(round));
        let mut events = self.events().await;
        self.begin_and_end(round).await;
        let (kind, step) = boundary(round);
        let is_there = |data: &Value| {
            let event = &data["events"];
            (event["type"] == kind && (step.is_empty() || event["payload"].to_string().contains(step))).then_some(())
        };
        // Where what goes wrong keeps it from getting there, it is killed all the same.
        let reached = events.until("the boundary", WAIT, is_there).await;
        server.kill();
        if let Err(error) = reached {
            println!("round {round}: killed before {kind} {step}: {error}");
        }
        if effect(round) == Effect::HalfOpen {
            self.simulator.withdraw_all();
        }
        let server = serve(&self.site);
        self.on(&server);
        self.is_level(round).await;
        self.simulator.withdraw_all();
        server.stop();
    }

    /// Lets everybody speak with a new server: their tokens outlast the old one.
    fn on(&mut self, server: &Server) {
        for person in self.learners.iter_mut().chain([&mut self.administrator]) {
            person.client = server.client().with_token(&person.tokens.access);
        }
    }

    async fn events(&self) -> Subscription {
        let after = self.administrator.query("{ events(last: 1) { nodes { cursor } } }", Value::Null).await;
        let after = json!({ "after": after["events"]["nodes"][0]["cursor"] });
        let query = "subscription($after: String) { events(after: $after) { type payload } }";
        self.administrator.client.subscribe(query, after).await.expect("a subscription")
    }

    /// Sessions begin while those of the round before end.
    async fn begin_and_end(&self, round: usize) {
        let half = round % 2 * LEARNERS;
        let (beginners, others) = (&self.learners[half..half + LEARNERS], &self.learners[LEARNERS - half..LEARNERS * 2 - half]);
        for learner in beginners {
            learner.mutate("sessionStart", json!({ "workshopId": self.workshop }), "session { id }").await;
        }
        leave(others).await;
    }

    /// Waits until all environments have come to rest, and what is in the cluster is what should be.
    async fn is_level(&self, round: usize) {
        let began = Instant::now();
        loop {
            let (resting, expected) = self.environments().await;
            let there: BTreeSet<String> = namespaces(&self.simulator).into_iter().collect();
            if resting && there == expected {
                return;
            }
            let (boundary, effect) = (boundary(round), effect(round));
            assert!(
                began.elapsed() < ONE_PASS,
                "round {round}, {boundary:?}, {effect:?}: at rest {resting}, there {there:?}, expected {expected:?}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Whether nothing is under way, and the namespaces of what is ready.
    async fn environments(&self) -> (bool, BTreeSet<String>) {
        let live = self.administrator.query("{ environments(first: 50) { nodes { id state failure } } }", Value::Null).await;
        let mut expected = BTreeSet::new();
        let mut resting = true;
        for environment in live["environments"]["nodes"].as_array().expect("environments") {
            match environment["state"].as_str() {
                Some("READY") => {
                    let id: EnvironmentId = text(&environment["id"]).parse().expect("an id");
                    expected.extend([workbench_namespace(id), learner_namespace(id)]);
                }
                Some("TORN_DOWN") => {}
                Some("STUCK") => panic!("{environment}"),
                _ => resting = false,
            }
        }
        (resting, expected)
    }

    async fn end(mut self) {
        let server = serve(&self.site);
        self.on(&server);
        leave(&self.learners).await;
        let began = Instant::now();
        loop {
            let taken = self.administrator.query("{ clusters { nodes { taken } } }", Value::Null).await;
            if taken["clusters"]["nodes"][0]["taken"] == 0 && namespaces(&self.simulator).is_empty() {
                break;
            }
            assert!(began.elapsed() < PATIENCE, "{taken}, {:?}", namespaces(&self.simulator));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        server.stop();
    }
}

/// Ends what sessions they have.
async fn leave(learners: &[Person]) {
    for learner in learners {
        let mine = learner.query("{ sessions(first: 10) { nodes { id status } } }", Value::Null).await;
        for session in mine["sessions"]["nodes"].as_array().expect("sessions").iter().filter(|session| session["status"] == "ACTIVE") {
            learner.mutate("sessionAbandon", json!({ "sessionId": session["id"] }), "session { status }").await;
        }
    }
}

fn serve(site: &Site) -> Server {
    site.serve_with(&[&SETTINGS[..], &[("NALABO_CLUSTERS__ALLOW_LOOPBACK", "true")]].concat())
}
