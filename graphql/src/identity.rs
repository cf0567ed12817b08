//! Accounts, sign-ins and tokens.

mod access_tokens;
mod account;
mod contact;
mod devices;
mod email_changes;
mod errors;
pub(crate) mod loaders;
mod mutations;
mod outbox;
mod passwords;
mod profile;
mod providers;
mod queries;
mod roles;
mod search;
mod second_factor;
mod sign_ins;
mod step_up;
mod suspension;

pub(crate) use access_tokens::{AccessTokenMutations, AccessTokenQueries};
pub(crate) use account::{Account, account};
pub(crate) use contact::ContactMutations;
pub(crate) use devices::{DeviceMutations, DeviceQueries};
pub(crate) use email_changes::EmailChangeMutations;
pub(crate) use mutations::AccountMutations;
pub(crate) use outbox::{OutboxMutations, OutboxQueries};
pub(crate) use passwords::PasswordMutations;
pub(crate) use profile::ProfileMutations;
pub(crate) use providers::{ProviderMutations, ProviderQueries};
pub(crate) use queries::AccountQueries;
pub(crate) use roles::{RoleMutations, RoleQueries};
pub(crate) use second_factor::SecondFactorMutations;
pub(crate) use sign_ins::SignInMutations;
pub(crate) use step_up::StepUpMutations;
pub(crate) use suspension::SuspensionMutations;
