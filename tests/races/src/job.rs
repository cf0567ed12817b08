//! What people, the organiser and who moves the money ask for.

use std::{sync::atomic::Ordering, time::Duration};

use commands::{Outcome, Request, booking::Wanted};
use domain::{
    booking::{
        Answers, BookingRejection as Rejection,
        run::{Entry, PaymentReport, PaymentStatus, Stage, Teller},
    },
    kernel::{Money, PaymentId, RegistrationId},
};
use uuid::Uuid;

use crate::{
    Fault,
    clock::pass,
    course::{HELD, free_of},
    fate::{Fate, Runner},
    race::Race,
};

/// How often something is asked for again that could not be decided for now.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(5);

/// Something that is done in a race.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Job {
    /// Somebody registers.
    Register(usize),
    /// Somebody does something about what has become of their registration.
    Go { person: usize, registration: RegistrationId },
    /// A timer comes by.
    Settle,
    /// What is held for somebody now is held for too long.
    Pass,
    /// All that is owed for a registration is given back.
    Refund { registration: RegistrationId },
}

impl Race {
    pub(crate) async fn job(&self, job: Job) -> Result<(), Fault> {
        match job {
            Job::Register(person) => Box::pin(self.register(person)).await,
            Job::Go { person, registration } => Box::pin(self.go(person, registration)).await,
            Job::Settle => {
                // Without a key: it is asked for until nothing is left to be done.
                let (booking, request) = (self.booking(0), Request::system("races"));
                self.ask(|| booking.settle(&request, self.run)).await.map(drop)
            }
            Job::Pass => {
                pass(chrono::TimeDelta::from(HELD) + chrono::TimeDelta::minutes(1));
                Ok(())
            }
            Job::Refund { registration } => self.refund(registration).await,
        }
    }

    /// Some ask twice, and half of all look at once what has become of it.
    async fn register(&self, person: usize) -> Result<(), Fault> {
        let (runner, booking) = (Runner::of(self.seed, person), self.booking(person));
        let places = self.course.size.places;
        let all = usize::try_from(if runner.ticket == "free" { free_of(places) } else { places })?;
        // More than there are nobody may ask for.
        let seats = runner.seats.min(all);
        let attendees = if seats == 1 { vec![] } else { vec!["Somebody".to_owned(); seats] };
        let ticket = runner.ticket.to_owned();
        let wanted = Wanted { run: self.run, ticket, attendees, members: vec![], answers: Answers::new(), code: None, wait: true };
        let (first, second) = (keyed(&self.course.people[person].request), keyed(&self.course.people[person].request));
        let once = self.ask(|| booking.request(&first, &wanted));
        let registered = if runner.is_one_of(16, 0) {
            // On another node, if there is one.
            let other = self.booking(person + 1);
            let (once, twice) = tokio::try_join!(once, self.ask(|| other.request(&second, &wanted)))?;
            once.or(twice)
        } else {
            once.await?
        };
        match registered {
            Some(registration) if runner.is_one_of(2, 1) => Box::pin(self.go(person, registration)).await,
            Some(_) => Ok(()),
            None => Err(format!("person {person} was not registered").into()),
        }
    }

