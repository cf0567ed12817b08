//! Accounts and roles by id.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use domain::kernel::{AccountId, RoleId};
use projections::identity::{accounts, contacts, roles};

use crate::{
    failure::{Failure, Result},
    read_models::ReadModels,
};

/// Accounts by id.
pub(crate) struct AccountLoader(pub(crate) ReadModels);

impl Loader<AccountId> for AccountLoader {
    type Value = accounts::Model;
    type Error = Failure;

    async fn load(&self, accounts: &[AccountId]) -> Result<HashMap<AccountId, accounts::Model>> {
        let rows = accounts::find_many(self.0.db(), accounts).await?;
        Ok(rows.into_iter().map(|row| (AccountId(row.account), row)).collect())
    }
}

/// Defined roles by id.
pub(crate) struct RoleLoader(pub(crate) ReadModels);

impl Loader<RoleId> for RoleLoader {
    type Value = roles::Model;
    type Error = Failure;

    async fn load(&self, roles: &[RoleId]) -> Result<HashMap<RoleId, roles::Model>> {
        let rows = roles::find_many(self.0.db(), roles).await?;
        Ok(rows.into_iter().map(|row| (RoleId(row.role), row)).collect())
    }
}

/// How people are reached, by their accounts' ids.
pub(crate) struct ContactLoader(pub(crate) ReadModels);

impl Loader<AccountId> for ContactLoader {
    type Value = contacts::Model;
    type Error = Failure;

    async fn load(&self, accounts: &[AccountId]) -> Result<HashMap<AccountId, contacts::Model>> {
        let rows = contacts::find_many(self.0.db(), accounts).await?;
        Ok(rows.into_iter().map(|row| (AccountId(row.account), row)).collect())
    }
}
