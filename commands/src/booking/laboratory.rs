//! What a run needs of the places where its workshop is worked on.

use domain::{
    booking::run::{Begun, Life, Scheduled},
    kernel::{Minutes, RegistrationId, RunId, SessionId, Timestamp, WorkshopId},
};

use super::Booking;
use crate::Fault;

/// How long before a run something is done about its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    /// How long before its start sessions may begin.
    pub begin: Minutes,
    /// How long before its start environments are made.
    pub warm: Minutes,
    /// How long after its start they are kept for those who have not begun.
    pub late: Minutes,
}

impl Default for Lead {
    fn default() -> Self {
        Self { begin: Minutes(30), warm: Minutes(60), late: Minutes(30) }
    }
}

/// How many environments a run needs ahead of its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    pub workshop: WorkshopId,
    /// As of now; none, outside of these times.
    pub count: u32,
    pub from: Timestamp,
    pub until: Timestamp,
    /// When it was looked at.
    pub at: Timestamp,
}

impl Need {
    /// Whether environments are to be there now.
    #[must_use]
    pub fn is_now(&self) -> bool {
        (self.from..self.until).contains(&self.at)
    }

    fn of(run: &Scheduled, lead: Lead, at: Timestamp) -> Option<Self> {
        let plan = &run.plan;
        let from = plan.starts_at - chrono::TimeDelta::from(lead.warm);
        let until = (plan.starts_at + chrono::TimeDelta::from(lead.late)).min(plan.ends_at);
        let need = Self { workshop: plan.workshop?, count: 0, from, until, at };
        let counts = run.life == Life::Published && need.is_now();
        Some(Self { count: if counts { run.to_begin() } else { 0 }, ..need })
    }
}

impl Booking {
    /// How many environments a run needs ahead of its sessions; none, if it is of no workshop.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn need(&self, run: RunId) -> Result<Option<Need>, Fault> {
        let (lead, now) = (self.lead, self.dispatcher.now());
        self.look(run, |run: &Scheduled| Need::of(run, lead, now)).await
    }

    /// Until when the sessions that were begun because of a registration, or of all of a run, are to go on: now, if their learner has no
    /// place any more, or the run is neither on nor near.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn session_ends(&self, run: RunId, registration: Option<RegistrationId>) -> Result<Vec<(SessionId, Timestamp)>, Fault> {
        let now = self.dispatcher.now();
        let of = |run: &Scheduled| {
            let until = run.plan.sessions_end(now);
            let end = |begun: Begun| (begun.session, if begun.stands { until } else { now });
            Some(run.begun(registration).into_iter().map(end).collect::<Vec<_>>())
        };
        Ok(self.look(run, of).await?.unwrap_or_default())
    }
}
