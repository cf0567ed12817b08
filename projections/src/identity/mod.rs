//! Accounts, the devices they signed in on, the tokens of their programs, and roles.

pub mod access_tokens;
pub mod accounts;
pub mod roles;
pub mod sign_ins;