    async fn go(&self, person: usize, registration: RegistrationId) -> Result<(), Fault> {
        let Some(entry) = self.entry(registration).await? else { return Ok(()) };
        let (runner, booking) = (Runner::of(self.seed, person), self.booking(person));
        let request = keyed(&self.course.people[person].request);
        match (entry.stage, runner.fate) {
            (Stage::AwaitingPayment { .. }, Fate::Pays) => Box::pin(self.pay(person, registration, entry.quote.total)).await,
            (Stage::AwaitingPayment { .. }, Fate::Fails) => self.fail(person, registration).await,
            (Stage::Offered { .. }, Fate::ChangesMind) => self.ask(|| booking.decline_offer(&request, registration)).await.map(drop),
            (Stage::Offered { .. }, Fate::Pays | Fate::PaysLate | Fate::Fails) => {
                self.ask(|| booking.accept_offer(&request, registration)).await?;
                let Some(entry) = self.entry(registration).await? else { return Ok(()) };
                let is_due = matches!(entry.stage, Stage::AwaitingPayment { .. }) && runner.fate == Fate::Pays;
                if is_due { Box::pin(self.pay(person, registration, entry.quote.total)).await } else { Ok(()) }
            }
            (Stage::Expired, Fate::PaysLate) if entry.quote.total.amount > 0 && entry.kept() == 0 => {
                Box::pin(self.pay(person, registration, entry.quote.total)).await
            }
            (Stage::PendingApproval { .. }, _) => self.look_at(registration, runner).await,
            (Stage::Waitlisted, _) if runner.is_one_of(64, 2) && entry.priority == 0 => {
                let (organiser, priority) = (keyed(&self.course.organiser), u8::from(runner.is_one_of(2, 9)) + 1);
                self.ask(|| booking.prioritise(&organiser, registration, priority)).await.map(drop)
            }
            (Stage::AwaitingPayment { .. }, Fate::ChangesMind) => self.ask(|| booking.withdraw(&request, registration)).await.map(drop),
            // Half of those who do not wait any longer keep a place that they have come to meanwhile.
            (Stage::Waitlisted, _) if runner.is_one_of(32, 3) && runner.is_one_of(2, 5) => {
                self.ask(|| booking.leave_waitlist(&request, registration)).await.map(drop)
            }
            (Stage::Waitlisted | Stage::Confirmed, _) if runner.is_one_of(32, 3) => {
                self.ask(|| booking.withdraw(&request, registration)).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// The organiser lets most in.
    async fn look_at(&self, registration: RegistrationId, runner: Runner) -> Result<(), Fault> {
        let (booking, organiser) = (self.booking(0), keyed(&self.course.organiser));
        if runner.is_one_of(8, 4) {
            self.ask(|| booking.reject(&organiser, registration, "")).await.map(drop)
        } else {
            self.ask(|| booking.approve(&organiser, registration)).await.map(drop)
        }
    }

    /// Money is sent, in time or not. It is told twice, on any node, and then that it failed, which it did not.
    async fn pay(&self, person: usize, registration: RegistrationId, amount: Money) -> Result<(), Fault> {
        let (one, other) = (self.booking(person), self.booking(person + 1));
        let request = keyed(&self.course.people[person].request);
        let opened = self.ask(|| one.open_payment(&request, registration)).await?;
        // Whoever is not asked for it sends it all the same.
        let payment = opened.unwrap_or_else(|| PaymentId(Uuid::now_v7()));
        let report = |status| PaymentReport { by: Teller::Provider, registration, payment, status, amount };
        let (first, second, third) = (keyed(&Request::system("races")), keyed(&Request::system("races")), keyed(&Request::system("races")));
        let told = self.ask(|| one.report_payment(&first, report(PaymentStatus::Succeeded)));
        let again = self.ask(|| other.report_payment(&second, report(PaymentStatus::Succeeded)));
        let (told, again) = tokio::try_join!(told, again)?;
        if told.is_none() || again.is_none() {
            return Err(format!("money for {registration} was not taken").into());
        }
        self.sent.fetch_add(amount.amount, Ordering::Relaxed);
        self.ask(|| other.report_payment(&third, report(PaymentStatus::Failed))).await.map(drop)
    }

    async fn fail(&self, person: usize, registration: RegistrationId) -> Result<(), Fault> {
        let booking = self.booking(person);
        let request = keyed(&self.course.people[person].request);
        let Some(payment) = self.ask(|| booking.open_payment(&request, registration)).await? else { return Ok(()) };
        let Some(entry) = self.entry(registration).await? else { return Ok(()) };
        for status in [PaymentStatus::Unknown, PaymentStatus::Failed] {
            let provider = keyed(&Request::system("races"));
            let report = PaymentReport { by: Teller::Provider, registration, payment, status, amount: entry.quote.total };
            self.ask(|| booking.report_payment(&provider, report)).await?;
        }
        Ok(())
    }

    async fn refund(&self, registration: RegistrationId) -> Result<(), Fault> {
        let Some(entry) = self.entry(registration).await? else { return Ok(()) };
        let (booking, mut owed) = (self.booking(0), entry.owed);
        for (payment, paid) in &entry.payments {
            let amount = paid.kept().min(owed);
            if amount > 0 {
                let (organiser, back) = (keyed(&self.course.organiser), Money { amount, ..entry.quote.total });
                let refunded = self.ask(|| booking.refund(&organiser, registration, *payment, None, back)).await?;
                refunded.ok_or("a refund was refused")?;
                owed -= amount;
            }
        }
        Ok(())
    }

    async fn entry(&self, registration: RegistrationId) -> Result<Option<Entry>, Fault> {
        Ok(self.booking(0).look(self.run, move |run| run.registration(registration).cloned()).await?)
    }

    /// What came of something that is asked for until it is decided; none, if somebody was faster and it is refused.
    async fn ask<T, F>(&self, ask: impl Fn() -> F + Send + Sync) -> Result<Option<T>, Fault>
    where
        T: Send,
        F: Future<Output = Result<Outcome<T, Rejection>, commands::Fault>> + Send,
    {
        for _ in 0..TRIES {
            match ask().await {
                Ok(outcome) => {
                    self.commands.fetch_add(1, Ordering::Relaxed);
                    return match outcome {
                        Outcome::Accepted(accepted) => Ok(Some(accepted.value)),
                        Outcome::Rejected(Rejection::WrongStage { .. } | Rejection::NothingDue | Rejection::AlreadyRegistered { .. }) => {
                            Ok(None)
                        }
                        Outcome::Rejected(rejection) => Err(rejection.into()),
                    };
                }
                Err(fault) if fault.retryable() => tokio::time::sleep(PAUSE).await,
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(format!("not decided in {TRIES} tries").into())
    }
}

/// Under a key of its own, so that it may be asked for again whatever has become of it.
fn keyed(request: &Request) -> Request {
    request.clone().with_key(Some(Uuid::now_v7().to_string()))
}
