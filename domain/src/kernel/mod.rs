//! What every context shares: ids, instants, quantities, personal values.

mod digest;
mod id;
mod personal;
mod plan;
mod quantities;

pub use digest::{Digest, DigestError};
pub use id::{
    AccessTokenId, AccountId, AvatarId, ClusterId, CredentialsId, EnvironmentId, ExportId, IdError, MailId, PasskeyId, RoleId,
    ServiceAccountId, SessionId, SignInId, TypedId, WorkshopId,
};
pub use personal::Personal;
pub use plan::Plan;
pub use quantities::{Mebibytes, Millicores, Minutes, Points, Seconds};

/// An instant in UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
