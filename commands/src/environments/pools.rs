//! Environments that are made ahead of their sessions.

use chrono::TimeDelta;
use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        environment::{Environment, EnvironmentCommand, Preparation, TeardownReason},
        pool::{Pool, PoolCommand},
    },
    kernel::{Digest, EnvironmentId, RunId, SessionId, WorkshopId},
    workshops::workshop::Workshop,
};
use serde_json::json;
use uuid::Uuid;

use super::Environments;
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

impl Environments {
    /// What is kept ahead for a workshop.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn pool(&self, workshop: WorkshopId) -> Result<Pool, Fault> {
        self.dispatcher.state(workshop.into()).await
    }

    /// Says how many environments of a workshop are to be there ahead of their sessions.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn reserve(&self, request: &Request, workshop: WorkshopId, count: u32) -> Result<Outcome<(), Rejection>, Fault> {
        let operation = Operation::new(acts::ENVIRONMENT_POOL_RESERVE, json!({ "workshop": workshop, "count": count }));
        let work = |transaction: Transaction| async move {
            // Of one that is archived, none may be reserved any more.
            if count > 0 && !matches!(self.dispatcher.state::<Workshop>(workshop.into()).await?, Workshop::Live(_)) {
                return Err(Halt::Rejected(Rejection::WorkshopNotFound));
            }
            transaction.decide::<Pool>(workshop.into(), PoolCommand::Reserve { count }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Says how many more environments of a workshop are to be there for a run that is near.
    ///
    /// # Errors
    /// A fault.
    pub async fn need(&self, request: &Request, workshop: WorkshopId, run: RunId, count: u32) -> Result<Outcome<(), Rejection>, Fault> {
        let input = json!({ "workshop": workshop, "run": run, "count": count });
        let operation = Operation::new(acts::ENVIRONMENT_POOL_NEED, input);
        self.dispatcher.command::<Pool>(request, operation, workshop.into(), || PoolCommand::Need { run, count }).await
    }

    /// Has one more environment made ahead, which is kept so long; unless there are as many as may be.
    ///
    /// # Errors
    /// A fault.
    pub async fn stock(
        &self,
        request: &Request,
        workshop: WorkshopId,
        content: &Digest,
        most: u32,
        kept: TimeDelta,
    ) -> Result<Outcome<EnvironmentId, Rejection>, Fault> {
        let (environment, session) = (EnvironmentId(Uuid::now_v7()), SessionId(Uuid::now_v7()));
        let operation = Operation::new(acts::ENVIRONMENT_STOCK, json!({ "workshop": workshop, "content": content }));
        let expires_at = self.dispatcher.now() + kept;
        let work = |transaction: Transaction| async move {
            let stock = PoolCommand::Stock { environment, content: content.clone(), most };
            transaction.decide::<Pool>(workshop.into(), stock).await?;
            let preparation = Preparation { session, workshop, content: content.clone(), expires_at };
            transaction.decide::<Environment>(environment.into(), EnvironmentCommand::Prepare(preparation)).await?;
            Ok(environment)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Has one that was made ahead torn down, unless a session has taken it meanwhile. One that is on its way out is forgotten.
    ///
    /// # Errors
    /// A fault.
    pub async fn unstock(
        &self,
        request: &Request,
        workshop: WorkshopId,
        environment: EnvironmentId,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let operation = Operation::new(acts::ENVIRONMENT_UNSTOCK, json!({ "workshop": workshop, "environment": environment }));
        let work = |transaction: Transaction| async move {
            if transaction.decide::<Pool>(workshop.into(), PoolCommand::Drop { environment }).await? {
                let teardown = EnvironmentCommand::BeginTeardown { reason: TeardownReason::NotNeeded };
                transaction.decide::<Environment>(environment.into(), teardown).await?;
            }
            Ok(())
        };
        self.dispatcher.execute(request, operation, work).await
    }
}
