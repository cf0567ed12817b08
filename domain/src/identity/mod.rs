//! Who people are: accounts, the addresses they claim, the devices they signed in on, the roles they hold.

pub mod access_token;
pub mod account;
mod avatar;
pub mod contact;
pub mod email_claim;
pub mod export;
mod grants;
mod language;
pub mod mail;
pub mod password;
mod permission;
mod profile;
mod provider;
pub mod provider_claim;
mod rejection;
mod role;
pub mod role_book;
mod scopes;
pub mod second_factor;
pub mod sign_in;
pub mod ways_in;

pub use avatar::Avatar;
pub use grants::{Grant, Grants};
pub use language::Language;
pub use permission::{Permission, Permissions};
pub use profile::{DisplayName, Email, ErasureReason, TokenName, UserAgent};
pub use provider::{Method, ProviderName};
pub use rejection::IdentityRejection;
pub use role::{AnyRole, Role, RoleDescription, RoleName};
pub use scopes::Scopes;
