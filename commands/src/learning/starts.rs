//! Starting a session.

use chrono::TimeDelta;
use domain::{
    environments::{
        cluster::{Cluster, Member},
        environment::{Environment, EnvironmentCommand, Made, Placement, Request as Wanted},
        pool::{Pool, PoolCommand},
    },
    identity::Permission,
    kernel::{AccountId, EnvironmentId, SessionId, WorkshopId},
    learning::{
        LearningRejection as Rejection,
        desk::{Desk, DeskCommand},
        session::{Session, SessionCommand, Start},
    },
    workshops::{
        content::Visibility,
        workshop::{Edition, Live, Workshop},
    },
};
use serde_json::json;
use uuid::Uuid;

use super::Learning;
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

/// How long a session without an environment may take.
const READING_TIME: TimeDelta = TimeDelta::days(7);

impl Learning {
    /// Starts the latest version of a workshop; in a preview, its author the draft. A private workshop is there for its author and
    /// for who manages workshops.
    /// That there is one session per learner and workshop, and not too many, holds by the learner's own stream. A session takes an
    /// environment that was made ahead, if there is one that is ready, in the same transaction; otherwise one is made for it.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn start(&self, request: &Request, workshop: WorkshopId, preview: bool) -> Result<Outcome<SessionId, Rejection>, Fault> {
        let learner = request.person(&acts::SESSION_START)?;
        let manages = request.actor.may(Permission::ManageWorkshops);
        let session = SessionId(Uuid::now_v7());
        let environment = EnvironmentId(Uuid::now_v7());
        let operation = Operation::new(acts::SESSION_START, json!({ "workshop": workshop, "preview": preview }));
        let work = |transaction: Transaction| async move {
            let not_found = || Halt::Rejected(Rejection::WorkshopNotFound);
            let Workshop::Live(live) = self.dispatcher.state::<Workshop>(workshop.into()).await? else { return Err(not_found()) };
            let Live { author, draft, published, .. } = *live;
            let owns = manages || author == learner;
            let (version, edition) = match published {
                _ if preview && owns => (None, draft),
                Some((version, edition)) if !preview && (owns || edition.outline.visibility != Visibility::Private) => {
                    (Some(version), edition)
                }
                Some(_) | None => return Err(not_found()),
            };
            let start = self.start_of(learner, author, workshop, version, edition, environment);
            let (session, start) = match self.claim(&transaction, &start).await? {
                Some((session, environment)) => (session, Start { environment: Some(environment), ..start }),
                None => (session, start),
            };
            let (plan, limits) = self.plans.of(learner).await?;
            let take = DeskCommand::Take { session, workshop, plan, cap: limits.sessions };
            transaction.decide::<Desk>(learner.into(), take).await?;
            transaction.decide::<Session>(session.into(), SessionCommand::Start(Box::new(start))).await?;
            Ok(session)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Takes an environment that was made ahead, if there is one that is ready, and the id under which its session begins.
    pub(super) async fn claim(
        &self,
        transaction: &Transaction,
        start: &Start,
    ) -> Result<Option<(SessionId, EnvironmentId)>, Halt<Rejection>> {
        if start.environment.is_none() {
            return Ok(None);
        }
        let Start { learner, workshop, content, expires_at, .. } = start;
        let pool = self.dispatcher.state::<Pool>((*workshop).into()).await?;
        for (environment, _) in pool.members().filter(|(_, made_of)| *made_of == content) {
            let Environment::Ready(made) = self.dispatcher.state::<Environment>(environment.into()).await? else { continue };
            if !made.request.is_nobodys() || !self.may_take_more(&made).await? {
                continue;
            }
            match transaction.decide::<Pool>((*workshop).into(), PoolCommand::Claim { environment }).await {
                Ok(_) => {}
                // Somebody else has taken it since it was looked at.
                Err(Halt::Rejected(_)) => continue,
                Err(Halt::Fault(fault)) => return Err(Halt::Fault(fault)),
            }
            let session = made.request.session;
            let (learner, workshop, content, expires_at) = (*learner, *workshop, content.clone(), *expires_at);
            let wanted = Wanted { session, learner, workshop, content, expires_at };
            return match transaction.decide::<Environment>(environment.into(), EnvironmentCommand::Claim(wanted)).await {
                Ok(_) => Ok(Some((session, environment))),
                // It is in the pool, but something has happened to it.
                Err(Halt::Rejected(_)) => {
                    transaction.start_over().await;
                    Ok(None)
                }
                Err(Halt::Fault(fault)) => Err(Halt::Fault(fault)),
            };
        }
        Ok(None)
    }

    /// Whether new sessions may begin where an environment is.
    async fn may_take_more(&self, made: &Made) -> Result<bool, Fault> {
        let Some(cluster) = made.placement.as_ref().and_then(Placement::cluster) else { return Ok(true) };
        Ok(self.dispatcher.state::<Cluster>(cluster.into()).await?.member().is_some_and(Member::is_eligible))
    }

    pub(super) fn start_of(
        &self,
        learner: AccountId,
        author: AccountId,
        workshop: WorkshopId,
        version: Option<u32>,
        Edition { content, outline }: Edition,
        environment: EnvironmentId,
    ) -> Start {
        let now = self.dispatcher.now();
        Start {
            learner,
            workshop,
            author,
            version,
            content,
            title: outline.title,
            order: outline.order,
            steps: outline.steps,
            completion_points: outline.completion_points,
            environment: outline.lifetime.map(|_| environment),
            run: None,
            started_at: now,
            expires_at: now + outline.lifetime.map_or(READING_TIME, TimeDelta::from),
        }
    }
}
