//! Who people are: accounts, the addresses they claim, the devices they signed in on, the roles they hold.

pub mod access_token;
pub mod account;
mod avatar;
pub mod backup_factor;
pub mod contact;
pub mod email_claim;
pub mod export;
mod grants;
mod language;
pub mod legal_hold;
pub mod mail;
pub mod membership;
pub mod password;
mod permission;
mod phone_number;
pub mod plan_book;
mod profile;
mod protection;
mod rejection;
mod role;
pub mod role_book;
mod scopes;
pub mod second_factor;
pub mod service_account;
pub mod sign_in;

pub use avatar::Avatar;
pub use grants::{Grant, Grants};
pub use language::Language;
pub use permission::{Permission, Permissions};
pub use phone_number::PhoneNumber;
pub use profile::{DisplayName, Email, ErasureReason, TokenName, UserAgent};
pub use protection::{Networks, Protection, Standing};
pub use rejection::IdentityRejection;
pub use role::{AnyRole, Role, RoleDescription, RoleName};
pub use scopes::Scopes;
