//! Starting a session.

use chrono::TimeDelta;
use domain::{
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
    dispatch::{Halt, Operation, Transaction},
};

/// How long a session without an environment may take.
const READING_TIME: TimeDelta = TimeDelta::days(7);

impl Learning {
    /// Starts the latest version of a workshop; in a preview, its author the draft. A private workshop is there for its author and
    /// for who manages workshops.
    /// That there is one session per learner and workshop, and not too many, holds by the learner's own stream.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn start(&self, request: &Request, workshop: WorkshopId, preview: bool) -> Result<Outcome<SessionId, Rejection>, Fault> {
        let learner = request.person_with(Permission::Learn)?;
        let manages = request.actor.may(Permission::ManageWorkshops);
        let session = SessionId(Uuid::now_v7());
        let environment = EnvironmentId(Uuid::now_v7());
        let operation = Operation::new("sessionStart", json!({ "workshop": workshop, "preview": preview }));
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
            let take = DeskCommand::Take { session, workshop, cap: self.sessions_per_learner };
            transaction.decide::<Desk>(learner.into(), take).await?;
            transaction.decide::<Session>(session.into(), SessionCommand::Start(Box::new(start))).await?;
            Ok(session)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    fn start_of(
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
            started_at: now,
            expires_at: now + outline.lifetime.map_or(READING_TIME, TimeDelta::from),
        }
    }
}
