//! What learners see of their own part of a cluster.

use std::time::Duration;

use async_graphql::{Context, Enum, ID, Object, SimpleObject, Subscription};
use commands::environments::{EnvironmentResource as Row, PodLog, ResourceKind, ResourcesError};
use domain::{
    environments::{EnvironmentRejection as Rejection, environment::Environment},
    identity::Permission,
    kernel::{AccountId, EnvironmentId, SessionId, Timestamp},
};
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use projections::environments::environments;

use super::errors::EnvironmentError;
use crate::{
    caller::Caller,
    changes::{Changes, Watch},
    context::Access,
    decided::Errors,
    failure::{Failure, Result},
    input::{self, number},
    notes::{self, Showing},
    services::Services,
};

/// Between two items of a subscription, so that many changes at once are one.
const PAUSE: Duration = Duration::from_millis(200);
/// Lines of a log, unless another number is asked for.
const LINES: i32 = 200;
/// Lines of a log that may be asked for.
const MOST_LINES: i32 = 1000;

/// Kinds of objects that learners see.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ResourceKind")]
pub(crate) enum EnvironmentResourceKind {
    Pods,
    Services,
    Deployments,
    ConfigMaps,
    Events,
}

/// The objects of a kind in a learner's own part of a cluster, which is a namespace, or all that a vCluster has but what Kubernetes has in
/// there for itself: events latest first, all others by name.
#[derive(SimpleObject)]
pub(crate) struct EnvironmentResources {
    resources: Vec<EnvironmentResource>,
    /// Why there is nothing to see.
    errors: Vec<EnvironmentError>,
}

/// An object in a learner's own part of a cluster. What its kind does not have is null.
#[derive(SimpleObject)]
pub(crate) struct EnvironmentResource {
    name: String,
    namespace: String,
    /// In a word, such as `Running`.
    status: Option<String>,
    /// How many of its parts are ready.
    ready: Option<i32>,
    /// Of how many.
    wanted: Option<i32>,
    restarts: Option<i32>,
    /// When it came to be; of an event, when it was seen last.
    created_at: Option<Timestamp>,
    /// What an event is about, such as `Pod/web-1`.
    about: Option<String>,
    /// What there is to say about it in a line: why a pod waits, a service's address, a config map's keys.
    message: Option<String>,
}

/// A part of what a pod printed.
#[derive(SimpleObject)]
pub(crate) struct EnvironmentLog {
    text: Option<String>,
    /// Why there is nothing to see.
    errors: Vec<EnvironmentError>,
}

#[derive(Default)]
pub(crate) struct ResourceQueries;

