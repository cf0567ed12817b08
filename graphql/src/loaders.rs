//! Joins: what the fields of one request need is loaded together. Nothing is kept from one request to the next.

use async_graphql::dataloader::DataLoader;

use crate::{
    environments::loaders::EnvironmentLoader,
    identity::loaders::AccountLoader,
    learning::loaders::{AttemptLoader, SessionLoader, StatisticsLoader},
    personal::PersonalLoader,
    services::Services,
    workshops::loaders::{ContentLoader, WorkshopLoader},
};

/// Everything that is looked up by key, one loader per kind of row.
pub(crate) struct Loaders {
    pub(crate) accounts: DataLoader<AccountLoader>,
    pub(crate) attempts: DataLoader<AttemptLoader>,
    pub(crate) contents: DataLoader<ContentLoader>,
    pub(crate) environments: DataLoader<EnvironmentLoader>,
    pub(crate) personal: DataLoader<PersonalLoader>,
    pub(crate) sessions: DataLoader<SessionLoader>,
    pub(crate) statistics: DataLoader<StatisticsLoader>,
    pub(crate) workshops: DataLoader<WorkshopLoader>,
}

impl Loaders {
    pub(crate) fn new(services: &Services) -> Self {
        let projections = || services.projections.clone();
        Self {
            accounts: together(AccountLoader(projections())),
            attempts: together(AttemptLoader(projections())),
            contents: together(ContentLoader(services.commands.clone())),
            environments: together(EnvironmentLoader(projections())),
            personal: together(PersonalLoader(services.vault.clone())),
            sessions: together(SessionLoader(projections())),
            statistics: together(StatisticsLoader(projections())),
            workshops: together(WorkshopLoader(projections())),
        }
    }
}

fn together<L>(loader: L) -> DataLoader<L> {
    DataLoader::new(loader, tokio::spawn)
}
