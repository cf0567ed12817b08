//! Checking a step: its scripts run in the learner's environment, one after the other, up to the first that fails.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    kernel::{AccountId, Digest, Personal, SessionId},
    learning::{
        LearningRejection as Rejection,
        session::{Active, CheckResult, Session, SessionCommand},
    },
    workshops::{RuleKind, content::CompletionRule},
};
use serde_json::json;

use super::{LaboratoryError, Learning, Observation};
use crate::{Fault, Outcome, Request, authorization::acts, dispatch::Operation};

/// Why no results came of it.
enum NoResults {
    Rejected(Rejection),
    Fault(Fault),
}

impl Learning {
    /// Runs a step's checks and records what they gave. Each run is an attempt, passed or failed.
    ///
    /// # Errors
    /// A fault, such as a missing permission or an environment that broke.
    pub async fn check(&self, request: &Request, session: SessionId, step: &str) -> Result<Outcome<(), Rejection>, Fault> {
        let by = request.person(&acts::STEP_CHECK)?;
        let operation = Operation::new(acts::STEP_CHECK, json!({ "session": session, "step": step }));
        if let Some(given) = self.dispatcher.answered(request, &operation).await? {
            return Ok(given);
        }
        let active = match self.active(session, by).await? {
            Ok(active) => active,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let turn = match active.turn(step, RuleKind::Check) {
            Ok(turn) => turn.is_some(),
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let Some(_running) = Running::begin(&self.checking, session) else {
            return Ok(Outcome::Rejected(Rejection::CheckRunning));
        };
        // A step that is completed already is not checked again.
        let (results, all) = match if turn { self.run(&active, session, by, step).await } else { Ok((vec![], false)) } {
            Ok(results) => results,
            Err(NoResults::Rejected(rejection)) => return Ok(Outcome::Rejected(rejection)),
            Err(NoResults::Fault(fault)) => return Err(fault),
        };
        let command = || SessionCommand::RecordChecks { by, step: step.to_owned(), results: results.clone(), all };
        self.dispatcher.command::<Session>(request, operation, session.into(), command).await
    }

    async fn run(&self, active: &Active, session: SessionId, by: AccountId, step: &str) -> Result<(Vec<CheckResult>, bool), NoResults> {
        let CompletionRule::Check(checks) = self.step(active, step).await.map_err(NoResults::Fault)?.rule else {
            return Err(NoResults::Fault(Fault::ContentMissing(format!("the checks of step {step}"))));
        };
        let mut results = Vec::with_capacity(checks.len());
        for check in &checks {
            let seen = self.laboratory.check(session, check).await.map_err(|error| match error {
                LaboratoryError::NotReady(state) => NoResults::Rejected(Rejection::EnvironmentNotReady { state }),
                LaboratoryError::Failed(_) => NoResults::Fault(Fault::Outside(error.to_string())),
            })?;
            let passed = seen.end.passed();
            results.push(self.result(&check.name, by, seen).await.map_err(NoResults::Fault)?);
            if !passed {
                return Ok((results, false));
            }
        }
        Ok((results, true))
    }

    /// The digest is kept keyed, and for this learner alone: what somebody printed could be guessed by a plain one, even after
    /// they were erased.
    async fn result(&self, check: &str, learner: AccountId, seen: Observation) -> Result<CheckResult, Fault> {
        let keyed = self.dispatcher.vault().blind("check output", &format!("{learner} {}", seen.digest)).await?;
        let digest = Digest::from(keyed);
        let output = Personal::new(learner, seen.output);
        Ok(CheckResult { check: check.to_owned(), end: seen.end, output, digest, milliseconds: seen.milliseconds })
    }
}

/// One check per session at a time, in this process: more would only slow each other down.
struct Running {
    all: Arc<Mutex<HashSet<SessionId>>>,
    session: SessionId,
}

impl Running {
    fn begin(all: &Arc<Mutex<HashSet<SessionId>>>, session: SessionId) -> Option<Self> {
        let first = all.lock().unwrap_or_else(PoisonError::into_inner).insert(session);
        first.then(|| Self { all: Arc::clone(all), session })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.session);
    }
}