#[Object]
impl ResourceQueries {
    /// What stands in a session's part of a cluster, for its learner, and for administrators.
    #[graphql(complexity = "10 + 10 * child_complexity")]
    async fn environment_resources(
        &self,
        ctx: &Context<'_>,
        session_id: ID,
        kind: EnvironmentResourceKind,
    ) -> Result<EnvironmentResources> {
        let session = input::id("sessionId", &session_id)?;
        let environment = match environment_of(ctx.services(), ctx.caller(), session).await? {
            Ok((environment, learner)) => {
                notes::shown_of(ctx, learner);
                environment
            }
            Err(rejection) => return Ok(rejection.into()),
        };
        match ctx.services().resources.list(environment, kind.into()).await {
            Ok(rows) => Ok(rows.as_slice().into()),
            Err(ResourcesError::Refused(rejection)) => Ok(rejection.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// The end of what a pod in a session's part of a cluster printed, for its learner, and for administrators. In a vCluster, the pod is
    /// in `namespace`, or in `default` if that is left out.
    async fn environment_log(
        &self,
        ctx: &Context<'_>,
        session_id: ID,
        pod: String,
        container: Option<String>,
        lines: Option<i32>,
        namespace: Option<String>,
    ) -> Result<EnvironmentLog> {
        let (session, log) = (input::id("sessionId", &session_id)?, wanted(pod, namespace, container, lines)?);
        let environment = match environment_of(ctx.services(), ctx.caller(), session).await? {
            Ok((environment, learner)) => {
                notes::shown_of(ctx, learner);
                environment
            }
            Err(rejection) => return Ok(rejection.into()),
        };
        match ctx.services().resources.log(environment, &log).await {
            Ok(text) => Ok(EnvironmentLog { text: Some(text), errors: vec![] }),
            Err(ResourcesError::Refused(rejection)) => Ok(rejection.into()),
            Err(error) => Err(error.into()),
        }
    }
}

#[derive(Default)]
pub(crate) struct ResourceSubscriptions;

#[Subscription]
impl ResourceSubscriptions {
    /// What stands in a session's part of a cluster now, and again after each change, for its learner, and for administrators. It ends
    /// with the environment.
    async fn environment_resources_changed(
        &self,
        ctx: &Context<'_>,
        session_id: ID,
        kind: EnvironmentResourceKind,
    ) -> Result<BoxStream<'static, Result<EnvironmentResources>>> {
        let session = input::id("sessionId", &session_id)?;
        let looking = match Looking::begin(ctx, session).await? {
            Ok(looking) => looking,
            Err(rejection) => return Ok(refusal(rejection)),
        };
        match looking.services.resources.follow(looking.environment, kind.into()).await {
            Ok(seen) => Ok(looking.shown(seen, |rows| EnvironmentResources::from(rows.as_slice()))),
            Err(ResourcesError::Refused(rejection)) => Ok(refusal(rejection)),
            Err(error) => Err(error.into()),
        }
    }

    /// The end of what a pod in a session's part of a cluster printed, then what it prints from now on, for its learner, and for
    /// administrators. It ends with the pod, and with the environment. In a vCluster, the pod is in `namespace`, or in `default` if that
    /// is left out.
    async fn environment_log_followed(
        &self,
        ctx: &Context<'_>,
        session_id: ID,
        pod: String,
        container: Option<String>,
        lines: Option<i32>,
        namespace: Option<String>,
    ) -> Result<BoxStream<'static, Result<EnvironmentLog>>> {
        let (session, log) = (input::id("sessionId", &session_id)?, wanted(pod, namespace, container, lines)?);
        let looking = match Looking::begin(ctx, session).await? {
            Ok(looking) => looking,
            Err(rejection) => return Ok(refusal(rejection)),
        };
        match looking.services.resources.follow_log(looking.environment, &log).await {
            Ok(parts) => Ok(looking.shown(parts, |text| EnvironmentLog { text: Some(text), errors: vec![] })),
            Err(ResourcesError::Refused(rejection)) => Ok(refusal(rejection)),
            Err(error) => Err(error.into()),
        }
    }
}

/// Somebody who looks into an environment. Who looks into somebody else's is in the audit.
struct Looking {
    services: Services,
    caller: Caller,
    showing: Showing,
    changes: Watch,
    session: SessionId,
    environment: EnvironmentId,
    /// Whose it is.
    learner: AccountId,
}

impl Looking {
    async fn begin(ctx: &Context<'_>, session: SessionId) -> Result<Result<Self, Rejection>> {
        let (services, caller) = (ctx.services().clone(), ctx.caller().clone());
        let changes = ctx.data_unchecked::<Changes>().watch();
        let (environment, showing) = (environment_of(&services, &caller, session).await?, Showing::of(ctx));
        Ok(environment.map(|(environment, learner)| Self { services, caller, showing, changes, session, environment, learner }))
    }

