//! The clusters that are registered, as the saga needs them: a driver for each, connected with what the vault has.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use commands::{Commands, Fault};
use domain::{
    environments::cluster::{Capacity, CredentialsKind},
    kernel::{ClusterId, CredentialsId, EnvironmentId, SessionId},
    workshops::content::EnvironmentNeeds,
};
use kube::Client;
use orchestrator::{
    driver::{Driver, DriverError},
    placement::Need,
    sites::{Clusters, Used},
};
use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    api_access,
    desired::{Facts, Settings},
    driver::{KubernetesDriver, PATIENCE},
    failure::failure,
    fleet::{KubernetesFleet, spoken_for},
    measured::measured,
    probe::capacity,
};

/// How old what was seen of a cluster may be before it is looked at again, if somebody asks.
const FRESH: Duration = Duration::from_secs(10);
/// For one look.
const LOOK: Duration = Duration::from_secs(30);
/// How long a pod's own token is used before it is read again; it is good for an hour.
const TOKEN: Duration = Duration::from_mins(15);
/// How long what this node knows of a cluster's credentials counts: another node may have rotated them.
const KNOWN: Duration = Duration::from_secs(1);
/// How often it is looked whether a cluster is still one.
const SWEEP: Duration = Duration::from_mins(1);

/// The clusters that are registered.
#[derive(Clone)]
pub struct KubernetesClusters(Arc<Registered>);

struct Registered {
    /// They lead here themselves, by way of learners' checks.
    commands: Weak<Commands>,
    fleet: KubernetesFleet,
    settings: Settings,
    slots: Mutex<HashMap<ClusterId, Slot>>,
    seen: Mutex<HashMap<ClusterId, Seen>>,
}

/// One connects, the others wait for it.
type Slot = Arc<tokio::sync::Mutex<Option<Connected>>>;

#[derive(Clone)]
struct Connected {
    credentials: CredentialsId,
    /// When the journal was asked last which ones the cluster has.
    asked: Instant,
    /// For ever, if the credentials stay what they are.
    until: Option<Instant>,
    client: Client,
    driver: Arc<dyn Driver>,
}

#[derive(Default)]
struct Seen {
    asked: Option<Instant>,
    used: Capacity,
}

impl KubernetesClusters {
    /// Connects to clusters as they are needed. `settings` are for all of them, except for where their API is.
    #[must_use]
    pub fn new(commands: &Arc<Commands>, fleet: KubernetesFleet, settings: Settings) -> Self {
        let (slots, seen) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Registered { commands: Arc::downgrade(commands), fleet, settings, slots, seen }))
    }
}

#[async_trait::async_trait]
impl Clusters for KubernetesClusters {
    fn need(&self, needs: &EnvironmentNeeds) -> Option<Need> {
        needs.kubernetes.as_ref()?;
        let (environment, session) = (EnvironmentId(Uuid::nil()), SessionId(Uuid::nil()));
        Some(Facts { environment, session, needs, settings: &self.0.settings }.demand())
    }

    /// Nothing, until the first look, which this begins, is over: then a cluster is only as full as its places are taken.
    fn used(&self, cluster: ClusterId) -> Capacity {
        let mut seen = locked(&self.0.seen);
        let seen = seen.entry(cluster).or_default();
        if seen.asked.is_none_or(|asked| asked.elapsed() > FRESH) {
            seen.asked = Some(Instant::now());
            tokio::spawn(Arc::clone(&self.0).look(cluster));
        }
        seen.used
    }

    async fn driver(&self, cluster: ClusterId) -> Result<Arc<dyn Driver>, DriverError> {
        self.0.connected(cluster).await.map(|connected| connected.driver)
    }

    async fn measured(&self, cluster: ClusterId) -> Result<Option<Vec<Used>>, DriverError> {
        let connected = self.0.connected(cluster).await?;
        let asked = timeout(LOOK, measured(&connected.client)).await;
        let asked = asked.map_err(|_| DriverError::Transient("it does not tell in time what its pods use".to_owned()))?;
        asked.map_err(|error| failure("it could not be asked what its pods use", &error))
    }
}

