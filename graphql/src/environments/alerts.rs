//! What administrators are alerted of.

use async_graphql::{Context, Enum, ID, Object, Subscription};
use commands::authorization::reads;
use domain::{
    Decider,
    environments::cluster::Cluster as Stream,
    kernel::{ClusterId, Timestamp},
};
use futures_util::stream::BoxStream;
use projections::environments::alerts;

use super::{
    Cluster,
    cluster::{self, ClusterResource},
};
use crate::{
    changes::Changes,
    context::Access,
    failure::Result,
    input::{number, optional_id},
    paging::{self, Cursor, List},
};

/// How many a subscription reads at once.
const PAGE: u64 = 100;

/// What an alert is about.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "alerts::AlertKind")]
pub(crate) enum AlertKind {
    Unreachable,
    /// It answers, but something is wrong with it.
    Degraded,
    /// From either of these.
    Recovered,
    /// Nearly all of something is requested.
    CapacityShort,
    /// Enough of it is free again.
    CapacityRegained,
}

/// A change of a cluster, for the worse or the better.
pub(crate) struct Alert {
    row: alerts::Model,
}

impl From<alerts::Model> for Alert {
    fn from(row: alerts::Model) -> Self {
        Self { row }
    }
}

/// A change of a cluster, for the worse or the better.
#[Object]
impl Alert {
    async fn kind(&self) -> AlertKind {
        self.row.kind.0.into()
    }

    /// Also one that is removed.
    async fn cluster(&self, ctx: &Context<'_>) -> Result<Option<Cluster>> {
        cluster::cluster(ctx, ClusterId(self.row.cluster)).await
    }

    /// Why, where it is not well. For people; do not parse it.
    async fn reason(&self) -> Option<&str> {
        self.row.reason.as_deref()
    }

    /// Of what it is short, or not any more.
    async fn resource(&self) -> Option<ClusterResource> {
        self.row.resource.map(|resource| resource.0.into())
    }

    /// How many percent of that are requested.
    async fn percent(&self) -> Option<i32> {
        self.row.percent.map(number)
    }

    /// Since when it is so: before it was told, because it must have lasted.
    async fn since(&self) -> Timestamp {
        self.row.since
    }

    async fn at(&self) -> Timestamp {
        self.row.at
    }
}

#[derive(Default)]
pub(crate) struct AlertQueries;

#[Object]
impl AlertQueries {
    /// What administrators were alerted of, latest first; of one cluster only, if that is given.
    #[graphql(complexity = "paging::cost(first, child_complexity)")]
    async fn alerts(
        &self,
        ctx: &Context<'_>,
        cluster_id: Option<ID>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<List<i64, Alert>> {
        ctx.caller().allowed(&reads::ALERTS)?;
        let cluster = optional_id("clusterId", cluster_id.as_ref())?;
        let (first, after) = (paging::bounded("first", first)?, Cursor::<i64>::read("after", after.as_deref())?);
        let page = alerts::page(ctx.db(), cluster, after, first).await?;
        Ok(paging::list(page, after.is_some(), async_graphql::connection::EmptyFields, |row| Cursor(row.position)))
    }
}

#[derive(Default)]
pub(crate) struct AlertSubscriptions;

#[Subscription]
impl AlertSubscriptions {
    /// What administrators are alerted of from now on, each once.
    async fn alerts(&self, ctx: &Context<'_>) -> Result<BoxStream<'static, Result<Alert>>> {
        ctx.caller().allowed(&reads::ALERTS)?;
        let (services, caller) = (ctx.services().clone(), ctx.caller().clone());
        let mut changes = ctx.data_unchecked::<Changes>().watch();
        let mut shown = services.journal.head().await?.0;
        Ok(Box::pin(async_stream::try_stream! {
            let mut position = None;
            loop {
                if let Some(position) = position {
                    let reached = services.projections.reached(position, services.settings.patience).await;
                    caller.renewed(&services).await?.allowed(&reads::ALERTS)?;
                    loop {
                        let rows = alerts::since(services.projections.db(), shown, PAGE).await?;
                        if rows.is_empty() {
                            break;
                        }
                        for row in rows {
                            caller.lately(&services).await?.allowed(&reads::ALERTS)?;
                            shown = row.position;
                            yield Alert::from(row);
                        }
                    }
                    if !reached {
                        continue;
                    }
                }
                match changes.next(|stream| &*stream.kind == Stream::STREAM).await {
                    Some(next) => position = Some(next),
                    None => break,
                }
            }
        }))
    }
}
