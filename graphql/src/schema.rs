//! The schema, put together from its contexts.

use async_graphql::{MergedObject, MergedSubscription};

use crate::{
    audit::{ActivityQueries, AuditQueries, HistoryQueries},
    booking::{BookingMutations, DashboardQueries, RunQueries, RunSubscriptions},
    changes::Changes,
    communities::{CommunityMutations, CommunityQueries},
    environments::{
        AlertQueries, AlertSubscriptions, ClusterMutations, ClusterSubscriptions, EnvironmentMutations, EnvironmentQueries,
        EnvironmentUsageQueries, OperationMutations, PlatformQueries, PoolMutations, PoolQueries, ResourceQueries, ResourceSubscriptions,
        UsageQueries,
    },
    gamification::{LeaderboardQueries, LeaderboardSubscriptions},
    identity::{IdentityMutations, IdentityQueries},
    journal::{EventQueries, EventSubscriptions, HeadQueries},
    learning::{SessionMutations, SessionQueries, SessionSubscriptions, StepMutations},
    node::NodeQueries,
    options::Options,
    projections::{ProjectionMutations, ProjectionQueries},
    services::Services,
    time_travel::TimeQueries,
    workshops::{WorkshopMutations, WorkshopQueries},
};

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    NodeQueries,
    IdentityQueries,
    WorkshopQueries,
    SessionQueries,
    RunQueries,
    DashboardQueries,
    CommunityQueries,
    EnvironmentQueries,
    PoolQueries,
    ResourceQueries,
    PlatformQueries,
    UsageQueries,
    EnvironmentUsageQueries,
    AlertQueries,
    LeaderboardQueries,
    EventQueries,
    HeadQueries,
    AuditQueries,
    HistoryQueries,
    ActivityQueries,
    TimeQueries,
    ProjectionQueries,
);

/// What can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(
    IdentityMutations,
    WorkshopMutations,
    SessionMutations,
    StepMutations,
    BookingMutations,
    CommunityMutations,
    EnvironmentMutations,
    OperationMutations,
    PoolMutations,
    ClusterMutations,
    ProjectionMutations,
);

/// What can be followed.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    SessionSubscriptions,
    RunSubscriptions,
    ResourceSubscriptions,
    ClusterSubscriptions,
    AlertSubscriptions,
    LeaderboardSubscriptions,
    EventSubscriptions,
);

/// The schema with what its resolvers need.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// The schema on these services. Must be called within a Tokio runtime: it follows the journal for subscriptions.
///
/// Requests need what [`router`](crate::router) puts into them, such as who asks; limits other than that of complexity
/// are the router's as well.
#[must_use]
pub fn schema(services: Services, options: &Options) -> Schema {
    let changes = Changes::of(services.journal.clone());
    let mut schema = blank().data(changes).data(services).limit_complexity(options.limits.complexity);
    if !options.development {
        schema = schema.disable_introspection().disable_suggestions();
    }
    schema.finish()
}

/// The schema in the schema definition language.
#[must_use]
pub fn sdl() -> String {
    blank().finish().sdl()
}

fn blank() -> async_graphql::SchemaBuilder<Query, Mutation, Subscription> {
    async_graphql::Schema::build(Query::default(), Mutation::default(), Subscription::default()).register_output_type::<crate::node::Node>()
}
