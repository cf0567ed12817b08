//! A driver whose environments are entries in a table, and which fails as it is told.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use commands::environments::Resources;
use domain::{
    environments::environment::{Environment, EnvironmentEvent},
    fact::Fact,
    kernel::EnvironmentId,
    workshops::{cluster_needs::Isolation, content::ProvidedFile},
};
use journal::{Journal, StreamId};
use orchestrator::driver::{Driver, DriverError, EnvironmentSpec, Observed, ScriptOutcome, ScriptRun, Terminal, TerminalSize};
use tokio::{runtime::Handle, sync::watch};

use crate::{resources::Unready, stage::DEADLINE};

pub(crate) const STEPS: [&str; 3] = ["network", "home", "shell"];

/// A call of the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    Apply(&'static str),
    Revert(&'static str),
    Observe,
    List,
    PutFiles,
}

/// How a call goes, if not well.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// Nothing is done.
    Fails(DriverError),
    /// It is done, but the caller hears otherwise.
    LosesReply,
    /// Nothing is done, ever.
    Hangs,
    /// It is done, but the caller never hears of it.
    HangsAfterwards,
    /// It is done once [`World::held`] is false.
    Waits,
}

pub(crate) fn transient() -> Fate {
    Fate::Fails(DriverError::Transient("not now".into()))
}

pub(crate) fn terminal() -> Fate {
    Fate::Fails(DriverError::Terminal("not ever".into()))
}

/// What there is outside of the process; it stays when the process goes.
pub(crate) struct World {
    journal: Arc<dyn Journal>,
    /// Where the journal's connections live, whichever process asks.
    home: Handle,
    inner: Mutex<Inner>,
    /// Changes with each call that begins.
    begun: watch::Sender<usize>,
    /// While true, calls that wait do.
    pub(crate) held: watch::Sender<bool>,
}

#[derive(Default)]
struct Inner {
    standing: BTreeMap<EnvironmentId, BTreeSet<&'static str>>,
    fates: HashMap<Call, VecDeque<Fate>>,
    calls: Vec<Call>,
    files: Vec<String>,
    violations: Vec<String>,
    spoiled: BTreeSet<EnvironmentId>,
}

impl World {
    pub(crate) fn new(journal: Arc<dyn Journal>) -> Arc<Self> {
        let home = Handle::current();
        Arc::new(Self { journal, home, inner: Mutex::default(), begun: watch::Sender::default(), held: watch::Sender::default() })
    }

    /// How the next such calls go; those after them go well.
    pub(crate) fn fate(&self, call: Call, fates: impl IntoIterator<Item = Fate>) {
        self.inner().fates.entry(call).or_default().extend(fates);
    }

    /// What stands of an environment, in the order of the steps.
    pub(crate) fn standing(&self, environment: EnvironmentId) -> Vec<&'static str> {
        let inner = self.inner();
        let there = inner.standing.get(&environment);
        STEPS.into_iter().filter(|step| there.is_some_and(|there| there.contains(step))).collect()
    }

    /// Puts something there that the saga did not make.
    pub(crate) fn place(&self, environment: EnvironmentId, steps: &[&'static str]) {
        self.inner().standing.entry(environment).or_default().extend(steps);
    }

    /// Takes something away behind the saga's back.
    pub(crate) fn lose(&self, environment: EnvironmentId, step: &str) {
        self.inner().standing.entry(environment).or_default().retain(|standing| *standing != step);
    }

    /// From now on, every call about an environment fails.
    pub(crate) fn spoil(&self, environment: EnvironmentId) {
        self.inner().spoiled.insert(environment);
    }

    /// Steps that were applied and reverted, in order.
    pub(crate) fn effects(&self) -> Vec<Call> {
        self.inner().calls.iter().copied().filter(|call| matches!(call, Call::Apply(_) | Call::Revert(_))).collect()
    }

    /// How often a call has begun.
    pub(crate) fn count(&self, call: Call) -> usize {
        self.inner().calls.iter().filter(|each| **each == call).count()
    }

    /// Until a call has begun so often.
    pub(crate) async fn begun(&self, call: Call, times: usize) {
        let mut begun = self.begun.subscribe();
        let in_time = tokio::time::timeout(DEADLINE, begun.wait_for(|_| self.count(call) >= times)).await;
        assert!(in_time.is_ok(), "{call:?} has not begun {times} times: {:?}", self.effects());
    }

    /// Paths of files that were put into homes, also with the first step.
    pub(crate) fn files(&self) -> Vec<String> {
        self.inner().files.clone()
    }

    /// Fails if an effect came before its record.
    pub(crate) fn was_in_order(&self) {
        let violations = self.inner().violations.clone();
        assert!(violations.is_empty(), "{violations:?}");
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("nobody panics with it")
    }

    async fn call(&self, call: Call, about: Option<EnvironmentId>, effect: impl FnOnce(&mut Inner)) -> Result<(), DriverError> {
        let fate = {
            let mut inner = self.inner();
            inner.calls.push(call);
            let spoiled = about.is_some_and(|environment| inner.spoiled.contains(&environment));
            if spoiled { Some(terminal()) } else { inner.fates.get_mut(&call).and_then(VecDeque::pop_front) }
        };
        self.begun.send_modify(|begun| *begun += 1);
        match fate {
            Some(Fate::Fails(error)) => return Err(error),
            Some(Fate::Hangs) => std::future::pending().await,
            Some(Fate::Waits) => drop(self.held.subscribe().wait_for(|held| !held).await),
            Some(Fate::LosesReply | Fate::HangsAfterwards) | None => {}
        }
        effect(&mut self.inner());
        match fate {
            Some(Fate::LosesReply) => Err(DriverError::Transient("the connection was lost".into())),
            Some(Fate::HangsAfterwards) => std::future::pending().await,
            _ => Ok(()),
        }
    }

    /// The start of a step is in the journal before its effect.
    async fn is_recorded(&self, step: &str, environment: EnvironmentId) {
        let stream = StreamId::new(<Environment as domain::Decider>::STREAM, environment.into());
        let journal = Arc::clone(&self.journal);
        let recorded = self.home.spawn(async move { journal.load(&stream, 0).await });
        let recorded = recorded.await.expect("loaded").expect("readable");
        let last =
            recorded.last().map(|event| Fact::decode(&event.stream.kind, &event.payload.to_value().expect("JSON")).expect("readable"));
        match last {
            Some(Fact::Environment(EnvironmentEvent::StepStarted { step: started, .. })) if started == step => {}
            other => self.inner().violations.push(format!("{step} is applied after {other:?}")),
        }
    }
}

