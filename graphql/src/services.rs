//! What resolvers work with. The binary puts it together; nothing here is made by the schema itself.

use std::{sync::Arc, time::Duration};

use commands::Commands;
use domain::{
    kernel::{AccountId, ClusterId, EnvironmentId, SignInId, Timestamp},
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
    pub settings: Settings,
}

/// What differs between installations.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a mutation waits for its effect to be readable before it answers `stale`.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { patience: Duration::from_secs(2) }
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
pub trait Placements: Send + Sync + 'static {
    /// Every one of these clusters, judged for an environment that needs this; none, if it is made on no cluster.
    fn rank(&self, needs: &EnvironmentNeeds, clusters: &[clusters::Model]) -> Option<Ranking>;
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
