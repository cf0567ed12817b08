//! What every context shares: ids, instants, quantities, personal values.

mod digest;
mod id;
mod money;
mod personal;
mod plan;
mod quantities;

pub use digest::{Digest, DigestError};
pub use id::{
    AccessTokenId, AccountId, AvatarId, ClusterId, CredentialsId, EnvironmentId, ExportId, IdError, MailId, PasskeyId, PaymentId, RefundId,
    RegistrationId, RoleId, RunId, ServiceAccountId, SessionId, SignInId, TypedId, WorkshopId,
};
pub(crate) use money::rounded;
pub use money::{Currency, CurrencyError, Money, MoneyError};
pub use personal::Personal;
pub use plan::Plan;
pub use quantities::{Mebibytes, Millicores, Minutes, Points, Seconds};

/// An instant in UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
