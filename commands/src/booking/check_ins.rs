//! Checking people in by the codes that they show at the door.

use chrono::TimeDelta;
use domain::{
    booking::{
        BookingRejection as Rejection,
        run::{Entry, Life, Scheduled, Stage},
    },
    kernel::{RegistrationId, RunId, Timestamp},
};
use secrecy::SecretString;
use uuid::Uuid;

use super::{Appointment, Booking};
use crate::{Accepted, Fault, Outcome, Request, authorization::acts, identity::Entrance};

/// Runs take longer than planned.
const AFTERWARDS: TimeDelta = TimeDelta::hours(12);

/// Who has come, and to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    pub run: RunId,
    pub registration: RegistrationId,
}

impl From<Arrived> for RegistrationId {
    fn from(arrived: Arrived) -> Self {
        arrived.registration
    }
}

/// Which of a registration's holders somebody is: it tells them apart, and nothing of them.
fn holder(registration: RegistrationId, entry: &Entry) -> Uuid {
    Uuid::new_v5(&registration.0, entry.person.address.as_str().as_bytes())
}

impl Booking {
    /// The code by which a registration is checked in: one's own, or one of a run that one looks after. None where it is not there, or
    /// nobody is let in by it.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or another fault.
    pub async fn check_in_code(&self, request: &Request, registration: RegistrationId) -> Result<Option<SecretString>, Fault> {
        match self.appointment(request, registration).await? {
            Some(appointment) => self.code_of(registration, &appointment).await,
            None => Ok(None),
        }
    }

    pub(super) async fn code_of(&self, registration: RegistrationId, appointment: &Appointment) -> Result<Option<SecretString>, Fault> {
        let lets_in = matches!(appointment.stage, Some(Stage::Confirmed | Stage::Attended)) && appointment.life == Life::Published;
        let until: Timestamp = appointment.plan.ends_at + AFTERWARDS;
        let now = self.dispatcher.now();
        if !lets_in || until <= now {
            return Ok(None);
        }
        let run = appointment.run;
        let Some(holder) = self.holder_of(run, registration).await? else { return Ok(None) };
        self.codes.make(Entrance { run, registration, holder }, until, now).map(Some)
    }

    /// Says that whoever shows a code has come: once, and at the door of a run, if it is said which. It can be undone as any check-in.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn check_in_by_code(
        &self,
        request: &Request,
        code: &SecretString,
        door: Option<RunId>,
    ) -> Result<Outcome<Arrived, Rejection>, Fault> {
        // Whoever may not check people in does not learn what codes are worth.
        request.allowed(&acts::REGISTRATION_CHECK_IN)?;
        let Some(Entrance { run, registration, holder }) = self.codes.read(code) else {
            return Ok(Outcome::Rejected(Rejection::CheckInCodeInvalid));
        };
        if door.is_some_and(|door| door != run) {
            return Ok(Outcome::Rejected(Rejection::CheckInCodeInvalid));
        }
        // Somebody else comes instead by now, or it is moved to another run.
        if self.run_of(registration).await? != Some(run) || self.holder_of(run, registration).await? != Some(holder) {
            return Ok(Outcome::Rejected(Rejection::CheckInCodeInvalid));
        }
        Ok(match self.check_in(request, registration, door).await? {
            Outcome::Accepted(Accepted { position, .. }) => Outcome::Accepted(Accepted { value: Arrived { run, registration }, position }),
            Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
        })
    }

    async fn holder_of(&self, run: RunId, registration: RegistrationId) -> Result<Option<Uuid>, Fault> {
        self.look(run, |run: &Scheduled| run.registration(registration).map(|entry| holder(registration, entry))).await
    }
}
