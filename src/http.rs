//! What is served: the API, terminals, REST routes, the way to providers that people sign in with, and what operators and their tools look
//! at.

mod guard;
mod operations;
mod proxies;
mod rest;
mod server;
mod sign_in;
mod terminal;
mod tls;
mod trace;
mod turns;

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{Router, middleware, routing::get};
use commands::Commands;
use domain::kernel::{ClusterId, EnvironmentId};
use graphql::Options;
use metrics_exporter_prometheus::PrometheusHandle;
use orchestrator::{
    placement,
    sites::{Sites, Used},
    tickets::{Grant, Tickets},
    workbench::Workbench,
};
use projections::{Projections, time_travel::TimeTravel};

pub(crate) use guard::Guard;
pub(crate) use proxies::Proxies;
pub(crate) use server::serve;
pub(crate) use tls::Tls;
pub use tls::TlsError;

use self::turns::{LONGEST, LONGEST_AUDIT, Turns};
use crate::{federation::Federation, node::Stores};

/// What requests are answered with.
pub(crate) struct Services {
    pub(crate) commands: Arc<Commands>,
    pub(crate) projections: Arc<Projections>,
    pub(crate) stores: Stores,
    pub(crate) time_travel: TimeTravel,
    pub(crate) tickets: Arc<Tickets>,
    pub(crate) workbench: Workbench,
    pub(crate) sites: Arc<Sites>,
    pub(crate) metrics: Option<PrometheusHandle>,
    /// After so long without a byte a terminal is closed.
    pub(crate) idle: Duration,
    /// What clusters cost.
    pub(crate) prices: Option<domain::environments::cost::Prices>,
    /// The address that mails come from, as calendars name it.
    pub(crate) sender: String,
    /// Whom people sign in with, if there is anybody.
    pub(crate) federation: Option<Arc<Federation>>,
}

/// What handlers share.
struct Shared {
    services: Services,
    options: Options,
    /// At exports of accounts.
    accounts: Turns,
    /// At exports of runs and registrations.
    sheets: Turns,
    /// At exports of the audit.
    audit: Turns,
    readiness: operations::Readiness,
}

/// The orchestrator's tickets, as the API hands them out.
struct Office(Arc<Tickets>);

impl graphql::TicketOffice for Office {
    fn issue(
        &self,
        account: domain::kernel::AccountId,
        sign_in: domain::kernel::SignInId,
        environment: domain::kernel::EnvironmentId,
    ) -> graphql::Ticket {
        let ticket = self.0.issue(Grant { account, sign_in, environment });
        graphql::Ticket { token: ticket.token, expires_at: ticket.expires_at }
    }
}

/// The orchestrator's judgement of clusters, as the API shows it.
struct Judge(Arc<Sites>);

#[async_trait::async_trait]
impl graphql::Placements for Judge {
    fn rank(
        &self,
        needs: &domain::workshops::content::EnvironmentNeeds,
        clusters: &[projections::environments::clusters::Model],
    ) -> Option<graphql::Ranking> {
        let ranking = self.0.rank(needs, clusters)?;
        let choice = |choice: placement::Choice| graphql::Choice { cluster: choice.cluster, score: choice.score, reason: choice.reason };
        let refusal = |(name, unfit): (String, placement::Unfit)| {
            let row = clusters.iter().find(|row| row.name == name)?;
            Some((domain::kernel::ClusterId(row.cluster), unfit.to_string()))
        };
        Some(graphql::Ranking {
            choices: ranking.choices.into_iter().map(choice).collect(),
            refusals: ranking.unfit.into_iter().filter_map(refusal).collect(),
        })
    }

    fn budget(&self, needs: &domain::workshops::content::EnvironmentNeeds) -> Option<graphql::Budget> {
        let need = self.0.clusters()?.need(needs)?;
        Some(graphql::Budget { cpu: need.cpu, memory: need.memory })
    }

    async fn used(&self, cluster: ClusterId) -> Result<Option<HashMap<EnvironmentId, graphql::Budget>>, String> {
        let Some(clusters) = self.0.clusters() else { return Ok(None) };
        let used = clusters.measured(cluster).await.map_err(|error| error.to_string())?;
        let of = |used: Used| (used.environment, graphql::Budget { cpu: used.cpu, memory: used.memory });
        Ok(used.map(|all| all.into_iter().map(of).collect()))
    }
}

/// Everything that is served at one address.
pub(crate) fn router(services: Services, options: Options, guard: Guard) -> Router {
    let api = graphql::Services {
        commands: Arc::clone(&services.commands),
        projections: Arc::clone(&services.projections),
        journal: Arc::clone(&services.stores.journal),
        vault: Arc::clone(&services.stores.vault),
        tickets: Arc::new(Office(Arc::clone(&services.tickets))),
        placements: Arc::new(Judge(Arc::clone(&services.sites))),
        resources: Arc::new(services.workbench.clone()),
        time_travel: services.time_travel.clone(),
        settings: graphql::Settings { prices: services.prices.clone(), ..graphql::Settings::default() },
    };
    let graphql = graphql::router(api, options.clone());
    let origins = guard::origins(&options.origins);
    let (accounts, sheets, audit) = (Turns::new(LONGEST), Turns::new(LONGEST), Turns::new(LONGEST_AUDIT));
    let shared = Shared { services, options, accounts, sheets, audit, readiness: operations::Readiness::default() };
    Router::new()
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .route("/terminal/{environment}", get(terminal::open))
        .merge(rest::router())
        .merge(sign_in::router())
        .with_state(Arc::new(shared))
        .merge(graphql)
        .layer(origins)
        .layer(middleware::from_fn(trace::request))
        .layer(middleware::from_fn_with_state(Arc::new(guard), guard::request))
}
