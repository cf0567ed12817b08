//! Accounts, sign-ins and tokens.

mod account;
mod errors;
pub(crate) mod loaders;
mod mutations;
mod queries;
mod search;
mod sign_ins;

pub(crate) use account::{Account, account};
pub(crate) use mutations::AccountMutations;
pub(crate) use queries::AccountQueries;
pub(crate) use sign_ins::SignInMutations;
