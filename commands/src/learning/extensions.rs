//! Putting off the end of a session.

use domain::{
    identity::Permission,
    kernel::{AccountId, Minutes, SessionId},
    learning::{
        LearningRejection as Rejection,
        session::{Active, Session, SessionCommand},
    },
};
use serde_json::json;

use super::Learning;
use crate::{Fault, Outcome, Request, authorization::acts, dispatch::Operation};

/// By how much who manages sessions may extend one, all extensions together.
const MOST: Minutes = Minutes(24 * 60);

impl Learning {
    /// Lets a session take longer, and its environment with it. Learners may do so within their workshop's overtime, though not beyond
    /// a run that it was begun for, and who manages sessions up to a day.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn extend(&self, request: &Request, session: SessionId, minutes: Minutes) -> Result<Outcome<(), Rejection>, Fault> {
        let by = request.own_unless(Permission::ManageSessions, &acts::SESSION_EXTEND)?;
        let operation = Operation::new(acts::SESSION_EXTEND, json!({ "session": session, "minutes": minutes }));
        if let Some(given) = self.dispatcher.answered(request, &operation).await? {
            return Ok(given);
        }
        let limit = match self.limit(session, by).await? {
            Ok(limit) => limit,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let extend = || SessionCommand::Extend { by, minutes, limit };
        self.dispatcher.command::<Session>(request, operation, session.into(), extend).await
    }

    async fn limit(&self, session: SessionId, by: Option<AccountId>) -> Result<Result<Minutes, Rejection>, Fault> {
        let Some(by) = by else { return Ok(Ok(MOST)) };
        match self.active(session, by).await? {
            Ok(active) if active.start.run.is_some() => Ok(Ok(Minutes(0))),
            Ok(active) => Ok(Ok(self.overtime(&active).await?)),
            Err(rejection) => Ok(Err(rejection)),
        }
    }

    async fn overtime(&self, active: &Active) -> Result<Minutes, Fault> {
        let content = self.content(active).await?;
        let needs = content.environment.as_ref().and_then(|needs| needs.kubernetes.as_ref());
        Ok(needs.and_then(|needs| needs.overtime).unwrap_or_default())
    }
}
