//! Following clusters.

use std::collections::HashMap;

use async_graphql::{Context, ID, Subscription};
use commands::authorization::reads;
use domain::{
    Decider,
    environments::{cluster::Cluster as Stream, roster::Roster},
    kernel::ClusterId,
};
use futures_util::stream::BoxStream;
use projections::environments::clusters;
use uuid::Uuid;

use super::Cluster;
use crate::{changes::Changes, context::Access, failure::Result, input::optional_id, services::Services};

#[derive(Default)]
pub(crate) struct ClusterSubscriptions;

#[Subscription]
impl ClusterSubscriptions {
    /// One cluster or each as it is now, and again each time that it has changed, for administrators. One that is removed is shown
    /// once more.
    async fn cluster_changed(&self, ctx: &Context<'_>, id: Option<ID>) -> Result<BoxStream<'static, Result<Cluster>>> {
        ctx.caller().allowed(&reads::CLUSTER_CHANGED)?;
        let id: Option<ClusterId> = optional_id("id", id.as_ref())?;
        let (services, caller) = (ctx.services().clone(), ctx.caller().clone());
        let mut changes = ctx.data_unchecked::<Changes>().watch();
        let mut position = services.journal.head().await?;
        Ok(Box::pin(async_stream::try_stream! {
            let mut shown: HashMap<Uuid, clusters::Model> = HashMap::new();
            loop {
                let reached = services.projections.reached(position, services.settings.patience).await;
                caller.renewed(&services).await?.allowed(&reads::CLUSTER_CHANGED)?;
                for row in rows(&services, id, &shown).await? {
                    if shown.get(&row.cluster) != Some(&row) {
                        caller.lately(&services).await?.allowed(&reads::CLUSTER_CHANGED)?;
                        shown.insert(row.cluster, row.clone());
                        yield Cluster::from(row);
                    }
                }
                // Where the read models are late, what they have is shown first, and what was waited for once they have it.
                if !reached {
                    continue;
                }
                match changes.next(|stream| [Stream::STREAM, Roster::STREAM].contains(&&*stream.kind)).await {
                    Some(next) => position = next,
                    None => break,
                }
            }
        }))
    }
}

/// The cluster that is followed; or all there are, and those that were there before.
async fn rows(services: &Services, id: Option<ClusterId>, shown: &HashMap<Uuid, clusters::Model>) -> Result<Vec<clusters::Model>> {
    let db = services.projections.db();
    if let Some(id) = id {
        return Ok(clusters::find(db, id).await?.into_iter().collect());
    }
    let mut rows = clusters::registered(db).await?;
    let gone = |row: &&clusters::Model| row.removed_at.is_none() && !rows.iter().any(|now| now.cluster == row.cluster);
    let gone: Vec<_> = shown.values().filter(gone).map(|row| ClusterId(row.cluster)).collect();
    rows.extend(clusters::find_many(db, &gone).await?);
    Ok(rows)
}
