//! Mails to those who come along by somebody's registration, at the addresses that they were named by. They have no say in it, and no link.

use domain::{
    Decider,
    booking::{
        registrant::{Registrant, RegistrantEvent},
        run::{Entry, Run, Stage},
    },
    fact,
    identity::{
        Email,
        email_claim::EmailClaim,
        mail::{Booked, Letter, Mail, MailEvent, Occasion},
    },
    kernel::{MailId, Personal, RegistrationId, RunId, Timestamp},
};
use journal::{Recorded, StreamId};
use uuid::Uuid;

use super::Identity;
use crate::{Fault, Request};

impl Identity {
    /// Queues mails because of an event to those who come along by a registration, which was confirmed: before, nobody tells them.
    pub(crate) async fn queue_along(&self, request: &Request, event: &Recorded, occasion: Occasion, booked: Booked) -> Result<(), Fault> {
        let registrant = self.dispatcher.state::<Registrant>(booked.registration.into()).await?;
        let (Some((run, ..)), Some(companions)) = (registrant.reached(), registrant.companions()) else { return Ok(()) };
        let is_told: fn(&Entry) -> bool = match occasion {
            // An address gets one mail of a move: of a registration by which they come.
            Occasion::CompanionMoved => |entry| entry.stage == Stage::Confirmed,
            // Who came along by then may be others than who comes along now.
            Occasion::CompanionNamed => Entry::lets_in,
            _ => |entry| entry.confirmed,
        };
        if !self.is_registered(run, booked.registration, is_told).await? {
            return Ok(());
        }
        self.queue_to_companions(request, event, occasion, companions, (run, booked)).await
    }

    /// Queues mails to those who came along by a registration that somebody else has from an event on, and to those who come along now.
    pub(crate) async fn queue_along_handed_over(&self, request: &Request, event: &Recorded, now: &RegistrantEvent) -> Result<(), Fault> {
        let registration = RegistrationId(event.stream.id);
        let Some(run) = self.dispatcher.state::<Registrant>(registration.into()).await?.run() else { return Ok(()) };
        let booked = || (run, Booked::of(registration));
        let before = self.before(event).await?;
        if let Some(companions) = before.as_ref().and_then(RegistrantEvent::companions)
            && self.is_registered(run, registration, |entry| entry.confirmed).await?
        {
            self.queue_to_companions(request, event, Occasion::CompanionDropped, companions, booked()).await?;
        }
        // Whoever has it now may be confirmed later: then they are told by that.
        if let Some(companions) = now.companions()
            && self.is_registered(run, registration, Entry::lets_in).await?
        {
            self.queue_to_companions(request, event, Occasion::CompanionNamed, companions, booked()).await?;
        }
        Ok(())
    }

    async fn is_registered(&self, run: RunId, registration: RegistrationId, how: fn(&Entry) -> bool) -> Result<bool, Fault> {
        let found = move |run: &Run| run.scheduled().and_then(|run| run.registration(registration)).map(how);
        Ok(self.dispatcher.look::<Run, _>(run.into(), found).await?.unwrap_or_default())
    }

    /// What was sealed for whoever registered is opened for as long as they are not forgotten.
    async fn queue_to_companions(
        &self,
        request: &Request,
        event: &Recorded,
        occasion: Occasion,
        companions: &Personal<Vec<String>>,
        (run, booked): (RunId, Booked),
    ) -> Result<(), Fault> {
        let Some(addresses) = self.open(companions).await? else { return Ok(()) };
        let of_run = self.language_of(run).await?;
        for address in &addresses {
            let Ok(email) = Email::try_new(address) else { continue };
            let address = self.claim_of(&email).await?;
            let Some(mail) = self.mail_along(event, occasion, run, address).await? else { continue };
            let claim = self.dispatcher.state::<EmailClaim>(address).await?;
            let language = if let EmailClaim::Held { account } = claim { self.contact(account).await?.language_or(None) } else { of_run };
            let to = Personal::new(companions.subject(), email);
            let letter = Letter { booked: Some(Box::new(booked.clone())), ..Letter::of(to, occasion, language, event.recorded_at) };
            self.queue(request, mail, letter).await?;
        }
        Ok(())
    }

    /// The mail by which an address is told of a run because of an event. Whoever registers may bring about again and again, by any number
    /// of registrations, that there is a place and that it is gone: each of these is told at most once a day, and the end of none that
    /// nobody told of.
    async fn mail_along(&self, event: &Recorded, occasion: Occasion, run: RunId, address: Uuid) -> Result<Option<MailId>, Fault> {
        if occasion == Occasion::CompanionMoved {
            // As often as the organiser moves it: each is another time or place.
            return Ok(Some(MailId(Uuid::new_v5(&event.event_id, address.as_bytes()))));
        }
        let first = MailId(Uuid::new_v5(&address, format!("{:?} {run}", Occasion::CompanionNamed).as_bytes()));
        let (named_at, today) = (self.queued_for(first).await?, day(event.recorded_at));
        if occasion == Occasion::CompanionNamed && named_at.is_none_or(|at| day(at) == today) {
            return Ok(Some(first));
        }
        // An event that comes by again is older than what was told since.
        let was_told = occasion == Occasion::CompanionNamed || named_at.is_some_and(|at| at < event.recorded_at);
        Ok(was_told.then(|| MailId(Uuid::new_v5(&address, format!("{occasion:?} {run} on day {today}").as_bytes()))))
    }

    /// When that happened which a mail is about, if it was ever queued.
    async fn queued_for(&self, mail: MailId) -> Result<Option<Timestamp>, Fault> {
        let events = self.dispatcher.journal().load(&StreamId::new(Mail::STREAM, mail.into()), 0).await?;
        let Some(queued) = events.first() else { return Ok(None) };
        let queued = fact::read::<Mail>(&queued.name, queued.version, queued.payload.as_str())?;
        let Some(MailEvent::Queued(letter)) = queued else { return Ok(None) };
        Ok(Some(letter.at))
    }
}

fn day(at: Timestamp) -> i64 {
    at.timestamp().div_euclid(86_400)
}
