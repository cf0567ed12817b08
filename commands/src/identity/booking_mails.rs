//! Mails about registrations: to accounts, and to guests, who have none.

use domain::{
    booking::{
        registrant::Registrant,
        run::{Life, Run, Stage},
    },
    identity::{
        Email, Language,
        account::Account,
        mail::{Booked, Letter, Needless, Occasion},
    },
    kernel::{MailId, Personal, RunId, Timestamp},
};

use super::{Identity, mails::Outgoing};
use crate::{
    Fault, Request,
    booking::{Appointment, appointment, guest_token},
};

/// What a mail about a registration says.
#[derive(Debug)]
pub struct BookingNews {
    pub booked: Booked,
    /// As it is when the mail is sent.
    pub appointment: Appointment,
    /// Whoever it goes to has no account; the link in it lets them see the registration.
    pub is_guest: bool,
}

impl Identity {
    /// Queues a mail about a registration to whoever's it is by now; none, if they are forgotten.
    pub(crate) async fn queue_about(
        &self,
        request: &Request,
        mail: MailId,
        occasion: Occasion,
        booked: Booked,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let registrant = self.dispatcher.state::<Registrant>(booked.registration.into()).await?;
        let Some((run, subject, known)) = registrant.reached() else { return Ok(()) };
        let (to, language) = match self.dispatcher.state::<Account>(subject.into()).await? {
            Account::Open { email, .. } => (email, self.contact(subject).await?.language_or(None)),
            Account::Absent => {
                let Some(sealed) = known.as_sealed() else { return Ok(()) };
                (Personal::<Email>::sealed(subject, sealed.to_owned()), self.language_of(run).await?)
            }
            Account::Erased => return Ok(()),
        };
        let letter = Letter { booked: Some(Box::new(booked)), ..Letter::of(to, occasion, language, at) };
        self.queue(request, mail, letter).await
    }

    /// The language that a run is held in, if it is one of ours.
    async fn language_of(&self, run: RunId) -> Result<Language, Fault> {
        let language = |run: &Run| match run {
            Run::Scheduled(run) => Language::preferred(&run.plan.language),
            Run::Absent => None,
        };
        Ok(self.dispatcher.look::<Run, _>(run.into(), language).await?.unwrap_or_default())
    }

    /// What is sent about a registration; or why nothing is.
    pub(super) async fn outgoing_about(&self, id: MailId, letter: &Letter, booked: &Booked) -> Result<Result<Outgoing, Needless>, Fault> {
        let subject = letter.to.subject();
        let (name, is_guest) = match self.dispatcher.state::<Account>(subject.into()).await? {
            Account::Open { display_name, .. } => (self.open(&display_name).await?, false),
            // What a guest is called somebody else has said.
            Account::Absent => (None, true),
            Account::Erased => return Ok(Err(Needless::Erased)),
        };
        let Some(to) = self.open::<Email>(&letter.to).await? else { return Ok(Err(Needless::Erased)) };
        let registration = booked.registration;
        let registrant = self.dispatcher.state::<Registrant>(registration.into()).await?;
        let Some((run, _, _)) = registrant.reached().filter(|(_, now, _)| *now == subject) else { return Ok(Err(Needless::Outdated)) };
        let Some(appointment) = appointment(&self.dispatcher, run, registration).await? else { return Ok(Err(Needless::Outdated)) };
        if !is_news(letter.occasion, booked, &appointment, self.dispatcher.now()) {
            return Ok(Err(Needless::Outdated));
        }
        let token = if is_guest { Some(guest_token(&self.dispatcher, registration, subject).await?) } else { None };
        let booking = Some(Box::new(BookingNews { booked: booked.clone(), appointment, is_guest }));
        let Letter { occasion, language, at, .. } = *letter;
        Ok(Ok(Outgoing { id, to, name, language, occasion, token, at, expires_at: None, cluster: None, booking }))
    }
}

/// Whether it is still of use to know: a mail may have waited long.
fn is_news(occasion: Occasion, booked: &Booked, appointment: &Appointment, now: Timestamp) -> bool {
    let is_held = booked.until.is_none_or(|until| now < until);
    let is_ahead = now < appointment.plan.starts_at && matches!(appointment.life, Life::Draft | Life::Published);
    match occasion {
        Occasion::PaymentAwaited => is_held && matches!(appointment.stage, Some(Stage::AwaitingPayment { .. })),
        Occasion::PlaceOffered => is_held && matches!(appointment.stage, Some(Stage::Offered { .. })),
        Occasion::GuestInvited => is_ahead && is_held && appointment.registration.is_none(),
        Occasion::RegistrationWaitlisted => appointment.stage == Some(Stage::Waitlisted),
        Occasion::RunReminder => is_ahead && appointment.stage == Some(Stage::Confirmed),
        Occasion::RegistrationConfirmed => matches!(appointment.stage, Some(Stage::Confirmed | Stage::Attended | Stage::NoShow)),
        Occasion::RunMoved => appointment.stage.is_some_and(Stage::is_live),
        _ => true,
    }
}
