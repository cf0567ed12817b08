//! Accounts, sign-ins and tokens.

mod account;
mod devices;
mod errors;
pub(crate) mod loaders;
mod mutations;
mod passwords;
mod queries;
mod roles;
mod search;
mod sign_ins;

pub(crate) use account::{Account, account};
pub(crate) use devices::{DeviceMutations, DeviceQueries};
pub(crate) use mutations::AccountMutations;
pub(crate) use passwords::PasswordMutations;
pub(crate) use queries::AccountQueries;
pub(crate) use roles::{RoleMutations, RoleQueries};
pub(crate) use sign_ins::SignInMutations;
