//! Runs and registrations by id, and what belongs to them.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use domain::kernel::{AccountId, RegistrationId, RunId};
use projections::booking::{registrants, registrations, run_tickets, runs};

use crate::{
    failure::{Failure, Result},
    read_models::ReadModels,
};

/// Runs by id, whoever may see them.
pub(crate) struct RunLoader(pub(crate) ReadModels);

impl Loader<RunId> for RunLoader {
    type Value = runs::Model;
    type Error = Failure;

    async fn load(&self, ids: &[RunId]) -> Result<HashMap<RunId, runs::Model>> {
        let rows = runs::find_many(self.0.db(), ids).await?;
        Ok(rows.into_iter().map(|row| (RunId(row.run), row)).collect())
    }
}

/// Places that are taken with each ticket of a run, by its key.
pub(crate) struct TicketLoader(pub(crate) ReadModels);

impl Loader<RunId> for TicketLoader {
    type Value = HashMap<String, i64>;
    type Error = Failure;

    async fn load(&self, ids: &[RunId]) -> Result<HashMap<RunId, HashMap<String, i64>>> {
        let mut taken: HashMap<_, HashMap<_, _>> = HashMap::new();
        for total in run_tickets::of_runs(self.0.db(), ids).await? {
            taken.entry(RunId(total.run)).or_default().insert(total.ticket, total.taken);
        }
        Ok(taken)
    }
}

/// Registrations by id, whoever may see them.
pub(crate) struct RegistrationLoader(pub(crate) ReadModels);

impl Loader<RegistrationId> for RegistrationLoader {
    type Value = registrations::Model;
    type Error = Failure;

    async fn load(&self, ids: &[RegistrationId]) -> Result<HashMap<RegistrationId, registrations::Model>> {
        let rows = registrations::find_many(self.0.db(), ids).await?;
        Ok(rows.into_iter().map(|row| (RegistrationId(row.registration), row)).collect())
    }
}

/// Registrations of somebody for a run, latest first.
impl Loader<(AccountId, RunId)> for RegistrationLoader {
    type Value = Vec<registrations::Model>;
    type Error = Failure;

    async fn load(&self, keys: &[(AccountId, RunId)]) -> Result<HashMap<(AccountId, RunId), Vec<registrations::Model>>> {
        let (people, runs): (Vec<_>, Vec<_>) = keys.iter().copied().unzip();
        let mut rows = registrations::of_people(self.0.db(), &people, &runs).await?;
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.number));
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            if let Some(account) = row.account {
                found.entry((AccountId(account), RunId(row.run))).or_default().push(row);
            }
        }
        Ok(found)
    }
}

/// Who is behind registrations, sealed.
pub(crate) struct RegistrantLoader(pub(crate) ReadModels);

impl Loader<RegistrationId> for RegistrantLoader {
    type Value = registrants::Model;
    type Error = Failure;

    async fn load(&self, ids: &[RegistrationId]) -> Result<HashMap<RegistrationId, registrants::Model>> {
        let rows = registrants::find_many(self.0.db(), ids).await?;
        Ok(rows.into_iter().map(|row| (RegistrationId(row.registration), row)).collect())
    }
}

/// How many are before each of those that wait.
pub(crate) struct AheadLoader(pub(crate) ReadModels);

impl Loader<RegistrationId> for AheadLoader {
    type Value = u64;
    type Error = Failure;

    async fn load(&self, ids: &[RegistrationId]) -> Result<HashMap<RegistrationId, u64>> {
        Ok(registrations::ahead(self.0.db(), ids).await?)
    }
}
