//! What may be done: each command authorized, decided on current state, and appended to the journal once.
//!
//! One folder per context, named as in `domain`; effects across contexts are in [`reactions`].

pub mod audit;
pub mod authorization;
pub mod booking;
pub mod communities;
mod contents;
pub mod dispatch;
pub mod environments;
mod fault;
pub mod gamification;
pub mod identity;
pub mod learning;
pub mod plans;
pub mod reactions;
mod request;
pub mod stored;
mod streams;
pub mod workshops;

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use domain::{
    identity::{Role, watch::Watch},
    kernel::Timestamp,
};
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
    pub hashing: identity::Hashing,
    /// How much each plan allows, until an administrator says otherwise.
    pub plans: plans::PlanLimits,
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
    pub audit: audit::Audit,
    pub plans: plans::Plans,
    pub booking: booking::Booking,
    pub communities: communities::Communities,
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
        let plans = plans::Plans::new(dispatcher.clone(), settings.plans);
        let identity = identity::Identity::init(dispatcher.clone(), settings.tokens, settings.hashing).await?;
        Ok(Self {
            workshops: workshops::Workshops::new(dispatcher.clone(), contents.clone(), shell, plans.clone()),
            learning: learning::Learning::new(dispatcher.clone(), contents, laboratory, plans.clone()),
            environments: environments::Environments::new(dispatcher.clone(), fleet),
            gamification: gamification::Gamification::new(dispatcher.clone()),
            communities: communities::Communities::new(dispatcher.clone(), plans.clone()),
            booking: booking::Booking::new(dispatcher.clone(), plans.clone(), identity.check_in_codes()),
            identity,
            audit: audit::Audit::start(dispatcher),
            plans,
        })
    }

    /// The same, with mails taken to where they are delivered; without, they stay queued.
    #[must_use]
    pub fn with_postman(self, postman: Arc<dyn identity::Postman>) -> Self {
        Self { identity: self.identity.with_postman(postman), ..self }
    }

    /// The same, with operators told by mail what is wrong, at the accounts that have these addresses.
    #[must_use]
    pub fn with_operators(self, operators: Vec<domain::identity::Email>) -> Self {
        Self { identity: self.identity.with_operators(operators), ..self }
    }

    /// The same, with people reminded of their runs so long before they start.
    #[must_use]
    pub fn with_reminders(self, before: Option<TimeDelta>) -> Self {
        Self { booking: self.booking.with_reminders(before), ..self }
    }

    /// The same, with somebody who moves money, who is waited for no longer than `patience`.
    #[must_use]
    pub fn with_payments(self, provider: Arc<dyn booking::PaymentProvider>, patience: std::time::Duration) -> Self {
        Self { booking: self.booking.with_payments(provider, patience), ..self }
    }

    /// The same, with providers that people sign in with.
    #[must_use]
    pub fn with_providers(self, providers: Vec<identity::Provider>) -> Self {
        Self { identity: self.identity.with_providers(providers), ..self }
    }

    /// The same, with passkeys for a site.
    #[must_use]
    pub fn with_passkeys(self, site: Option<identity::PasskeySite>) -> Self {
        Self { identity: self.identity.with_passkeys(site), ..self }
    }

    /// The same, with codes sent to who does not have their second factor at hand: to telephones, and by mail.
    #[must_use]
    pub fn with_backup_codes(self, texter: Option<Arc<dyn identity::Texter>>, email_codes: bool) -> Self {
        Self { identity: self.identity.with_backup_codes(texter, email_codes), ..self }
    }

    /// The same, with roles that are held with a second factor unless administrators say otherwise.
    #[must_use]
    pub fn with_second_factor_for(self, roles: BTreeSet<Role>) -> Self {
        Self { identity: self.identity.with_second_factor_for(roles), ..self }
    }

    /// The same, with sessions and environments of runs so long ahead of them.
    #[must_use]
    pub fn with_lead(self, lead: booking::Lead) -> Self {
        Self { booking: self.booking.with_lead(lead), learning: self.learning.with_lead(lead), ..self }
    }

    /// The same, with an eye on sign-ins that are unusual.
    #[must_use]
    pub fn with_watch(self, watch: Watch) -> Self {
        Self { identity: self.identity.with_watch(watch), ..self }
    }
}
