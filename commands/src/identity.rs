//! Accounts, sign-ins and tokens.

mod access_tokens;
mod accounts;
mod authentic;
mod avatars;
mod backup_codes;
mod booking_mails;
mod calendar_feeds;
mod check_in_codes;
mod companion_mails;
mod contacts;
mod devices;
mod email_changes;
mod email_reverts;
mod erasure;
mod exports;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod imports;
mod legal_holds;
mod links;
mod mails;
mod owners;
mod passkey_sign_ins;
mod passkeys;
mod password_changes;
mod passwords;
mod plans;
mod profiles;
mod program_tokens;
mod protections;
mod provider_links;
mod provider_roles;
mod provider_sign_ins;
mod providers;
mod recipients;
mod recovery_codes;
mod refresh_tokens;
mod refreshes;
mod resets;
mod retention;
mod roles;
mod second_factor;
mod second_step;
mod service_accounts;
mod sign_ins;
mod signing_keys;
mod standing;
mod step_up;
mod suspension;
mod tokens;
mod totp;
mod tries;
mod whereabouts;

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    identity::{Email, Role, watch::Watch},
    kernel::{Personal, Timestamp},
};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use access_tokens::{CreatedAccessToken, NewAccessToken};
pub use accounts::Registration;
pub(crate) use authentic::Authentic;
pub use avatars::AVATAR_LARGEST;
pub use backup_codes::{NotTaken, TextMessage, Texter};
pub use booking_mails::BookingNews;
pub(crate) use check_in_codes::{CheckInCodes, Entrance};
pub use email_changes::Confirmation;
pub use exports::{AccountExport, OfferedExport};
pub use imports::ImportedAccount;
pub(crate) use mails::About;
pub use mails::{Outgoing, Postman, Undelivered};
pub use passkeys::{Ceremony, PasskeySite};
pub use passwords::{Hashing, HashingCost};
pub use protections::{ProtectedRole, ProtectionChange};
pub use providers::{Arrived, Departure, Errand, ExchangeCode, Person, Provider, Return};
pub use retention::{RETENTION_NOTICE, Retained, Unused};
pub use roles::{RoleChange, RoleDraft};
pub use second_factor::Enrolment;
pub use second_step::{Begun, Challenge};
pub use service_accounts::CreatedServiceAccount;
pub use sign_ins::SignedIn;
pub use signing_keys::{NotRotated, PublicKey, Takeover};
pub use tokens::{TokenError, TokenSettings, Verified};
pub(crate) use whereabouts::Opened;

use crate::{Dispatcher, Fault};
use links::Links;
use passwords::Passwords;
use refresh_tokens::RefreshTokens;
use tokens::Tokens;

/// Commands of the context `identity`.
#[derive(Clone)]
pub struct Identity {
    dispatcher: Dispatcher,
    passwords: Arc<Passwords>,
    tokens: Arc<Tokens>,
    refresh_tokens: Arc<RefreshTokens>,
    known_tokens: program_tokens::KnownTokens,
    links: Arc<Links>,
    /// The roles that are held with a second factor where administrators have not said otherwise.
    factor_for: Arc<BTreeSet<Role>>,
    exports: Arc<Authentic>,
    pictures: Arc<avatars::Pictures>,
    /// Absent where no text message is sent.
    texter: Option<Arc<dyn Texter>>,
    /// Whether codes are sent by mail in place of a second factor.
    email_codes: bool,
    /// Absent where no mail is sent.
    postman: Option<Arc<dyn Postman>>,
    /// The addresses of operators who are told what is wrong.
    operators: Arc<[Email]>,
    /// What is unusual about sign-ins.
    watch: Arc<Watch>,
    /// Whom people sign in with; none where they all have passwords.
    providers: Arc<[Provider]>,
    /// Absent where there are no passkeys.
    passkeys: Option<PasskeySite>,
}

impl Identity {
    /// Erasures that the vault has not seen are applied to it first.
    ///
    /// # Errors
    /// The vault or the journal could not be read, or a key could not be destroyed.
    pub async fn init(dispatcher: Dispatcher, settings: TokenSettings, hashing: Hashing) -> Result<Self, Fault> {
        let refresh_tokens = RefreshTokens::new(
            dispatcher.vault().secret("refresh-tokens", 32).await?,
            (settings.refresh_lifetime, settings.longest_sign_in),
        );
        let links = Arc::new(Links::new(dispatcher.vault().secret("mailed-links", 32).await?));
        let exports = Arc::new(Authentic::new(dispatcher.vault().secret("exports", 32).await?, exports::PURPOSE));
        let pictures = Arc::new(avatars::Pictures::new());
        let tokens = Arc::new(Tokens::new(settings));
        let passwords = Arc::new(Passwords::init(hashing).await?);
        let refresh_tokens = Arc::new(refresh_tokens);
        let identity = Self {
            dispatcher,
            passwords,
            tokens,
            refresh_tokens,
            known_tokens: program_tokens::known_tokens(),
            links,
            exports,
            pictures,
            factor_for: Arc::default(),
            texter: None,
            email_codes: false,
            postman: None,
            operators: Arc::default(),
            watch: Arc::default(),
            providers: Arc::default(),
            passkeys: None,
        };
        identity.follow_signing_keys().await?;
        identity.reapply_erasures().await?;
        Ok(identity)
    }

    /// The same, with mails taken to where they are delivered.
    #[must_use]
    pub fn with_postman(self, postman: Arc<dyn Postman>) -> Self {
        Self { postman: Some(postman), ..self }
    }

    /// The same, with operators told by mail what is wrong, at the accounts that have these addresses.
    #[must_use]
    pub fn with_operators(self, operators: Vec<Email>) -> Self {
        Self { operators: operators.into(), ..self }
    }

    /// The same, with codes sent to who does not have their second factor at hand: to telephones, and by mail.
    #[must_use]
    pub fn with_backup_codes(self, texter: Option<Arc<dyn Texter>>, email_codes: bool) -> Self {
        Self { texter, email_codes, ..self }
    }

    /// The same, with roles that are held with a second factor unless administrators say otherwise.
    #[must_use]
    pub fn with_second_factor_for(self, roles: BTreeSet<Role>) -> Self {
        Self { factor_for: Arc::new(roles), ..self }
    }

    /// The same, with an eye on sign-ins that are unusual.
    #[must_use]
    pub fn with_watch(self, watch: Watch) -> Self {
        Self { watch: Arc::new(watch), ..self }
    }

    /// What makes codes by which people are checked in, by the keys that sign tokens.
    pub(crate) fn check_in_codes(&self) -> CheckInCodes {
        CheckInCodes::new(Arc::clone(&self.tokens))
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.dispatcher.now()
    }

    /// The stream in which an address is claimed: a keyed digest, so that the id does not tell the address.
    async fn claim_of(&self, email: &Email) -> Result<Uuid, Fault> {
        self.dispatcher.claim("email", email.as_str()).await
    }

    /// A personal value in the clear; none once its owner has been erased.
    async fn open<T: DeserializeOwned>(&self, personal: &Personal<T>) -> Result<Option<T>, Fault> {
        self.dispatcher.open(personal).await
    }

    /// The same of a secret, whose memory is wiped.
    async fn open_secret(&self, personal: &Personal<String>) -> Result<Option<SecretString>, Fault> {
        self.dispatcher.open_secret(personal).await
    }
}