impl Registered {
    async fn look(self: Arc<Self>, cluster: ClusterId) {
        let looking = async {
            let connected = self.connected(cluster).await?;
            capacity(&connected.client).await.map_err(|error| failure("its capacity could not be looked at", &error))
        };
        match timeout(LOOK, looking).await {
            Ok(Ok(capacity)) => locked(&self.seen).entry(cluster).or_default().used = spoken_for(&capacity),
            Ok(Err(error)) => tracing::warn!(%cluster, %error, "it is not known what of a cluster is used"),
            Err(_) => tracing::warn!(%cluster, "a cluster does not tell in time what of it is used"),
        }
    }

    async fn connected(self: &Arc<Self>, cluster: ClusterId) -> Result<Connected, DriverError> {
        let commands = self.commands.upgrade().ok_or_else(|| DriverError::Transient("the server is ending".to_owned()))?;
        let slot = Arc::clone(locked(&self.slots).entry(cluster).or_default());
        let mut slot = slot.lock().await;
        let asked = slot.as_ref().map(|connected| connected.asked).filter(|asked| asked.elapsed() < KNOWN);
        let credentials = match asked {
            Some(_) => commands.environments.known_credentials(cluster).await,
            None => commands.environments.cluster(cluster).await.map(|state| state.member().map(|member| member.credentials.id)),
        };
        let Some(credentials) = credentials.map_err(|fault| transient(&fault))? else {
            self.forget(cluster);
            return Err(removed(cluster));
        };
        let asked = asked.unwrap_or_else(Instant::now);
        let is_good =
            |connected: &&mut Connected| connected.credentials == credentials && connected.until.is_none_or(|until| Instant::now() < until);
        if let Some(connected) = slot.as_mut().filter(is_good) {
            connected.asked = asked;
            return Ok(connected.clone());
        }
        let connected = self.connect(&commands, cluster, credentials).await?;
        if slot.replace(connected.clone()).is_none() {
            tokio::spawn(watch_over(Arc::downgrade(self), cluster));
        }
        Ok(connected)
    }

    async fn connect(&self, commands: &Commands, cluster: ClusterId, credentials: CredentialsId) -> Result<Connected, DriverError> {
        let connection = commands.environments.connection(cluster).await.map_err(|fault| transient(&fault))?;
        let connection = connection.ok_or_else(|| removed(cluster))?;
        let until = (connection.kind == CredentialsKind::InCluster).then(|| Instant::now() + TOKEN);
        let (client, reach) = self.fleet.connect(&connection).map_err(|error| DriverError::Transient(error.to_string()))?;
        let api = api_access(&client, &reach).await.map_err(|error| failure("its API could not be asked where it is", &error))?;
        let driver = KubernetesDriver::new(client.clone(), Settings { api, ..self.settings.clone() }, PATIENCE);
        tracing::info!(%cluster, "a cluster is connected");
        Ok(Connected { credentials, asked: Instant::now(), until, client, driver: Arc::new(driver) })
    }

    fn forget(&self, cluster: ClusterId) {
        locked(&self.slots).remove(&cluster);
        locked(&self.seen).remove(&cluster);
    }
}

/// Lets go of a cluster, and of what is watched in it, once it is removed.
async fn watch_over(registered: Weak<Registered>, cluster: ClusterId) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let Some(registered) = registered.upgrade() else { return };
        let Some(commands) = registered.commands.upgrade() else { return };
        if commands.environments.cluster(cluster).await.is_ok_and(|state| state.member().is_none()) {
            return registered.forget(cluster);
        }
    }
}

fn removed(cluster: ClusterId) -> DriverError {
    DriverError::Terminal(format!("{cluster} is not registered any more"))
}

fn transient(fault: &Fault) -> DriverError {
    DriverError::Transient(fault.to_string())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
