//! What every context shares: ids, instants, quantities, personal values.

mod digest;
mod id;
mod personal;
mod quantities;

pub use digest::{Digest, DigestError};
pub use id::{
    AccessTokenId, AccountId, AvatarId, ClusterId, CredentialsId, EnvironmentId, ExportId, IdError, MailId, RoleId, SessionId, SignInId,
    TypedId, WorkshopId,
};
pub use personal::Personal;
pub use quantities::{Mebibytes, Millicores, Minutes, Points, Seconds};

/// An instant in UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
