//! Everything that can be fetched by its id alone.

use async_graphql::{Context, ID, Interface, Object};
use domain::kernel::{AccountId, ClusterId, CommunityId, EnvironmentId, RegistrationId, RunId, SessionId, TypedId, WorkshopId};

use crate::{
    booking::{Registration, Run, registration, run},
    communities::{Community, community},
    context::Access,
    environments::{Cluster, Environment, cluster, environment},
    failure::{Failure, Result},
    identity::{Account, account},
    input::id as read,
    learning::{Session, session},
    workshops::{Workshop, workshop},
};

/// Something with an id of its own.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID"))]
pub(crate) enum Node {
    Account(Account),
    Workshop(Workshop),
    Session(Session),
    Environment(Environment),
    Cluster(Cluster),
    Run(Run),
    Registration(Registration),
    Community(Community),
}

#[derive(Default)]
pub(crate) struct NodeQueries;

#[Object]
impl NodeQueries {
    /// What has this id; null if there is none, or it is not for the caller.
    async fn node(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Node>> {
        Ok(match id.split_once('_').map(|(prefix, _)| prefix) {
            Some(AccountId::PREFIX) => {
                let account_id = read("id", &id)?;
                let visible = ctx.caller().is_or_may(account_id, domain::identity::Permission::ReadAccounts);
                if visible { account(ctx, account_id).await?.map(Node::Account) } else { None }
            }
            Some(WorkshopId::PREFIX) => workshop(ctx, read("id", &id)?).await?.map(Node::Workshop),
            Some(SessionId::PREFIX) => session(ctx, read("id", &id)?).await?.map(Node::Session),
            Some(EnvironmentId::PREFIX) => environment(ctx, read("id", &id)?).await?.map(Node::Environment),
            Some(ClusterId::PREFIX) => cluster(ctx, read("id", &id)?).await?.map(Node::Cluster),
            Some(RunId::PREFIX) => run(ctx, read("id", &id)?).await?.map(Node::Run),
            Some(RegistrationId::PREFIX) => registration(ctx, read("id", &id)?).await?.map(Node::Registration),
            Some(CommunityId::PREFIX) => community(ctx, read("id", &id)?).await?.map(Node::Community),
            _ => {
                return Err(Failure::expected("id", "an id that begins with acc_, wks_, ses_, env_, cls_, run_, reg_ or com_"));
            }
        })
    }
}
