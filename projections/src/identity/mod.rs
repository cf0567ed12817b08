//! Accounts, the devices they signed in on, and roles.

pub mod accounts;
pub mod roles;
pub mod sign_ins;
