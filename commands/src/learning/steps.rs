//! Completing steps that are read or answered.

use domain::{
    kernel::SessionId,
    learning::{
        LearningRejection as Rejection,
        session::{Session, SessionCommand},
    },
    workshops::{RuleKind, content::CompletionRule},
};
use serde_json::json;

use super::Learning;
use crate::{Fault, Outcome, Request, authorization::acts, dispatch::Operation};

impl Learning {
    /// Completes a step that is read. Completing it again changes nothing.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn complete(&self, request: &Request, session: SessionId, step: &str) -> Result<Outcome<(), Rejection>, Fault> {
        let by = request.person(&acts::STEP_COMPLETE)?;
        let operation = Operation::new(acts::STEP_COMPLETE, json!({ "session": session, "step": step }));
        let command = || SessionCommand::CompleteStep { by, step: step.to_owned() };
        self.dispatcher.command::<Session>(request, operation, session.into(), command).await
    }

    /// Answers a step's question: an attempt, and the step is completed if it is right.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn answer(
        &self,
        request: &Request,
        session: SessionId,
        step: &str,
        choices: &[u16],
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let by = request.person(&acts::STEP_ANSWER)?;
        let operation = Operation::new(acts::STEP_ANSWER, json!({ "session": session, "step": step, "choices": choices }));
        if let Some(given) = self.dispatcher.answered(request, &operation).await? {
            return Ok(given);
        }
        let active = match self.active(session, by).await? {
            Ok(active) => active,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        if let Err(rejection) = active.turn(step, RuleKind::Answer) {
            return Ok(Outcome::Rejected(rejection));
        }
        let CompletionRule::Answer(quiz) = self.step(&active, step).await?.rule else {
            return Err(Fault::ContentMissing(format!("the question of step {step}")));
        };
        let of = u16::try_from(quiz.choices.len()).unwrap_or(u16::MAX);
        let command =
            || SessionCommand::AnswerStep { by, step: step.to_owned(), choices: choices.to_vec(), right: quiz.correct.clone(), of };
        self.dispatcher.command::<Session>(request, operation, session.into(), command).await
    }
}
