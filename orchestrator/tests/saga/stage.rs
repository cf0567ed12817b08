//! Stores that stay, and processes that come and go.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use chrono::Utc;
use commands::{
    Accepted, Actor, Commands, Fault, Outcome, Request, Settings, StreamOptions,
    identity::{Hashing, HashingCost, TokenSettings},
    plans::PlanLimits,
    workshops::ScriptParser,
};
use domain::{
    environments::environment::{Environment, EnvironmentCommand, EnvironmentEvent, Request as Wanted, TeardownReason},
    fact::Fact,
    identity::Role,
    kernel::{AccountId, Digest, EnvironmentId, Minutes, Points, SessionId, SignInId, WorkshopId},
    workshops::content::{
        Block, Category, CompletionRule, Content, Difficulty, EnvironmentNeeds, ProvidedFile, Step, StepOrder, Visibility,
    },
};
use futures_util::StreamExt;
use journal::{History, Journal, Position, vault::Vault};
use orchestrator::{
    saga::{Saga, SagaOptions},
    sites::Sites,
    stocker::{StockOptions, Stocker},
    workbench::Workbench,
};
use projections::{ProjectionOptions, Projections};
use test_stores::Stores;
use tokio::{runtime::Runtime, sync::watch};
use uuid::Uuid;

use crate::{
    harbour::{AnyCluster, Harbour},
    ledger::Ledger,
    scripted::{ScriptedDriver, World},
};

/// Longer than anything here takes.
pub(crate) const DEADLINE: Duration = Duration::from_mins(2);

struct AnyScript;

#[async_trait::async_trait]
impl ScriptParser for AnyScript {
    async fn complaint(&self, _script: &str) -> Result<Option<String>, Fault> {
        Ok(None)
    }
}

pub(crate) struct Stage {
    pub(crate) commands: Arc<Commands>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) world: Arc<World>,
    /// Clusters, once there are any.
    pub(crate) harbour: OnceLock<Arc<Harbour>>,
    /// How many may wait for a place, in processes that start from now on.
    pub(crate) queue: usize,
    /// How many are worked on at once on a cluster, in the same.
    pub(crate) at_once: usize,
    pub(crate) projections: Arc<Projections>,
    stores: Arc<Stores>,
}

impl Stage {
    pub(crate) async fn init() -> Self {
        let stores = Arc::new(Stores::init().await);
        let ledger = Ledger::new(Arc::clone(&stores.journal));
        let world = World::new(Arc::clone(&stores.journal));
        // It folds before any process does, so that none that crashes has the others wait for its turn to run out.
        let (commands, projections) = open(&stores, &stores.vault, &ledger, &world).await;
        Self { commands, ledger, world, harbour: OnceLock::new(), queue: 1000, at_once: 64, projections, stores }
    }

    /// Starts a process with a saga in it.
    pub(crate) fn start(&self) -> Process {
        self.start_with(Duration::from_mins(1))
    }

    /// Starts a process whose saga waits for its driver so long.
    pub(crate) fn start_with(&self, call: Duration) -> Process {
        self.start_node("here", call)
    }

    /// Starts a process that calls itself so.
    pub(crate) fn start_node(&self, name: &str, call: Duration) -> Process {
        self.start_of(name, call, None)
    }

    /// The same; it also makes environments ahead, if it is told how many.
    pub(crate) fn start_of(&self, name: &str, call: Duration, stock: Option<StockOptions>) -> Process {
        let (stores, ledger, world) = (Arc::clone(&self.stores), Arc::clone(&self.ledger), Arc::clone(&self.world));
        let shared = (Arc::clone(&self.commands), Arc::clone(&self.projections));
        let sites = Sites::new(Arc::new(ScriptedDriver(Arc::clone(&world))), name.into());
        if let Some(harbour) = self.harbour.get() {
            sites.add(harbour.clone());
        }
        let (stop, stopping) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let (process, options) = (runtime.handle().clone(), SagaOptions { call, queue: self.queue, at_once: self.at_once });
        // Not a task of the runtime's: the types of what opens the stores are beyond what the compiler can prove to be `Send`.
        let open = async move || {
            let (ledger, (commands, projections)) = match stores.of_another_process().await {
                None => (ledger, shared),
                Some((vault, journal)) => {
                    let ledger = ledger.of_another_process(journal);
                    let opened = open(&stores, &vault, &ledger, &world).await;
                    (ledger, opened)
                }
            };
            if let Some(options) = stock {
                let (commands, sites, projections) = (Arc::clone(&commands), Arc::clone(&sites), Arc::clone(&projections));
                tokio::spawn(Stocker { commands, sites, journal: ledger.clone(), projections, options }.run(stopping.clone()));
            }
            tokio::spawn(Saga::new(commands, sites, ledger, projections, options).run(stopping));
        };
        std::thread::spawn(move || process.block_on(open()));
        Process { runtime: Some(runtime), _stop: stop }
    }

    /// Lets a lease run out at once: its holder gives it up.
    pub(crate) async fn forget(&self, lease: &str) {
        let holder = lease.rsplit('/').next().expect("a name");
        self.forget_as(lease, holder).await;
    }

    /// The same, where its name does not tell the holder.
    pub(crate) async fn forget_as(&self, lease: &str, holder: &str) {
        self.ledger.lease(lease, holder, Duration::ZERO).await.expect("leases").expect("held by it");
    }

