//! Sessions of runs: who is confirmed begins one on the day, and it ends with the run.
//!
//! The run's stream lets them in, in the transaction that starts the session: whoever withdraws, is transferred or called off at the
//! same time is decided on before or after it, and never beside it.

use domain::{
    booking::{
        BookingRejection,
        run::{Run, RunCommand},
    },
    kernel::{EnvironmentId, RunId, SessionId, Timestamp},
    learning::{
        LearningRejection as Rejection,
        desk::{Desk, DeskCommand},
        session::{Session, SessionCommand, Start},
    },
    workshops::workshop::Workshop,
};
use serde_json::json;
use uuid::Uuid;

use super::Learning;
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    booking::verified_address,
    dispatch::{Halt, Operation, Transaction},
};

impl Learning {
    /// Starts the session of a run for who is confirmed: the version of its workshop that is published, whoever else may see that. It
    /// takes until the end of the run, and does not count against what their plan allows at once. Who has begun already gets the
    /// session that they have.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn start_for_run(&self, request: &Request, run: RunId) -> Result<Outcome<SessionId, Rejection>, Fault> {
        let learner = request.person(&acts::RUN_SESSION_START)?;
        let (session, environment) = (SessionId(Uuid::now_v7()), EnvironmentId(Uuid::now_v7()));
        let ahead = self.lead.begin;
        let work = |transaction: Transaction| async move {
            let Run::Scheduled(scheduled) = self.dispatcher.state::<Run>(run.into()).await? else {
                return Err(Halt::Rejected(Rejection::RunNotFound));
            };
            let address = verified_address(&self.dispatcher, learner).await?;
            let (by, now) = (address.as_ref(), self.dispatcher.now());
            let let_in = scheduled.expect_let_in(learner, by, ahead, now);
            // A run that was put off lets nobody in yet, and who is in goes on.
            let is_early = matches!(let_in, Err(BookingRejection::SessionNotNow { from, .. }) if now < from);
            if (let_in.is_ok() || is_early)
                && let Some(begun) = scheduled.session_of(learner, by)
                && self.session(begun).await?.active_of(learner).is_ok()
            {
                return Ok(begun);
            }
            let_in.map_err(|refused| Halt::Rejected(told(refused)))?;
            let not_found = || Halt::Rejected(Rejection::WorkshopNotFound);
            let workshop = scheduled.plan.workshop.ok_or_else(not_found)?;
            // Archived since, it is there for those who had booked it.
            let (author, published) = match self.dispatcher.state::<Workshop>(workshop.into()).await? {
                Workshop::Live(live) => (live.author, live.published),
                Workshop::Archived { author, published } => (author, published.map(|published| *published)),
                Workshop::Absent => return Err(not_found()),
            };
            let (version, edition) = published.ok_or_else(not_found)?;
            let start = self.start_of(learner, author, workshop, Some(version), edition, environment);
            let start = Start { run: Some(run), expires_at: scheduled.plan.ends_at, ..start };
            let (session, start) = match self.claim(&transaction, &start).await? {
                Some((session, environment)) => (session, Start { environment: Some(environment), ..start }),
                None => (session, start),
            };
            let (plan, _) = self.plans.of(learner).await?;
            let admit = RunCommand::BeginSession { account: learner, address, session, ahead };
            transaction.decide::<Run>(run.into(), admit).await.map_err(halted)?;
            let take = DeskCommand::Take { session, workshop, plan, cap: u32::MAX };
            let taken = transaction.decide::<Desk>(learner.into(), take).await;
            let other = if let Err(Halt::Rejected(Rejection::AlreadyActive { session })) = &taken { Some(*session) } else { None };
            if let Some(other) = other
                && self.is_for(other, run).await?
            {
                // The same was asked at the same time, and has been done since this was looked at.
                transaction.start_over().await;
                return Ok(other);
            }
            taken?;
            transaction.decide::<Session>(session.into(), SessionCommand::Start(Box::new(start))).await?;
            Ok(session)
        };
        self.dispatcher.execute(request, Operation::new(acts::RUN_SESSION_START, json!({ "run": run })), work).await
    }

    /// Whether a session goes on that was begun for a run.
    async fn is_for(&self, session: SessionId, run: RunId) -> Result<bool, Fault> {
        Ok(self.session(session).await?.active().is_ok_and(|active| active.start.run == Some(run)))
    }

    /// Has a session end at another time, or now if that has come. One that has ended is left alone.
    ///
    /// # Errors
    /// A fault.
    pub async fn reschedule(&self, request: &Request, session: SessionId, until: Timestamp) -> Result<Outcome<(), Rejection>, Fault> {
        let work = |transaction: Transaction| async move {
            let (learner, workshop) = match self.session(session).await? {
                Session::Active(active) => (active.start.learner, active.start.workshop),
                Session::Ended { .. } => return Ok(()),
                Session::Absent => return Err(Halt::Rejected(Rejection::NotFound)),
            };
            let is_over = until <= self.dispatcher.now();
            let reschedule = std::iter::once(SessionCommand::Reschedule { until });
            let commands: Vec<_> = reschedule.chain(is_over.then_some(SessionCommand::Expire)).collect();
            let changed = transaction.decide_all::<Session>(session.into(), commands).await?;
            if changed && is_over {
                transaction.decide::<Desk>(learner.into(), DeskCommand::Clear { session, workshop }).await?;
            }
            Ok(())
        };
        let operation = Operation::new(acts::SESSION_RESCHEDULE, json!({ "session": session, "until": until }));
        self.dispatcher.execute(request, operation, work).await
    }
}

/// What a learner is told of why a run does not let them in.
fn told(refused: BookingRejection) -> Rejection {
    match refused {
        BookingRejection::WrongStage { stage } => Rejection::NotLetIn { stage },
        BookingRejection::SessionNotNow { from, until } => Rejection::RunNotNow { from, until },
        BookingRejection::SessionsTaken { seats } => Rejection::SessionsTaken { seats },
        _ => Rejection::RunNotFound,
    }
}

fn halted(halt: Halt<BookingRejection>) -> Halt<Rejection> {
    match halt {
        Halt::Rejected(refused) => Halt::Rejected(told(refused)),
        Halt::Fault(fault) => Halt::Fault(fault),
    }
}
