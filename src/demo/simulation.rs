//! `nalabo demo --simulate-clusters`: many sessions at once on simulated clusters that fail now and then, and whether every promise
//! was kept.
//!
//! Learners are ids here: accounts would cost a hashed password each, which is not what is looked at.

mod bare;
mod cost;
mod looks;
mod pool;
mod promises;
mod simulator;
mod workshop;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use commands::{Actor, Commands, Outcome, Request};
use domain::{
    identity::Role,
    kernel::{AccountId, ClusterId, SessionId, SignInId, WorkshopId},
};
use futures_util::{StreamExt, stream::BoxStream};
use journal::{JournalError, Recorded};
use serde_json::json;
use tokio::{task::JoinSet, time::timeout_at};
use uuid::Uuid;

use self::{
    cost::{Bound, Cpu},
    promises::Promises,
    simulator::Simulator,
};
use super::{
    DemoError,
    guests::{self, Administrator},
    narrator::Narrator,
    play::{failed, text},
};
use crate::{client::Client, node::Node};

/// How long all sessions together may take to begin, and again to end.
const LONG: Duration = Duration::from_mins(15);
/// Milliseconds of a processor, per environment, from its start until it is gone, beyond what its requests to the cluster take.
const CPU: f64 = 10.0;
/// Environments on each cluster, for that to be told.
const CROWD: u32 = 10;
/// In MiB.
const MEMORY: f64 = 300.0;

/// Events as they are recorded.
type Events = BoxStream<'static, Result<Arc<Recorded>, JournalError>>;

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Simulation {
    pub clusters: u32,
    /// All started at once.
    pub sessions: u32,
    /// How many of a hundred requests to a cluster fail.
    pub faults: u8,
}

impl Simulation {
    /// Seconds between two looks at a cluster, at the most.
    pub(super) fn looks_every(self) -> u32 {
        looks::every(self.clusters)
    }

    /// Exactly enough places for all, so that one too many anywhere is one too few elsewhere.
    const fn places(self) -> u32 {
        self.sessions.div_ceil(self.clusters)
    }
}

/// Starts all sessions, waits for their environments, ends them, and judges; with what to sign in afterwards.
pub(super) async fn simulate(node: &Node, simulation: Simulation, narrator: &Narrator) -> Result<Administrator, DemoError> {
    let administrator = guests::administrator(node).await?;
    narrator.chapter(&format!("{} simulated clusters", simulation.clusters));
    let mut simulator = Simulator::start(simulation).await?;
    let clusters = register(node, &administrator, &simulator, simulation).await?;
    narrator.say(format!("registered over the API, with {} places each", simulation.places()));
    let (workshop, needs) = workshop::publish(node).await?;
    let bare = bare::per_request(&mut simulator, &needs, simulation.sessions).await?.as_secs_f64() * 1000.0;
    simulator.fail(simulation.faults).await?;
    let asked = simulator.report().await?.requests();

    let Simulation { sessions, faults, .. } = simulation;
    let began = Utc::now();
    narrator.chapter(&format!("{sessions} sessions at once, while {faults} of 100 requests to the clusters fail"));
    let (cpu, mut promises) = (Cpu::now()?, Promises::begin(clusters.clone(), simulation.places()));
    let head = node.journal.head().await.map_err(|error| DemoError::step("read the journal", error))?;
    let mut events: Events = Box::pin(journal::tail(Arc::clone(&node.journal), head));
    let started = start(&node.commands, workshop, sessions).await?;
    let settled = follow(&mut events, &mut promises, |promises| promises.settled() >= started.len()).await?;
    promises.all_settled(started.len(), settled);
    promises.compare(&simulator.report().await?);
    narrator.say(promises.times());

    narrator.chapter("All of them end");
    end(&node.commands, &started).await?;
    let gone = follow(&mut events, &mut promises, |promises| promises.gone() >= started.len()).await?;
    promises.all_gone(started.len(), gone);
    let report = simulator.report().await?;
    promises.compare(&report);
    narrator.say(format!("{} requests to the clusters, {} of which failed on purpose", report.requests(), report.struck()));
    let cpu = cpu.per(sessions)?.as_secs_f64() * 1000.0;
    let requests = cost::each(report.requests() - asked, sessions);
    let bare = bare * requests;
    narrator
        .say(format!("CPU per environment: {cpu:.1} ms; its {requests:.1} requests take {bare:.1} ms of it where they are all there is"));
    let mut bounds = Vec::new();
    // With few on each of many clusters, most of it is to watch the clusters.
    if simulation.places() >= CROWD {
        bounds.push(Bound { what: "CPU per environment, beyond its requests", value: cpu - bare, unit: "ms", most: CPU });
    }
    if faults == 0 {
        let value = looks::longest_pause(&node.journal, &clusters, simulation.looks_every(), began).await?.as_secs_f64();
        bounds.push(Bound { what: "between two looks at a cluster", value, unit: "s", most: simulation.looks_every().into() });
    }
    let mut ahead = Promises::begin(clusters, simulation.places());
    bounds.push(pool::hand_out(node, &mut simulator, workshop, &mut events, &mut ahead, narrator).await?);
    promises.add(ahead);
    bounds.push(Bound { what: "memory", value: cost::peak_memory()?, unit: "MiB", most: MEMORY });
    judge(&promises, &bounds, narrator)?;
    simulator.end().await;
    Ok(administrator)
}

