//! Giving points.

use domain::{
    gamification::{
        GamificationRejection as Rejection,
        scorecard::{Scorecard, ScorecardCommand, Source},
    },
    kernel::{AccountId, Points},
};
use serde_json::json;

use crate::{Dispatcher, Fault, Outcome, Request, authorization::acts, dispatch::Operation};

/// Commands of the context `gamification`.
#[derive(Clone)]
pub struct Gamification {
    dispatcher: Dispatcher,
}

impl Gamification {
    pub(crate) const fn new(dispatcher: Dispatcher) -> Self {
        Self { dispatcher }
    }

    /// Gives points for something, once in a lifetime.
    ///
    /// # Errors
    /// A fault.
    pub async fn award(
        &self,
        request: &Request,
        learner: AccountId,
        source: Source,
        points: Points,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let operation = Operation::new(acts::POINTS_AWARD, json!({ "learner": learner, "source": source }));
        let command = || ScorecardCommand::Award { learner, source: source.clone(), points };
        self.dispatcher.command::<Scorecard>(request, operation, learner.into(), command).await
    }
}
