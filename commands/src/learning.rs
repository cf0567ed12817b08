//! Starting sessions, completing steps, ending.

mod checks;
mod endings;
mod extensions;
mod files;
mod run_sessions;
mod starts;
mod steps;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use domain::{
    kernel::{AccountId, SessionId},
    learning::{
        LearningRejection as Rejection,
        session::{Active, CheckEnd, Session},
    },
    workshops::content::{Check, Content, ProvidedFile, Step},
};

use crate::{Dispatcher, Fault, booking::Lead, contents::Contents, plans::Plans};

/// The environments learners work in, as far as learning needs them.
#[async_trait::async_trait]
pub trait Laboratory: Send + Sync {
    /// Runs a check in a session's environment.
    async fn check(&self, session: SessionId, check: &Check) -> Result<Observation, LaboratoryError>;

    /// Puts files into the home, if the environment is ready; one that is not gets them when it is.
    async fn provide(&self, session: SessionId, files: &[ProvidedFile]) -> Result<(), LaboratoryError>;
}

/// What was seen of a check's run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    pub end: CheckEnd,
    /// The last 4 KiB of what it printed.
    pub output: String,
    /// SHA-256 of all it printed, in hexadecimal.
    pub digest: String,
    pub milliseconds: u32,
}

/// Why a laboratory could not do it.
#[derive(Debug, thiserror::Error)]
pub enum LaboratoryError {
    /// There is no environment that is ready; the word says what it is instead.
    #[error("the environment is {0}")]
    NotReady(String),
    /// It is, but it did not do as told.
    #[error("the environment failed: {0}")]
    Failed(String),
}

/// Commands of the context `learning`.
#[derive(Clone)]
pub struct Learning {
    dispatcher: Dispatcher,
    contents: Contents,
    laboratory: Arc<dyn Laboratory>,
    plans: Plans,
    lead: Lead,
    checking: Arc<Mutex<HashSet<SessionId>>>,
}

impl Learning {
    pub(crate) fn new(dispatcher: Dispatcher, contents: Contents, laboratory: Arc<dyn Laboratory>, plans: Plans) -> Self {
        Self { dispatcher, contents, laboratory, plans, lead: Lead::default(), checking: Arc::default() }
    }

    pub(crate) fn with_lead(self, lead: Lead) -> Self {
        Self { lead, ..self }
    }

    /// A session's state.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn session(&self, session: SessionId) -> Result<Session, Fault> {
        self.dispatcher.state(session.into()).await
    }

    /// A session's state as this node knows it: what other nodes have recorded since may be missing.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn known_session(&self, session: SessionId) -> Result<Session, Fault> {
        self.dispatcher.known(session.into(), 0, Session::clone).await
    }

    async fn active(&self, session: SessionId, by: AccountId) -> Result<Result<Active, Rejection>, Fault> {
        Ok(self.session(session).await?.active_of(by).cloned())
    }

    async fn content(&self, active: &Active) -> Result<Arc<Content>, Fault> {
        self.contents.read(&active.start.content).await
    }

    async fn step(&self, active: &Active, key: &str) -> Result<Step, Fault> {
        let step = self.content(active).await?.steps.iter().find(|step| step.key == key).cloned();
        step.ok_or_else(|| Fault::ContentMissing(format!("{}, step {key}", active.start.content)))
    }
}