async fn register(
    node: &Node,
    administrator: &Administrator,
    simulator: &Simulator,
    simulation: Simulation,
) -> Result<BTreeMap<ClusterId, usize>, DemoError> {
    let anybody = Client::try_new(node.address).map_err(failed("make a client"))?;
    let signed_in = anybody.sign_in(&administrator.email, &administrator.password).await;
    let (client, _) = signed_in.map_err(failed("sign in as administrator"))?;
    let mut clusters = BTreeMap::new();
    for (number, kubeconfig) in simulator.kubeconfigs().enumerate() {
        let name = format!("simulated-{}", number + 1);
        let profile = json!({ "name": name, "limit": simulation.places() });
        let input = json!({ "profile": profile, "access": { "kubeconfig": { "text": kubeconfig } } });
        let registered = client.mutate("clusterRegister", input, "cluster { id }").await.map_err(failed("register a cluster"))?;
        let id = text(&registered["cluster"]["id"]).parse();
        clusters.insert(id.map_err(|_| DemoError::step("register a cluster", "it has no id"))?, number);
    }
    Ok(clusters)
}

/// Each by a learner of its own.
async fn start(commands: &Arc<Commands>, workshop: WorkshopId, sessions: u32) -> Result<Vec<(Request, SessionId)>, DemoError> {
    let doing = "start a session";
    let mut starting = JoinSet::new();
    for _ in 0..sessions {
        let commands = Arc::clone(commands);
        starting.spawn(async move {
            let request = learner();
            commands.learning.start(&request, workshop, false).await.map(|outcome| (request, outcome))
        });
    }
    let mut started = Vec::new();
    for joined in starting.join_all().await {
        match joined.map_err(|fault| DemoError::step(doing, fault))? {
            (request, Outcome::Accepted(accepted)) => started.push((request, accepted.value)),
            (_, Outcome::Rejected(rejection)) => return Err(DemoError::step(doing, rejection)),
        }
    }
    Ok(started)
}

fn learner() -> Request {
    let (account, sign_in) = (AccountId(Uuid::now_v7()), SignInId(Uuid::now_v7()));
    Request { actor: Actor::person(account, sign_in, Role::Learner.permissions()), ..Request::system("demo") }
}

/// Those whose environment could not be made are over as well: their sessions are still to be left.
async fn end(commands: &Arc<Commands>, started: &[(Request, SessionId)]) -> Result<(), DemoError> {
    let mut ending = JoinSet::new();
    for (request, session) in started.iter().cloned() {
        let commands = Arc::clone(commands);
        ending.spawn(async move { commands.learning.abandon(&request, session).await });
    }
    for joined in ending.join_all().await {
        if let Outcome::Rejected(rejection) = joined.map_err(|fault| DemoError::step("end a session", fault))? {
            return Err(DemoError::step("end a session", rejection));
        }
    }
    Ok(())
}

/// Reads events until `enough` of them are seen; whether that was in time.
async fn follow(events: &mut Events, promises: &mut Promises, enough: impl Fn(&Promises) -> bool) -> Result<bool, DemoError> {
    let until = (Instant::now() + LONG).into();
    while !enough(promises) {
        match timeout_at(until, events.next()).await {
            Ok(Some(Ok(event))) => promises.see(&event)?,
            Ok(Some(Err(error))) => return Err(DemoError::step("follow the journal", error)),
            Ok(None) => return Err(DemoError::step("follow the journal", "it has ended")),
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

fn judge(promises: &Promises, bounds: &[Bound], narrator: &Narrator) -> Result<(), DemoError> {
    let mut broken = promises.broken();
    narrator.chapter("The promises");
    narrator.say(promises.summary());
    if cfg!(debug_assertions) {
        narrator.say("this build is not optimised, so it may take longer:");
    } else {
        broken.extend(bounds.iter().filter(|bound| !bound.holds()).map(Bound::to_string));
    }
    for bound in bounds {
        narrator.say(bound.to_string());
    }
    if broken.is_empty() {
        narrator.say("every promise was kept");
        return Ok(());
    }
    for promise in &broken {
        narrator.say(format!("BROKEN: {promise}"));
    }
    Err(DemoError::Promises(broken.len()))
}