    /// What is seen, until the environment goes or its looker must not look any more.
    fn shown<T: Send + 'static, I: Send + 'static>(
        self,
        mut seen: BoxStream<'static, T>,
        item: impl Fn(T) -> I + Send + 'static,
    ) -> BoxStream<'static, Result<I>> {
        let Self { services, caller, showing, mut changes, session, environment, learner } = self;
        Box::pin(async_stream::try_stream! {
            loop {
                let next = tokio::select! {
                    what = seen.next() => Next::Seen(what),
                    position = changes.next(|stream| stream.id == environment.0) => Next::Change(position.is_some()),
                };
                match next {
                    Next::Seen(Some(what)) => {
                        // Roles may have been taken, or the caller signed out.
                        let caller = caller.renewed(&services).await?;
                        if environment_of(&services, &caller, session).await? != Ok((environment, learner)) {
                            break;
                        }
                        if caller.actor.account() != Some(learner) {
                            showing.shown(Some(learner));
                        }
                        yield item(what);
                        tokio::time::sleep(PAUSE).await;
                    }
                    Next::Change(true) if is_ready(&services, environment).await? => {}
                    Next::Seen(None) | Next::Change(_) => break,
                }
            }
        })
    }
}

enum Next<T> {
    Seen(Option<T>),
    /// Of the environment; false if there will be none any more.
    Change(bool),
}

/// The environment of a session that the caller may look into, and whose it is. That there is another is nobody's business.
async fn environment_of(services: &Services, caller: &Caller, session: SessionId) -> Result<Result<(EnvironmentId, AccountId), Rejection>> {
    caller.account()?;
    let row = environments::latest_of_session(services.projections.db(), session).await?;
    let row = row.filter(|row| caller.is_or_may(AccountId(row.learner), Permission::ManageSessions));
    Ok(row.map(|row| (EnvironmentId(row.environment), AccountId(row.learner))).ok_or(Rejection::NotFound))
}

async fn is_ready(services: &Services, environment: EnvironmentId) -> Result<bool> {
    Ok(matches!(services.commands.environments.environment(environment).await?, Environment::Ready(_)))
}

/// What was given is a session.
fn refused(rejection: Rejection) -> Vec<EnvironmentError> {
    let mut errors = rejection.errors();
    for error in errors.iter_mut().filter(|error| error.field.as_deref() == Some("environmentId")) {
        error.field = Some("sessionId".into());
    }
    errors
}

fn refusal<I: From<Rejection> + Send + 'static>(rejection: Rejection) -> BoxStream<'static, Result<I>> {
    stream::iter([Ok(rejection.into())]).boxed()
}

/// # Errors
/// More lines are asked for than there may be.
fn wanted(pod: String, namespace: Option<String>, container: Option<String>, lines: Option<i32>) -> Result<PodLog> {
    let lines = lines.unwrap_or(LINES);
    let lines = u32::try_from(lines).ok().filter(|_| (1..=MOST_LINES).contains(&lines));
    let lines = lines.ok_or_else(|| Failure::expected("lines", &format!("a number from 1 to {MOST_LINES}")))?;
    Ok(PodLog { namespace, pod, container, lines })
}

impl From<ResourcesError> for Failure {
    fn from(error: ResourcesError) -> Self {
        match error {
            ResourcesError::Busy => Self::Quota(error.to_string()),
            ResourcesError::Refused(_) | ResourcesError::Failed(_) => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<Rejection> for EnvironmentResources {
    fn from(rejection: Rejection) -> Self {
        Self { resources: vec![], errors: refused(rejection) }
    }
}

impl From<Rejection> for EnvironmentLog {
    fn from(rejection: Rejection) -> Self {
        Self { text: None, errors: refused(rejection) }
    }
}

impl From<&[Row]> for EnvironmentResources {
    fn from(rows: &[Row]) -> Self {
        Self { resources: rows.iter().cloned().map(Into::into).collect(), errors: vec![] }
    }
}

impl From<Row> for EnvironmentResource {
    fn from(row: Row) -> Self {
        Self {
            name: row.name,
            namespace: row.namespace,
            status: row.status,
            ready: row.ready.map(|(ready, _)| number(ready)),
            wanted: row.ready.map(|(_, wanted)| number(wanted)),
            restarts: row.restarts.map(number),
            created_at: row.created_at,
            about: row.about,
            message: row.message,
        }
    }
}
