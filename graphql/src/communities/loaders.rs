//! Communities by id, and who is of them.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use domain::kernel::{AccountId, CommunityId};
use projections::communities::{communities, members};

use crate::{
    failure::{Failure, Result},
    read_models::ReadModels,
};

/// Communities by id.
pub(crate) struct CommunityLoader(pub(crate) ReadModels);

impl Loader<CommunityId> for CommunityLoader {
    type Value = communities::Model;
    type Error = Failure;

    async fn load(&self, ids: &[CommunityId]) -> Result<HashMap<CommunityId, communities::Model>> {
        let rows = communities::find_many(self.0.db(), ids).await?;
        Ok(rows.into_iter().map(|row| (CommunityId(row.community), row)).collect())
    }
}

/// Somebody in a community, if they are of it.
impl Loader<(AccountId, CommunityId)> for CommunityLoader {
    type Value = members::Model;
    type Error = Failure;

    async fn load(&self, keys: &[(AccountId, CommunityId)]) -> Result<HashMap<(AccountId, CommunityId), members::Model>> {
        let (people, ids): (Vec<_>, Vec<_>) = keys.iter().copied().unzip();
        let rows = members::of_people(self.0.db(), &people, &ids).await?;
        Ok(rows.into_iter().map(|row| ((AccountId(row.account), CommunityId(row.community)), row)).collect())
    }
}
