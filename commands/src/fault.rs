//! What keeps a command from being decided at all. A refusal by a business rule is never a fault.

use domain::fact::Undecodable;
use journal::{JournalError, vault::VaultError};

/// Why a command was not decided.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Nobody is signed in.
    #[error("sign in first")]
    Unauthenticated,
    /// The roles held do not permit it.
    #[error("your roles do not permit this")]
    Forbidden,
    /// The roles held permit it in another network. Which these are, is not told.
    #[error("your roles do not permit this from the network that you ask from")]
    NetworkNotAllowed,
    /// A role that is held is worth nothing without a second factor, and the sign-in has shown none.
    #[error("a role of yours needs a second factor: show yours by stepUp, or call totpEnroll and totpConfirm, and ask again")]
    SecondFactorRequired,
    /// It is too long ago that was shown who asks.
    #[error("this needs a fresh proof of who you are: call stepUp, and ask again")]
    StepUpRequired,
    /// The idempotency key stands for another request.
    #[error("idempotencyKey was used for another request; expected a new key for a new request")]
    KeyReused,
    /// The key is no key.
    #[error("idempotencyKey: expected 1 to 200 characters")]
    KeyInvalid,
    /// Other writers kept winning.
    #[error("too many writers at once; try again")]
    Contention,
    /// More is asked at once than can be done.
    #[error("too busy; try again in a moment")]
    Busy,
    /// The journal could not do it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The key store could not do it.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A stored event that cannot be read.
    #[error(transparent)]
    Undecodable(#[from] Undecodable),
    /// A stored event of a newer build.
    #[error("stream {stream} holds the event {event} in version {version}, which this build does not know; expected a newer build")]
    Newer {
        /// Which stream.
        stream: String,
        /// The event's stored name.
        event: String,
        /// The version of its stored form.
        version: u16,
    },
    /// A value that should be JSON is not.
    #[error("a value could not be turned into JSON or back: {0}")]
    Json(#[from] serde_json::Error),
    /// Content that events name is not in the store.
    #[error("content {0} is missing from the store")]
    ContentMissing(String),
    /// The vault does not have what a cluster was connected with.
    #[error("the vault has no credentials of {cluster} in version {version}, as after restoring an older backup; rotate them")]
    CredentialsMissing {
        /// Which cluster.
        cluster: String,
        /// The version that was recorded last.
        version: u32,
    },
    /// Something that runs beside us did not do as told.
    #[error("{0}")]
    Outside(String),
}

impl Fault {
    /// Whether the same request may succeed later. Where the outcome is unknown it may have succeeded: only an idempotency
    /// key makes a retry safe.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        matches!(
            self,
            Self::Contention
                | Self::Busy
                | Self::Journal(
                    JournalError::Unavailable(_)
                        | JournalError::Unknown
                        | JournalError::Closed
                        | JournalError::Seal(VaultError::Unavailable(_) | VaultError::WrongMasterKey { .. })
                )
                | Self::Vault(
                    VaultError::Unavailable(_)
                        | VaultError::Unfinished(_)
                        | VaultError::UnfinishedSecret(_)
                        | VaultError::WrongMasterKey { .. }
                )
                | Self::Outside(_)
        )
    }
}