    /// Asks for an environment of a session that there is not.
    pub(crate) async fn request(&self) -> EnvironmentId {
        let content = serde_json::to_vec(&content(vec![])).expect("JSON");
        let content = self.ledger.put_content(&content).await.expect("kept");
        let wanted = Wanted {
            session: SessionId(Uuid::now_v7()),
            learner: AccountId(Uuid::now_v7()),
            workshop: WorkshopId(Uuid::now_v7()),
            content: Digest::try_from(content).expect("a digest"),
            expires_at: Utc::now(),
        };
        let environment = EnvironmentId(Uuid::now_v7());
        self.record(environment, || EnvironmentCommand::Request(wanted.clone())).await;
        environment
    }

    /// Asks for an environment's end.
    pub(crate) async fn end(&self, environment: EnvironmentId) {
        self.record(environment, || EnvironmentCommand::BeginTeardown { reason: TeardownReason::SessionAbandoned }).await;
    }

    pub(crate) async fn record(&self, environment: EnvironmentId, command: impl Fn() -> EnvironmentCommand + Send + Sync) {
        accepted(self.commands.environments.record(&Request::system("test"), environment, command).await);
    }

    /// Until an environment is in a state; the names of its events up to there.
    pub(crate) async fn until(&self, environment: EnvironmentId, state: &str) -> Vec<String> {
        let reached = async {
            let mut tail = std::pin::pin!(journal::tail(self.ledger.clone(), Position(0)));
            while self.state(environment).await.state() != state {
                tail.next().await;
            }
        };
        let in_time = tokio::time::timeout(DEADLINE, reached).await;
        let names = self.names(environment).await;
        assert!(in_time.is_ok(), "not {state} but {}: {names:?}", self.state(environment).await.state());
        names
    }

    pub(crate) async fn state(&self, environment: EnvironmentId) -> Environment {
        self.commands.environments.environment(environment).await.expect("readable")
    }

    /// What happened to an environment, in order.
    pub(crate) async fn history(&self, environment: EnvironmentId) -> Vec<EnvironmentEvent> {
        let recorded = self.ledger.load(&journal::StreamId::new("environment", environment.into()), 0).await.expect("readable");
        let facts =
            recorded.iter().map(|event| Fact::decode(&event.stream.kind, &event.payload.to_value().expect("JSON")).expect("readable"));
        facts.map(|fact| if let Fact::Environment(event) = fact { event } else { panic!("{fact:?}") }).collect()
    }

    /// The names of all events.
    pub(crate) async fn ledger_names(&self) -> Vec<String> {
        self.ledger.read(Position(0), 10_000).await.expect("readable").into_iter().map(|event| event.name).collect()
    }

    pub(crate) async fn names(&self, environment: EnvironmentId) -> Vec<String> {
        self.history(environment)
            .await
            .iter()
            .map(|event| domain::Event::name(event).trim_start_matches("Environment").to_owned())
            .collect()
    }
}

/// What a process does its work with.
async fn open(stores: &Stores, vault: &Arc<dyn Vault>, ledger: &Arc<Ledger>, world: &Arc<World>) -> (Arc<Commands>, Arc<Projections>) {
    let sites = Sites::new(Arc::new(ScriptedDriver(Arc::clone(world))), "here".into());
    let bench = Workbench::new(sites, ledger.clone());
    let (tokens, plans, streams) = (TokenSettings::default(), PlanLimits::default(), StreamOptions::default());
    let settings = Settings { tokens, hashing: Hashing { at_once: 1, cost: HashingCost::Least }, plans, streams };
    let (script, fleet) = (Arc::new(AnyScript), Arc::new(AnyCluster));
    let commands = Commands::init(ledger.clone(), Arc::clone(vault), Utc::now, script, Arc::new(bench), fleet, settings);
    let commands = Arc::new(commands.await.expect("commands"));
    let options = ProjectionOptions::new(stores.read_models.clone());
    let projections = Arc::new(Projections::init(ledger.clone(), &options).await.expect("read models"));
    tokio::spawn(Arc::clone(&projections).run(std::future::pending()));
    (commands, projections)
}

/// A process. Whatever it is at when it crashes is not finished.
pub(crate) struct Process {
    runtime: Option<Runtime>,
    _stop: watch::Sender<bool>,
}

impl Process {
    /// Ends it in the middle of everything; it is gone when this returns.
    pub(crate) async fn crash(mut self) {
        let runtime = self.runtime.take().expect("it runs");
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(DEADLINE)).await.expect("no panic");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Somebody who writes workshops and works through them.
pub(crate) fn author() -> Request {
    let (account, sign_in) = (AccountId(Uuid::now_v7()), SignInId(Uuid::now_v7()));
    Request { actor: Actor::person(account, sign_in, Role::Author.permissions()), ..Request::system("test") }
}

/// A workshop in an environment.
pub(crate) fn content(steps: Vec<Step>) -> Content {
    Content {
        title: "Docker".into(),
        summary: "What it is about".into(),
        description: String::new(),
        category: Category::Docker,
        difficulty: Difficulty::Beginner,
        duration: Minutes(30),
        tags: vec![],
        languages: vec![],
        visibility: Visibility::Public,
        order: StepOrder::Sequential,
        completion_points: Points(0),
        environment: Some(EnvironmentNeeds::default()),
        steps,
    }
}

/// A page that brings a file.
pub(crate) fn page(key: &str, path: &str) -> Step {
    let files = vec![ProvidedFile { path: path.into(), contents: String::new(), executable: false }];
    Step {
        key: key.into(),
        title: key.into(),
        body: vec![Block::Text("Text".into())],
        points: Points(0),
        rule: CompletionRule::Read,
        files,
    }
}

#[track_caller]
pub(crate) fn accepted<T, R: std::fmt::Debug>(outcome: Result<Outcome<T, R>, Fault>) -> T {
    match outcome.expect("decided") {
        Outcome::Accepted(Accepted { value, .. }) => value,
        Outcome::Rejected(rejection) => panic!("rejected: {rejection:?}"),
    }
}
