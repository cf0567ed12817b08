//! Mails about registrations: to accounts, and to guests, who have none.

use domain::{
    Decider,
    booking::{
        registrant::{Registrant, RegistrantEvent},
        run::{Life, Run, Stage},
    },
    fact,
    identity::{
        Email, Language,
        account::Account,
        mail::{Booked, Letter, Needless, Occasion},
    },
    kernel::{MailId, Personal, RegistrationId, RunId, Timestamp},
};
use journal::{Recorded, StreamId};
use uuid::Uuid;

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
        let Some((run, _, known)) = registrant.reached() else { return Ok(()) };
        let Some((to, language)) = self.addressed(run, known).await? else { return Ok(()) };
        let letter = Letter { booked: Some(Box::new(booked)), ..Letter::of(to, occasion, language, at) };
        self.queue(request, mail, letter).await
    }

    /// Queues a mail because of an event to somebody who was invited and has not registered. Who was invited after it knows.
    pub(crate) async fn queue_to_invited(
        &self,
        request: &Request,
        event: &Recorded,
        occasion: Occasion,
        booked: Booked,
    ) -> Result<(), Fault> {
        let invited = self.dispatcher.journal().load(&StreamId::new(Registrant::STREAM, booked.registration.into()), 0).await?;
        if invited.first().is_none_or(|invited| invited.position > event.position) {
            return Ok(());
        }
        let mail = MailId(Uuid::new_v5(&event.event_id, booked.registration.0.as_bytes()));
        self.queue_about(request, mail, occasion, booked, event.recorded_at).await
    }

    /// Queues mails about a registration that somebody else has from an event on: to them, and to who had it before.
    pub(crate) async fn queue_handed_over(&self, request: &Request, event: &Recorded, now: &Personal<String>) -> Result<(), Fault> {
        let registration = RegistrationId(event.stream.id);
        let Some(run) = self.dispatcher.state::<Registrant>(registration.into()).await?.run() else { return Ok(()) };
        let before = self.before(event).await?;
        let mails = [
            (MailId(event.event_id), Occasion::RegistrationTakenOver, Some(now)),
            (
                MailId(Uuid::new_v5(&event.event_id, b"before")),
                Occasion::RegistrationGivenAway,
                before.as_ref().and_then(RegistrantEvent::email),
            ),
        ];
        for (mail, occasion, known) in mails {
            let Some(known) = known else { continue };
            let Some((to, language)) = self.addressed(run, known).await? else { continue };
            let booked = Some(Box::new(Booked::of(registration)));
            self.queue(request, mail, Letter { booked, ..Letter::of(to, occasion, language, event.recorded_at) }).await?;
        }
        Ok(())
    }

    /// Who was behind a registration before an event. That somebody was forgotten who had it earlier says nothing of that.
    pub(super) async fn before(&self, event: &Recorded) -> Result<Option<RegistrantEvent>, Fault> {
        let events = self.dispatcher.journal().load(&event.stream, 0).await?;
        for before in events.iter().rev().filter(|before| before.sequence < event.sequence) {
            let before = fact::read::<Registrant>(&before.name, before.version, before.payload.as_str())?;
            if before.as_ref().is_some_and(|before| before.email().is_some()) {
                return Ok(before);
            }
        }
        Ok(None)
    }

    /// Where somebody who is registered for a run is written to, and in which language; none if they are forgotten.
    async fn addressed(&self, run: RunId, known: &Personal<String>) -> Result<Option<(Personal<Email>, Language)>, Fault> {
        let subject = known.subject();
        Ok(match self.dispatcher.state::<Account>(subject.into()).await? {
            Account::Open { email, .. } => Some((email, self.contact(subject).await?.language_or(None))),
            Account::Absent => {
                let Some(sealed) = known.as_sealed() else { return Ok(None) };
                Some((Personal::<Email>::sealed(subject, sealed.to_owned()), self.language_of(run).await?))
            }
            Account::Erased => None,
        })
    }

    /// The language that a run is held in, if it is one of ours.
    pub(super) async fn language_of(&self, run: RunId) -> Result<Language, Fault> {
        let language = |run: &Run| run.scheduled().and_then(|run| Language::preferred(&run.plan.language));
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
        // Who comes along is called something else.
        let name = name.filter(|_| !letter.occasion.is_for_companions());
        let registration = booked.registration;
        let registrant = self.dispatcher.state::<Registrant>(registration.into()).await?;
        let is_given_away = letter.occasion == Occasion::RegistrationGivenAway;
        let comes_no_more = letter.occasion == Occasion::CompanionDropped;
        if registrant.has_forgotten(subject) {
            return Ok(Err(Needless::Erased));
        }
        let whose = registrant.whose().filter(|(_, now)| comes_no_more || (*now == subject) != is_given_away);
        let Some((run, now)) = whose else { return Ok(Err(Needless::Outdated)) };
        let Some(appointment) = appointment(&self.dispatcher, run, registration).await? else { return Ok(Err(Needless::Outdated)) };
        if comes_no_more && now == subject && appointment.stage == Some(Stage::Confirmed) {
            // They come after all, which they were told.
            return Ok(Err(Needless::Outdated));
        }
        let appointment = if is_given_away || comes_no_more { appointment.given_away() } else { appointment };
        if !is_news(letter.occasion, booked, &appointment, self.dispatcher.now()) {
            return Ok(Err(Needless::Outdated));
        }
        // Who gave it away, is not invited any more, or but comes along, has no say, and nothing that a link would lead to.
        let has_none = matches!(letter.occasion, Occasion::RegistrationGivenAway | Occasion::InvitationWithdrawn);
        let has_say = !has_none && !letter.occasion.is_for_companions();
        let token = if is_guest && has_say { Some(guest_token(&self.dispatcher, registration, subject).await?) } else { None };
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
        Occasion::PaymentFailed => matches!(appointment.stage, Some(Stage::AwaitingPayment { .. })),
        Occasion::PaymentAwaited => is_held && matches!(appointment.stage, Some(Stage::AwaitingPayment { .. })),
        Occasion::PlaceOffered => is_held && matches!(appointment.stage, Some(Stage::Offered { .. })),
        Occasion::GuestInvited => is_ahead && is_held && appointment.registration.is_none(),
        Occasion::RegistrationWaitlisted => appointment.stage == Some(Stage::Waitlisted),
        Occasion::ApprovalWithdrawn => matches!(appointment.stage, Some(Stage::Waitlisted | Stage::Offered { .. })),
        Occasion::RunRelocated => {
            let is_on = appointment.life == Life::Published && now < appointment.plan.ends_at;
            is_on && appointment.stage.is_some_and(Stage::is_live)
        }
        Occasion::RunReminder => is_ahead && appointment.stage == Some(Stage::Confirmed),
        Occasion::CompanionMoved => now < appointment.plan.ends_at && appointment.stage == Some(Stage::Confirmed),
        Occasion::RegistrationConfirmed | Occasion::CompanionNamed => {
            matches!(appointment.stage, Some(Stage::Confirmed | Stage::Attended | Stage::NoShow))
        }
        // Who is invited has no registration.
        Occasion::RunMoved => appointment.stage.map_or(is_ahead, Stage::is_live),
        Occasion::RunCancelled => appointment.stage.is_some() || now < appointment.plan.starts_at,
        Occasion::InvitationWithdrawn => is_ahead && appointment.stage.is_none(),
        Occasion::RegistrationTakenOver => appointment.stage.is_some_and(Stage::is_live),
        _ => true,
    }
}
