//! What may be done: each command authorized, decided on current state, and appended to the journal once.
//!
//! One folder per context, named as in `domain`; effects across contexts are in [`reactions`].

pub mod authorization;
mod contents;
pub mod dispatch;
pub mod environments;
mod fault;
pub mod gamification;
pub mod identity;
pub mod learning;
pub mod reactions;
mod request;
pub mod stored;
mod streams;
pub mod workshops;

use std::sync::Arc;

use domain::kernel::Timestamp;
use journal::{Journal, vault::Vault};

pub use dispatch::{Accepted, Dispatcher, Outcome};
pub use fault::Fault;
pub use request::{Actor, Request};
pub use streams::StreamOptions;

/// Where the time comes from.
pub type Clock = fn() -> Timestamp;

/// The host's clock, in the microseconds that the journal keeps.
#[must_use]
pub fn system_clock() -> Timestamp {
    use chrono::SubsecRound;
    chrono::Utc::now().trunc_subsecs(6)
}

/// What differs between installations.
#[derive(Clone, Debug)]
pub struct Settings {
    pub tokens: identity::TokenSettings,
    /// How many passwords are hashed at once.
    pub hashing: usize,
    /// How many sessions a learner may have active at once.
    pub sessions_per_learner: u32,
    /// How streams are kept at hand.
    pub streams: StreamOptions,
}

/// Every context's commands.
pub struct Commands {
    pub identity: identity::Identity,
    pub workshops: workshops::Workshops,
    pub learning: learning::Learning,
    pub environments: environments::Environments,
    pub gamification: gamification::Gamification,
}

impl Commands {
    /// Puts the contexts on one journal, once every erasure that the journal knows is applied to the vault.
    ///
    /// # Errors
    /// The vault or the journal could not be read, or a key could not be destroyed.
    pub async fn init(
        journal: Arc<dyn Journal>,
        vault: Arc<dyn Vault>,
        clock: Clock,
        shell: Arc<dyn workshops::ScriptParser>,
        laboratory: Arc<dyn learning::Laboratory>,
        fleet: Arc<dyn environments::Fleet>,
        settings: Settings,
    ) -> Result<Self, Fault> {
        let contents = contents::Contents::new(&journal);
        let dispatcher = Dispatcher::init_with(journal, vault, clock, settings.streams).await?;
        Ok(Self {
            identity: identity::Identity::init(dispatcher.clone(), settings.tokens, settings.hashing).await?,
            workshops: workshops::Workshops::new(dispatcher.clone(), contents.clone(), shell),
            learning: learning::Learning::new(dispatcher.clone(), contents, laboratory, settings.sessions_per_learner),
            environments: environments::Environments::new(dispatcher.clone(), fleet),
            gamification: gamification::Gamification::new(dispatcher),
        })
    }

    /// The same, with mails taken to where they are delivered; without, they stay queued.
    #[must_use]
    pub fn with_postman(self, postman: Arc<dyn identity::Postman>) -> Self {
        Self { identity: self.identity.with_postman(postman), ..self }
    }

    /// The same, with providers that people sign in with.
    #[must_use]
    pub fn with_providers(self, providers: Vec<identity::Provider>) -> Self {
        Self { identity: self.identity.with_providers(providers), ..self }
    }
}
