//! Accounts, sign-ins and tokens.

mod access_tokens;
mod account;
mod avatars;
mod backup_codes;
mod contact;
mod devices;
mod email_changes;
mod errors;
mod exports;
mod legal_holds;
pub(crate) mod loaders;
mod mutations;
mod outbox;
mod passkeys;
mod passwords;
mod plans;
mod profile;
mod protections;
mod providers;
mod queries;
mod roles;
mod search;
mod second_factor;
mod service_accounts;
mod sign_ins;
mod step_up;
mod suspension;
mod unusual;

pub(crate) use account::{Account, account};
pub(crate) use devices::{Device, live};
pub(crate) use plans::{Plan, PlanLimitReached};
pub(crate) use queries::AccountQueries;
pub(crate) use unusual::{SignInAlert, SignInAlertFilter, alerts};

use async_graphql::MergedObject;

use self::{
    access_tokens::{AccessTokenMutations, AccessTokenQueries},
    avatars::AvatarMutations,
    backup_codes::BackupCodeMutations,
    contact::ContactMutations,
    devices::{DeviceMutations, DeviceQueries},
    email_changes::EmailChangeMutations,
    exports::ExportMutations,
    legal_holds::LegalHoldMutations,
    mutations::AccountMutations,
    outbox::{OutboxMutations, OutboxQueries},
    passkeys::{PasskeyMutations, PasskeyQueries},
    passwords::PasswordMutations,
    plans::{PlanMutations, PlanQueries},
    profile::ProfileMutations,
    protections::{RoleProtectionMutations, RoleProtectionQueries},
    providers::{ProviderMutations, ProviderQueries},
    roles::{RoleMutations, RoleQueries},
    second_factor::SecondFactorMutations,
    service_accounts::{ServiceAccountMutations, ServiceAccountQueries},
    sign_ins::SignInMutations,
    step_up::StepUpMutations,
    suspension::SuspensionMutations,
};

/// What can be asked about people and their access.
#[derive(MergedObject, Default)]
pub(crate) struct IdentityQueries(
    AccountQueries,
    DeviceQueries,
    ProviderQueries,
    PasskeyQueries,
    RoleQueries,
    PlanQueries,
    RoleProtectionQueries,
    AccessTokenQueries,
    ServiceAccountQueries,
    OutboxQueries,
);

/// What people and administrators can do about access.
#[derive(MergedObject, Default)]
pub(crate) struct IdentityMutations(
    AccountMutations,
    SignInMutations,
    ProviderMutations,
    PasskeyMutations,
    DeviceMutations,
    PasswordMutations,
    RoleMutations,
    PlanMutations,
    RoleProtectionMutations,
    SecondFactorMutations,
    BackupCodeMutations,
    StepUpMutations,
    AccessTokenMutations,
    ServiceAccountMutations,
    ContactMutations,
    EmailChangeMutations,
    ProfileMutations,
    AvatarMutations,
    SuspensionMutations,
    LegalHoldMutations,
    ExportMutations,
    OutboxMutations,
);
