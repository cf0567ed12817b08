//! Joins: what the fields of one request need is loaded together. Nothing is kept from one request to the next.

use async_graphql::dataloader::DataLoader;

use crate::{
    booking::loaders::{AheadLoader, RegistrantLoader, RegistrationLoader, RunLoader, TicketLoader},
    communities::loaders::CommunityLoader,
    environments::loaders::{ClusterLoader, EnvironmentLoader},
    identity::loaders::{AccountLoader, ContactLoader, RoleLoader},
    learning::loaders::{AttemptLoader, SessionLoader, StatisticsLoader},
    personal::PersonalLoader,
    read_models::ReadModels,
    services::Services,
    workshops::loaders::{ContentLoader, WorkshopLoader},
};

/// Everything that is looked up by key, one loader per kind of row.
pub(crate) struct Loaders {
    pub(crate) accounts: DataLoader<AccountLoader>,
    pub(crate) ahead: DataLoader<AheadLoader>,
    pub(crate) attempts: DataLoader<AttemptLoader>,
    pub(crate) clusters: DataLoader<ClusterLoader>,
    pub(crate) communities: DataLoader<CommunityLoader>,
    pub(crate) contacts: DataLoader<ContactLoader>,
    pub(crate) contents: DataLoader<ContentLoader>,
    pub(crate) environments: DataLoader<EnvironmentLoader>,
    pub(crate) personal: DataLoader<PersonalLoader>,
    pub(crate) registrants: DataLoader<RegistrantLoader>,
    pub(crate) registrations: DataLoader<RegistrationLoader>,
    pub(crate) roles: DataLoader<RoleLoader>,
    pub(crate) runs: DataLoader<RunLoader>,
    pub(crate) sessions: DataLoader<SessionLoader>,
    pub(crate) statistics: DataLoader<StatisticsLoader>,
    pub(crate) tickets: DataLoader<TicketLoader>,
    pub(crate) workshops: DataLoader<WorkshopLoader>,
}

impl Loaders {
    pub(crate) fn new(services: &Services, read_models: &ReadModels) -> Self {
        let rows = || read_models.clone();
        Self {
            accounts: together(AccountLoader(rows())),
            ahead: together(AheadLoader(rows())),
            attempts: together(AttemptLoader(rows())),
            clusters: together(ClusterLoader(rows())),
            communities: together(CommunityLoader(rows())),
            contacts: together(ContactLoader(rows())),
            contents: together(ContentLoader(services.commands.clone())),
            environments: together(EnvironmentLoader(rows())),
            personal: together(PersonalLoader(services.vault.clone())),
            registrants: together(RegistrantLoader(rows())),
            registrations: together(RegistrationLoader(rows())),
            roles: together(RoleLoader(rows())),
            runs: together(RunLoader(rows())),
            sessions: together(SessionLoader(rows())),
            statistics: together(StatisticsLoader(rows())),
            tickets: together(TicketLoader(rows())),
            workshops: together(WorkshopLoader(rows())),
        }
    }
}

fn together<L>(loader: L) -> DataLoader<L> {
    DataLoader::new(loader, tokio::spawn)
}
