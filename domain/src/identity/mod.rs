//! Who people are: accounts, the addresses they claim, the devices they signed in on, the roles they hold.

pub mod account;
pub mod email_claim;
pub mod password;
mod profile;
mod rejection;
mod role;
pub mod sign_in;

pub use profile::{DisplayName, Email, ErasureReason, UserAgent};
pub use rejection::IdentityRejection;
pub use role::{Permission, Role};
