//! Sessions by id, attempts by session, statistics by workshop.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use domain::kernel::{SessionId, WorkshopId};
use projections::learning::{attempts, sessions, step_statistics, workshop_statistics};

use crate::{
    failure::{Failure, Result},
    read_models::ReadModels,
};

/// Sessions by id, whoever may see them.
pub(crate) struct SessionLoader(pub(crate) ReadModels);

impl Loader<SessionId> for SessionLoader {
    type Value = sessions::Model;
    type Error = Failure;

    async fn load(&self, ids: &[SessionId]) -> Result<HashMap<SessionId, sessions::Model>> {
        let rows = sessions::find_many(self.0.db(), ids).await?;
        Ok(rows.into_iter().map(|row| (SessionId(row.session), row)).collect())
    }
}

/// Attempts by session, earliest first.
pub(crate) struct AttemptLoader(pub(crate) ReadModels);

impl Loader<SessionId> for AttemptLoader {
    type Value = Arc<Vec<attempts::Model>>;
    type Error = Failure;

    async fn load(&self, sessions: &[SessionId]) -> Result<HashMap<SessionId, Self::Value>> {
        let rows = attempts::of_sessions(self.0.db(), sessions).await?;
        let by_session = grouped(rows, |row| SessionId(row.session));
        Ok(by_session.into_iter().map(|(session, rows)| (session, Arc::new(rows))).collect())
    }
}

/// Statistics by workshop; none before its first session.
pub(crate) struct StatisticsLoader(pub(crate) ReadModels);

impl Loader<WorkshopId> for StatisticsLoader {
    type Value = workshop_statistics::Model;
    type Error = Failure;

    async fn load(&self, workshops: &[WorkshopId]) -> Result<HashMap<WorkshopId, workshop_statistics::Model>> {
        let rows = workshop_statistics::find_many(self.0.db(), workshops).await?;
        Ok(rows.into_iter().map(|row| (WorkshopId(row.workshop), row)).collect())
    }
}

/// Asks for the statistics of a workshop's steps.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StepsOf(pub(crate) WorkshopId);

impl Loader<StepsOf> for StatisticsLoader {
    type Value = Vec<step_statistics::Model>;
    type Error = Failure;

    async fn load(&self, workshops: &[StepsOf]) -> Result<HashMap<StepsOf, Vec<step_statistics::Model>>> {
        let ids: Vec<WorkshopId> = workshops.iter().map(|StepsOf(workshop)| *workshop).collect();
        let rows = step_statistics::of_workshops(self.0.db(), &ids).await?;
        Ok(grouped(rows, |row| StepsOf(WorkshopId(row.workshop))))
    }
}

fn grouped<K: std::hash::Hash + Eq, R>(rows: Vec<R>, key: impl Fn(&R) -> K) -> HashMap<K, Vec<R>> {
    let mut groups: HashMap<K, Vec<R>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}
