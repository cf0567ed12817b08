//! Environments, from the request until nothing of them is left.

mod queries;
mod statistics;

use domain::{
    Decider,
    environments::environment::{Environment, EnvironmentEvent, Preparation, Request, TeardownReason},
    fact::Fact,
    kernel::Timestamp,
};
pub use queries::{
    Ahead, Filter, ahead, by_node, cluster_of_learner, filtered, find, find_many, latest_of_session, latest_of_sessions, live, total,
    waiting_before,
};
use sea_orm::{entity::prelude::*, sea_query::IndexCreateStatement};
use serde::{Deserialize, Serialize};
pub use statistics::{Starts, live_by_state, starts_since};

use crate::{
    column::Word,
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// Whose environments are that are made ahead.
pub const NOBODY: Uuid = Request::NOBODY.0;

/// One environment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "environments")]
pub struct Model {
    /// An `EnvironmentId`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub environment: Uuid,
    /// A `SessionId`; there is no such session yet while it is made ahead of one.
    pub session: Uuid,
    /// An `AccountId`; [`NOBODY`] while it is made ahead.
    pub learner: Uuid,
    /// A `WorkshopId`.
    pub workshop: Uuid,
    pub state: Word<EnvironmentState>,
    /// `sandbox` or `kubernetes`; once placed.
    pub driver: Option<String>,
    /// The host or the cluster; once placed.
    pub node: Option<String>,
    /// Why there; once placed.
    pub reason: Option<String>,
    /// The step that was tried last.
    pub step: Option<String>,
    /// Which try at that step it was; from 1.
    pub attempt: Option<i64>,
    /// What went wrong last, until it goes well.
    pub failure: Option<String>,
    /// Why it goes, once it does.
    pub teardown: Option<Word<TeardownReason>>,
    /// The position of the request, or of the claim of one that was made ahead: the latest of a session's environments is the current one.
    pub requested: i64,
    pub requested_at: Timestamp,
    pub ready_at: Option<Timestamp>,
    /// How long it took from the request until it was ready for the first time, in milliseconds.
    pub took: Option<i64>,
    /// When nothing of it was left.
    pub ended_at: Option<Timestamp>,
    pub expires_at: Timestamp,
}

/// What state an environment is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentState {
    /// Asked for, being placed or being made.
    Provisioning,
    Ready,
    TearingDown,
    /// Nothing of it is left.
    TornDown,
    /// Undoing it failed; an operator decides.
    Stuck,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "environments";
    const VERSION: u32 = 5;
    const STREAMS: &'static [&'static str] = &[Environment::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, environment: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        use EnvironmentState::{Ready, Stuck, TearingDown, TornDown};
        let Fact::Environment(fact) = &event.fact else { return Ok(row) };
        match fact {
            EnvironmentEvent::Requested(request) => return Ok(Some(Model::requested(*environment, request, event))),
            EnvironmentEvent::Prepared(preparation) => return Ok(Some(Model::prepared(*environment, preparation, event))),
            _ => {}
        }
        let row = row.ok_or(MissingRow)?;
        Ok(Some(match fact {
            EnvironmentEvent::Requested(_) | EnvironmentEvent::Prepared(_) => row,
            EnvironmentEvent::Claimed(request) => row.claimed(request, event),
            EnvironmentEvent::Placed(placement) => Model {
                driver: Some(placement.driver.clone()),
                node: Some(placement.node.clone()),
                reason: Some(placement.reason.clone()),
                ..row
            },
            EnvironmentEvent::StepStarted { step, attempt } => {
                Model { step: Some(step.clone()), attempt: Some(i64::from(*attempt)), ..row }
            }
            EnvironmentEvent::StepSucceeded { .. } => Model { failure: None, ..row },
            EnvironmentEvent::StepFailed { step: _, attempt: _, failure: _, reason } => Model { failure: Some(reason.clone()), ..row },
            EnvironmentEvent::Ready { .. } => {
                let took = row.took.unwrap_or_else(|| (event.at - row.requested_at).num_milliseconds());
                Model { state: Word(Ready), ready_at: Some(event.at), took: Some(took), failure: None, ..row }
            }
            EnvironmentEvent::Lost { .. } => row.unmade(),
            EnvironmentEvent::TeardownStarted { session: _, reason } => {
                Model { state: Word(TearingDown), teardown: Some(Word(*reason)), ..row }
            }
            EnvironmentEvent::TornDown { .. } | EnvironmentEvent::Skipped { .. } => {
                Model { state: Word(TornDown), ended_at: Some(event.at), ..row }
            }
            EnvironmentEvent::Stuck { session: _, reason } => Model { state: Word(Stuck), failure: Some(reason.clone()), ..row },
            EnvironmentEvent::Resolved => Model { state: Word(TearingDown), failure: None, ..row },
            EnvironmentEvent::Extended { expires_at } => Model { expires_at: *expires_at, ..row },
        }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![
            paging::index::<Self>(&[Column::Session, Column::Requested]),
            paging::index::<Self>(&[Column::EndedAt, Column::Requested]),
            paging::index::<Self>(&[Column::Node, Column::EndedAt, Column::Requested]),
            paging::index::<Self>(&[Column::State, Column::Requested]),
            paging::index::<Self>(&[Column::Learner, Column::Requested]),
            paging::index::<Self>(&[Column::RequestedAt, Column::Took]),
            paging::index::<Self>(&[Column::Workshop, Column::EndedAt, Column::Learner]),
        ]
    }
}

impl Model {
    fn requested(environment: Uuid, request: &Request, event: &Recorded) -> Self {
        Self {
            environment,
            session: request.session.0,
            learner: request.learner.0,
            workshop: request.workshop.0,
            state: Word(EnvironmentState::Provisioning),
            driver: None,
            node: None,
            reason: None,
            step: None,
            attempt: None,
            failure: None,
            teardown: None,
            requested: event.position.0,
            requested_at: event.at,
            ready_at: None,
            took: None,
            ended_at: None,
            expires_at: request.expires_at,
        }
    }

    fn prepared(environment: Uuid, preparation: &Preparation, event: &Recorded) -> Self {
        Self::requested(environment, &Request::nobodys(preparation.clone()), event)
    }

    /// For its learner it begins here.
    fn claimed(self, request: &Request, event: &Recorded) -> Self {
        Self {
            session: request.session.0,
            learner: request.learner.0,
            state: Word(EnvironmentState::Provisioning),
            requested: event.position.0,
            requested_at: event.at,
            ready_at: None,
            took: None,
            expires_at: request.expires_at,
            ..self
        }
    }

    /// As it was when it was asked for, but for how long it took then.
    fn unmade(self) -> Self {
        let state = Word(EnvironmentState::Provisioning);
        Self { state, driver: None, node: None, reason: None, step: None, attempt: None, failure: None, ready_at: None, ..self }
    }
}

#[cfg(test)]
mod tests;
