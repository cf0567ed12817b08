//! Accounts and the devices they signed in on.

pub mod accounts;
pub mod sign_ins;
