//! What resolvers work with. The binary puts it together; nothing here is made by the schema itself.

use std::{collections::HashMap, sync::Arc, time::Duration};

use commands::{Commands, environments::Resources};
use domain::{
    environments::cost::Prices,
    kernel::{AccountId, ClusterId, EnvironmentId, Mebibytes, Millicores, SignInId, Timestamp},
    workshops::content::EnvironmentNeeds,
};
use journal::{Journal, vault::Vault};
use projections::{Projections, environments::clusters, time_travel::TimeTravel};
use secrecy::SecretString;

/// What resolvers work with.
#[derive(Clone)]
pub struct Services {
    pub commands: Arc<Commands>,
    pub projections: Arc<Projections>,
    pub journal: Arc<dyn Journal>,
    /// Read models as they were.
    pub time_travel: TimeTravel,
    /// Opens personal values when they are asked for.
    pub vault: Arc<dyn Vault>,
    pub tickets: Arc<dyn TicketOffice>,
    pub placements: Arc<dyn Placements>,
    /// Shows learners what stands in their part of a cluster.
    pub resources: Arc<dyn Resources>,
    pub settings: Settings,
}

/// What differs between installations.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a mutation waits for its effect to be readable before it answers `stale`.
    pub patience: Duration,
    /// What clusters cost; none, if the operator has not said.
    pub prices: Option<Prices>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { patience: Duration::from_secs(2), prices: None }
    }
}

/// Hands out the right to open a terminal, once.
pub trait TicketOffice: Send + Sync + 'static {
    /// A ticket for an environment that the account was found to own.
    fn issue(&self, account: AccountId, sign_in: SignInId, environment: EnvironmentId) -> Ticket;
}

/// The right to open a terminal, once and soon.
pub struct Ticket {
    pub token: SecretString,
    pub expires_at: Timestamp,
}

/// Judges clusters as whoever gives places does.
#[async_trait::async_trait]
pub trait Placements: Send + Sync + 'static {
    /// Every one of these clusters, judged for an environment that needs this; none, if it is made on no cluster.
    fn rank(&self, needs: &EnvironmentNeeds, clusters: &[clusters::Model]) -> Option<Ranking>;

    /// What an environment that needs this may request of a cluster; none, if it is made on none.
    fn budget(&self, needs: &EnvironmentNeeds) -> Option<Budget>;

    /// What environments on a cluster use now; none, if that is not measured there.
    ///
    /// # Errors
    /// Why the cluster could not be asked, for the log.
    async fn used(&self, cluster: ClusterId) -> Result<Option<HashMap<EnvironmentId, Budget>>, String>;
}

/// What an environment may request, or uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    pub cpu: Millicores,
    pub memory: Mebibytes,
}

/// Every cluster, judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Those that take it, the best first.
    pub choices: Vec<Choice>,
    /// The others, each with why.
    pub refusals: Vec<(ClusterId, String)>,
}

/// A cluster where an environment could go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub cluster: ClusterId,
    /// The higher, the better; of no meaning beside choices for another need.
    pub score: u64,
    /// For people.
    pub reason: String,
}