fn known(step: &str) -> &'static str {
    STEPS.into_iter().find(|known| *known == step).expect("one of the driver's steps")
}

/// The driver of one process.
pub(crate) struct ScriptedDriver(pub(crate) Arc<World>);

#[async_trait::async_trait]
impl Driver for ScriptedDriver {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn steps(&self) -> &'static [&'static str] {
        &STEPS
    }

    async fn apply(&self, step: &str, spec: &EnvironmentSpec) -> Result<(), DriverError> {
        let step = known(step);
        self.0.is_recorded(step, spec.id).await;
        let files: Vec<_> = spec.files.iter().map(|file| file.path.clone()).filter(|_| step == STEPS[0]).collect();
        let make = |inner: &mut Inner| {
            inner.standing.entry(spec.id).or_default().insert(step);
            inner.files.extend(files);
        };
        self.0.call(Call::Apply(step), Some(spec.id), make).await
    }

    async fn revert(&self, step: &str, environment: EnvironmentId) -> Result<(), DriverError> {
        let step = known(step);
        let unmake = |inner: &mut Inner| {
            inner.standing.entry(environment).or_default().remove(step);
        };
        self.0.call(Call::Revert(step), Some(environment), unmake).await
    }

    async fn observe(&self, environment: EnvironmentId) -> Result<Observed, DriverError> {
        self.0.call(Call::Observe, Some(environment), |_| {}).await?;
        Ok(match self.0.standing(environment).len() {
            0 => Observed::Absent,
            n if n == STEPS.len() => Observed::Running,
            _ => Observed::Partial,
        })
    }

    async fn list(&self) -> Result<Vec<EnvironmentId>, DriverError> {
        self.0.call(Call::List, None, |_| {}).await?;
        Ok(self.0.inner().standing.iter().filter(|(_, steps)| !steps.is_empty()).map(|(id, _)| *id).collect())
    }

    async fn put_files(&self, environment: EnvironmentId, files: &[ProvidedFile]) -> Result<(), DriverError> {
        let paths: Vec<_> = files.iter().map(|file| file.path.clone()).collect();
        self.0.call(Call::PutFiles, Some(environment), |inner| inner.files.extend(paths)).await
    }

    async fn run(&self, _environment: EnvironmentId, _run: &ScriptRun) -> Result<ScriptOutcome, DriverError> {
        Err(DriverError::Terminal("no scripts here".into()))
    }

    async fn terminal(&self, _environment: EnvironmentId, _size: TerminalSize) -> Result<Terminal, DriverError> {
        Err(DriverError::Terminal("no terminals here".into()))
    }

    fn resources(&self, isolation: Isolation) -> Option<Box<dyn Resources>> {
        (isolation == Isolation::Vcluster).then(|| Box::new(Unready) as Box<dyn Resources>)
    }
}
