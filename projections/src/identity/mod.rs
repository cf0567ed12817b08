//! Accounts, the devices they signed in on, the tokens of their programs, how they are written to, and roles.

pub mod access_tokens;
pub mod accounts;
pub mod contacts;
pub mod idle;
pub mod mails;
pub mod roles;
pub mod service_accounts;
pub mod sign_ins;
pub mod unusual_sign_ins;
