//! Finishing, abandoning, expiring: the session ends and the learner's desk is cleared, together.

use domain::{
    kernel::SessionId,
    learning::{
        LearningRejection as Rejection,
        desk::{Desk, DeskCommand},
        session::{Session, SessionCommand},
    },
};
use serde_json::json;

use super::Learning;
use crate::{
    Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::{Halt, Operation, Transaction},
};

impl Learning {
    /// Ends a session whose steps are all completed.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn finish(&self, request: &Request, session: SessionId) -> Result<Outcome<(), Rejection>, Fault> {
        let by = request.person(&acts::SESSION_FINISH)?;
        self.end(request, acts::SESSION_FINISH, session, || SessionCommand::Finish { by }).await
    }

    /// Ends a session as it is.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn abandon(&self, request: &Request, session: SessionId) -> Result<Outcome<(), Rejection>, Fault> {
        let by = request.person(&acts::SESSION_ABANDON)?;
        self.end(request, acts::SESSION_ABANDON, session, || SessionCommand::Abandon { by }).await
    }

    /// Ends a session whose time is over; one whose time is not, or that has ended, is left alone.
    ///
    /// # Errors
    /// A fault.
    pub async fn expire(&self, request: &Request, session: SessionId) -> Result<Outcome<(), Rejection>, Fault> {
        self.end(request, acts::SESSION_EXPIRE, session, || SessionCommand::Expire).await
    }

    async fn end(
        &self,
        request: &Request,
        act: Act,
        session: SessionId,
        command: impl Fn() -> SessionCommand + Send + Sync,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let command = &command;
        let work = |transaction: Transaction| async move {
            let (learner, workshop) = match self.session(session).await? {
                Session::Active(active) => (active.start.learner, active.start.workshop),
                Session::Ended { learner, workshop } => (learner, workshop),
                Session::Absent => return Err(Halt::Rejected(Rejection::NotFound)),
            };
            let ended = transaction.decide::<Session>(session.into(), command()).await?;
            if ended {
                transaction.decide::<Desk>(learner.into(), DeskCommand::Clear { session, workshop }).await?;
            }
            Ok(())
        };
        self.dispatcher.execute(request, Operation::new(act, json!({ "session": session })), work).await
    }
}
