//! What may happen to an environment, and what it is afterwards.

use super::{Attempt, Environment, EnvironmentCommand, EnvironmentEvent, Made, Rejection, Request, TeardownReason};
use crate::{Decider, kernel::Timestamp};

impl Decider for Environment {
    const STREAM: &'static str = "environment";
    const STATE_VERSION: u32 = 3;
    type Command = EnvironmentCommand;
    type Event = EnvironmentEvent;
    type Rejection = Rejection;

    fn decide(&self, command: EnvironmentCommand, _now: Timestamp) -> Result<Vec<EnvironmentEvent>, Rejection> {
        use EnvironmentCommand as Do;
        use EnvironmentEvent as Did;
        Ok(match (self, command) {
            (Self::Absent, Do::Request(request)) => vec![Did::Requested(request)],
            (Self::Absent, Do::Prepare(preparation)) => vec![Did::Prepared(preparation)],
            // The session's own environment is what it has claimed.
            (Self::Ready(made), Do::Claim(request)) if request.takes(&made.request) => vec![Did::Claimed(request)],
            // Whoever forces it is told that this one waits for another word.
            (Self::Stuck(..), Do::BeginTeardown { reason: TeardownReason::Forced }) => return Err(self.wrong_state()),
            // Asking twice is no mistake, neither for an environment nor for its end.
            (_, Do::Request(_) | Do::Prepare(_))
            | (Self::TearingDown(..) | Self::TornDown(_) | Self::Stuck(..), Do::BeginTeardown { .. } | Do::Extend { .. })
            | (Self::TornDown(_), Do::FinishTeardown | Do::Skip) => vec![],
            (Self::Provisioning(made), Do::Place(placement)) if made.placement.is_none() => vec![Did::Placed(placement)],
            (Self::Provisioning(made), Do::StartStep { step }) if made.may_start(&step) => {
                let attempt = made.attempt_of(&step).unwrap_or(0) + 1;
                vec![Did::StepStarted { step, attempt }]
            }
            (Self::Provisioning(made), Do::SucceedStep { step }) => match made.attempt_of(&step) {
                Some(attempt) => vec![Did::StepSucceeded { step, attempt }],
                None => return Err(self.wrong_state()),
            },
            (Self::Provisioning(made), Do::FailStep { step, failure, reason }) => match made.attempt_of(&step) {
                Some(attempt) => vec![Did::StepFailed { step, attempt, failure, reason }],
                None => return Err(self.wrong_state()),
            },
            (Self::Provisioning(made), Do::MarkReady) if made.placement.is_some() && made.open.is_none() => {
                vec![Did::Ready { session: made.request.session }]
            }
            (Self::Provisioning(made), Do::ReportLost) if made.placement.is_some() => vec![Did::Lost { session: made.request.session }],
            (Self::Ready(made), Do::ReportLost) => vec![Did::Lost { session: made.request.session }],
            (Self::Provisioning(made) | Self::Ready(made), Do::BeginTeardown { reason }) => {
                vec![Did::TeardownStarted { session: made.request.session, reason }]
            }
            (Self::TearingDown(made, reason), Do::FinishTeardown) => vec![Did::TornDown { session: made.request.session, reason: *reason }],
            (Self::TearingDown(made, _), Do::GetStuck { reason }) => vec![Did::Stuck { session: made.request.session, reason }],
            (Self::Stuck(..), Do::Resolve) => vec![Did::Resolved],
            (Self::Stuck(made, reason), Do::Skip) => vec![Did::Skipped { session: made.request.session, reason: *reason }],
            (Self::Provisioning(made) | Self::Ready(made), Do::Extend { expires_at }) if made.request.expires_at == expires_at => vec![],
            (Self::Provisioning(_) | Self::Ready(_), Do::Extend { expires_at }) => vec![Did::Extended { expires_at }],
            _ => return Err(self.wrong_state()),
        })
    }

    fn evolve(&mut self, event: &EnvironmentEvent) {
        use EnvironmentEvent as Did;
        *self = match (std::mem::take(self), event) {
            (_, Did::Requested(request)) => Self::Provisioning(Made::nothing(request.clone())),
            (_, Did::Prepared(preparation)) => Self::Provisioning(Made::nothing(Request::nobodys(preparation.clone()))),
            (Self::Ready(mut made), Did::Claimed(request)) => {
                made.done.pop();
                Self::Provisioning(Made { request: request.clone(), claimed: true, ..made })
            }
            (Self::Provisioning(made) | Self::Ready(made), Did::Lost { .. }) => Self::Provisioning(Made::nothing(made.request)),
            (Self::Provisioning(made), Did::Placed(placement)) => Self::Provisioning(Made { placement: Some(placement.clone()), ..made }),
            (Self::Provisioning(made), Did::StepStarted { step, attempt }) => {
                Self::Provisioning(Made { open: Some(Attempt { step: step.clone(), attempt: *attempt }), ..made })
            }
            (Self::Provisioning(mut made), Did::StepSucceeded { step, .. }) => {
                made.done.push(step.clone());
                Self::Provisioning(Made { open: None, ..made })
            }
            (Self::Provisioning(made), Did::Ready { .. }) => Self::Ready(made),
            (Self::Provisioning(made) | Self::Ready(made), Did::TeardownStarted { reason, .. }) => Self::TearingDown(made, *reason),
            (Self::TearingDown(made, _), Did::TornDown { .. }) | (Self::Stuck(made, _), Did::Skipped { .. }) => {
                Self::TornDown(made.request)
            }
            (Self::Provisioning(made), Did::Extended { expires_at }) => Self::Provisioning(made.until(*expires_at)),
            (Self::Ready(made), Did::Extended { expires_at }) => Self::Ready(made.until(*expires_at)),
            (Self::TearingDown(made, reason), Did::Stuck { .. }) => Self::Stuck(made, reason),
            (Self::Stuck(made, reason), Did::Resolved) => Self::TearingDown(made, reason),
            // A failed attempt may have run in part, so it stays open until the step succeeds or is undone.
            (state, _) => state,
        };
    }
}
