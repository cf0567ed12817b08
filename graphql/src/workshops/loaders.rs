//! Workshops by id, contents by digest.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use commands::Commands;
use domain::{
    kernel::{Digest, WorkshopId},
    workshops::content::Content,
};
use projections::workshops::workshops;

use crate::{
    failure::{Failure, Result},
    read_models::ReadModels,
};

/// Workshops by id, whoever may see them.
pub(crate) struct WorkshopLoader(pub(crate) ReadModels);

impl Loader<WorkshopId> for WorkshopLoader {
    type Value = workshops::Model;
    type Error = Failure;

    async fn load(&self, ids: &[WorkshopId]) -> Result<HashMap<WorkshopId, workshops::Model>> {
        let rows = workshops::find_many(self.0.db(), ids).await?;
        Ok(rows.into_iter().map(|row| (WorkshopId(row.workshop), row)).collect())
    }
}

/// Contents by digest. All steps of a workshop share one.
pub(crate) struct ContentLoader(pub(crate) Arc<Commands>);

impl Loader<Digest> for ContentLoader {
    type Value = Arc<Content>;
    type Error = Failure;

    async fn load(&self, digests: &[Digest]) -> Result<HashMap<Digest, Arc<Content>>> {
        let load = async |digest: &Digest| Ok((digest.clone(), self.0.workshops.content(digest).await?));
        futures_util::future::try_join_all(digests.iter().map(load)).await.map(HashMap::from_iter)
    }
}
