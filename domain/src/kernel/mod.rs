//! What every context shares: ids, instants, quantities, personal values.

mod digest;
mod hidden;
mod id;
mod money;
mod personal;
mod plan;
mod quantities;

pub use digest::{Digest, DigestError};
pub(crate) use hidden::is_hidden;
pub use id::{
    AccessTokenId, AccountId, AvatarId, ClusterId, CommunityId, CredentialsId, EnvironmentId, ExportId, IdError, MailId, PasskeyId,
    PaymentId, RefundId, RegistrationId, RoleId, RunId, ServiceAccountId, SessionId, SignInId, TypedId, WorkshopId,
};
pub(crate) use money::rounded;
pub use money::{Currency, CurrencyError, Money, MoneyError};
pub use personal::Personal;
pub use plan::Plan;
pub use quantities::{Mebibytes, Millicores, Minutes, Points, Seconds};

/// An instant in UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
