//! How many runs an organiser has at once, held to their plan.

use domain::{
    booking::{
        BookingRejection as Rejection,
        programme::{Programme, ProgrammeCommand, Room, Showing},
        run::Run,
    },
    kernel::{AccountId, RunId, Timestamp},
};

use super::Booking;
use crate::{
    Actor, Fault, Request,
    dispatch::{Halt, Transaction},
};

impl Booking {
    /// Has runs count that are scheduled, as far as the organiser's plan has room for all of them.
    pub(super) async fn put_on(
        &self,
        (request, transaction): (&Request, &Transaction),
        organiser: AccountId,
        runs: Vec<Showing>,
    ) -> Result<(), Halt<Rejection>> {
        let room = self.room(request, organiser).await?;
        transaction.decide::<Programme>(organiser.into(), ProgrammeCommand::Put { runs, room }).await.map(drop)
    }

    /// Has a run that a transaction moves count until it is over then. One that was over already is one more; others are there as they
    /// were, also those from before runs were counted.
    pub(super) async fn moved(
        &self,
        (request, transaction): (&Request, &Transaction),
        run: RunId,
        until: Timestamp,
    ) -> Result<(), Halt<Rejection>> {
        let Some((organiser, before)) = self.showing(transaction, run).await? else { return Ok(()) };
        let room = if before > self.dispatcher.now() { None } else { self.room(request, organiser).await? };
        let put = ProgrammeCommand::Put { runs: vec![Showing { run, until }], room };
        transaction.decide::<Programme>(organiser.into(), put).await.map(drop)
    }

    /// Has a run that a transaction calls off count no more.
    pub(super) async fn called_off(&self, transaction: &Transaction, run: RunId) -> Result<(), Halt<Rejection>> {
        let Some((organiser, _)) = self.showing(transaction, run).await? else { return Ok(()) };
        transaction.decide::<Programme>(organiser.into(), ProgrammeCommand::Clear { run }).await.map(drop)
    }

    /// Whose a run is that a transaction has decided on, and when it is over as it was before. None if it has become another meanwhile:
    /// then all is decided again.
    async fn showing(&self, transaction: &Transaction, run: RunId) -> Result<Option<(AccountId, Timestamp)>, Fault> {
        let found = |state: &Run| match state {
            Run::Scheduled(state) => Some((state.organiser, state.plan.ends_at)),
            Run::Absent => None,
        };
        let found = self.dispatcher.look::<Run, _>(run.into(), found).await?;
        if found.is_none() {
            transaction.start_over().await;
        }
        Ok(found)
    }

    /// How many an organiser may have. Parts of this program are not held to it.
    async fn room(&self, request: &Request, organiser: AccountId) -> Result<Option<Room>, Fault> {
        if matches!(request.actor, Actor::System(_)) {
            return Ok(None);
        }
        let (plan, limits) = self.plans.of(organiser).await?;
        Ok(Some(Room { plan, cap: limits.runs }))
    }
}
