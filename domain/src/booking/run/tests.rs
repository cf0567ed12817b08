//! Given what happened to a run, when something is asked of it, then this follows.

mod approving;
mod checking_in;
mod coming;
mod diagram;
mod edges;
mod ending;
mod forgetting;
mod inviting;
mod leaving;
mod organising;
mod paying;
mod reducing;
mod refunding;
mod reinstating;
mod scheduling;
mod sessions;
mod transferring;
mod undoing;
mod undoing_refunds;
mod waiting;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use uuid::Uuid;

use super::{
    super::{
        Admission, Answers, Audience, Flaw, Format, PlaceBefore, Plan, RefundStep, Visibility,
        test_runs::{self, eur, ticket},
    },
    *,
};
use crate::{
    Event,
    kernel::{AccountId, Currency, Digest, Minutes, Money, PaymentId, Plan as AccountPlan, RefundId, RegistrationId, SessionId},
};

const GRACE: AccountId = AccountId(Uuid::from_u128(900));
const BY: By = By::Organiser(GRACE);
/// When runs start, in minutes.
const START: i64 = 30 * DAY;
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

const fn reg(n: u128) -> RegistrationId {
    RegistrationId(Uuid::from_u128(n))
}

const fn account(n: u128) -> AccountId {
    AccountId(Uuid::from_u128(1000 + n))
}

const fn payment(n: u128) -> PaymentId {
    PaymentId(Uuid::from_u128(2000 + n))
}

const fn refund(n: u128) -> RefundId {
    RefundId(Uuid::from_u128(3000 + n))
}

fn address(n: u128) -> Digest {
    Digest::try_from(format!("{n:064x}")).expect("64 digits")
}

fn person(n: u128) -> Person {
    Person { account: Some(account(n)), address: address(n) }
}

/// Two places, free or for 100.00; an hour to pay, two days for an offer; all back a week before, half of it
/// a day before.
fn plan() -> Plan {
    let refunds = vec![RefundStep { before: Minutes(7 * 24 * 60), share: 10_000 }, RefundStep { before: Minutes(24 * 60), share: 5_000 }];
    Plan { capacity: 2, refunds, group: 3, ..test_runs::plan(at(START), vec![ticket("free", 0), ticket("paid", 10_000)]) }
}

fn approval(holds_place: bool) -> Plan {
    Plan { admission: Admission::Approval { holds_place }, ..plan() }
}

fn applicant(n: u128) -> Applicant {
    let attendees = vec![format!("Person {n}")];
    Applicant { person: person(n), plan: Some(AccountPlan::Free), attendees, members: vec![], answers: Answers::new() }
}

/// Person `n` wants to come, with a ticket, and waits if they have to.
fn application(n: u128, ticket: &str) -> Application {
    Application {
        registration: reg(n),
        applicant: applicant(n),
        owner: None,
        ticket: ticket.to_owned(),
        code: None,
        priority: 0,
        wait: true,
    }
}

fn comes(n: u128, ticket: &str) -> RunCommand {
    RunCommand::Request(Box::new(application(n, ticket)))
}

fn group(n: u128, ticket: &str, seats: usize) -> RunCommand {
    let mut application = application(n, ticket);
    application.applicant.attendees = vec!["Somebody".to_owned(); seats];
    RunCommand::Request(Box::new(application))
}

fn report(n: u128, number: u128, status: PaymentStatus, cents: i64) -> RunCommand {
    let (registration, payment) = (reg(n), payment(number));
    RunCommand::ReportPayment(PaymentReport { by: Teller::Provider, registration, payment, status, amount: eur(cents) })
}

fn pays(n: u128, cents: i64) -> RunCommand {
    report(n, n, PaymentStatus::Succeeded, cents)
}

/// The organiser records it by hand, by the number of whoever pays.
fn records(n: u128, cents: i64) -> RunCommand {
    recorded(n, n, cents)
}

fn recorded(n: u128, number: u128, cents: i64) -> RunCommand {
    let (registration, payment, status) = (reg(n), payment(number), PaymentStatus::Succeeded);
    RunCommand::ReportPayment(PaymentReport { by: Teller::Staff(BY), registration, payment, status, amount: eur(cents) })
}

fn undoes_payment(n: u128, number: u128) -> RunCommand {
    RunCommand::UndoPayment { by: BY, registration: reg(n), payment: payment(number), reason: String::new() }
}

/// So much of the first payment of the first went back.
fn refunds(number: u128, cents: i64) -> RunCommand {
    let (registration, payment, refund) = (reg(1), payment(1), refund(number));
    RunCommand::ReportRefund(RefundReport { by: Teller::Staff(BY), registration, payment, refund, amount: eur(cents) })
}

/// Whoever moves money tells the same.
fn tells_refund(number: u128, cents: i64) -> RunCommand {
    let (registration, payment, refund) = (reg(1), payment(1), refund(number));
    RunCommand::ReportRefund(RefundReport { by: Teller::Provider, registration, payment, refund, amount: eur(cents) })
}

/// A refund of the first never went back.
fn undoes_refund(number: u128) -> RunCommand {
    RunCommand::UndoRefund { by: BY, registration: reg(1), refund: refund(number), reason: String::new() }
}

fn withdraws(n: u128) -> RunCommand {
    RunCommand::Withdraw { by: Caller::Account(account(n)), registration: reg(n) }
}

fn leaves_waitlist(n: u128) -> RunCommand {
    RunCommand::LeaveWaitlist { by: Caller::Account(account(n)), registration: reg(n) }
}

fn accepts(n: u128) -> RunCommand {
    RunCommand::AcceptOffer { by: Caller::Account(account(n)), registration: reg(n) }
}

fn declines(n: u128) -> RunCommand {
    RunCommand::DeclineOffer { by: Caller::Account(account(n)), registration: reg(n) }
}

fn revises(plan: Plan) -> RunCommand {
    RunCommand::Revise { by: BY, plan: Box::new(plan) }
}

fn flawed(at: &str, expected: &str) -> Rejection {
    Flaw::new(at, expected).into()
}

/// A run as time goes on.
struct Story {
    run: Run,
    minute: i64,
}

impl Story {
    fn new() -> Self {
        Self { run: Run::default(), minute: 0 }
    }

    fn drafted(plan: Plan) -> Self {
        let mut story = Self::new();
        story.takes(RunCommand::Schedule { organiser: GRACE, series: None, plan: Box::new(plan) });
        story
    }

    fn published(plan: Plan) -> Self {
        let mut story = Self::drafted(plan);
        story.takes(RunCommand::Publish { by: BY });
        story
    }

    /// With these registered by a free ticket.
    fn with(plan: Plan, people: impl IntoIterator<Item = u128>) -> Self {
        let mut story = Self::published(plan);
        for n in people {
            story.takes(comes(n, "free"));
        }
        story
    }

    fn at(&mut self, minute: i64) -> &mut Self {
        self.minute = minute;
        self
    }

    fn refuses(&self, command: RunCommand) -> Rejection {
        let asked = format!("{command:?}");
        self.run.decide(command, at(self.minute)).err().unwrap_or_else(|| panic!("{asked} is refused"))
    }

    /// What follows from a command that is accepted.
    fn takes(&mut self, command: RunCommand) -> Vec<RunEvent> {
        let asked = format!("{command:?}");
        let events = self.run.decide(command, at(self.minute)).unwrap_or_else(|refused| panic!("{asked}: {refused}"));
        for event in &events {
            self.run.evolve(event);
        }
        events
    }

    /// The same, in short: names of events, and the numbers of registrations.
    fn told(&mut self, command: RunCommand) -> Vec<String> {
        let number = |event: &RunEvent| event.registration().map(|registration| format!(" {}", registration.0.as_u128()));
        self.takes(command).iter().map(|event| format!("{}{}", event.name(), number(event).unwrap_or_default())).collect()
    }

    fn scheduled(&self) -> &Scheduled {
        match &self.run {
            Run::Scheduled(scheduled) => scheduled,
            Run::Absent => panic!("no run"),
        }
    }

    fn entry(&self, n: u128) -> &Entry {
        self.scheduled().registration(reg(n)).expect("a registration")
    }

    fn stage(&self, n: u128) -> &'static str {
        self.entry(n).stage.name()
    }

    fn stages(&self, people: impl IntoIterator<Item = u128>) -> Vec<&'static str> {
        people.into_iter().map(|n| self.stage(n)).collect()
    }
}

#[test]
fn what_was_not_scheduled_is_not_there() {
    let story = Story::new();
    for command in [RunCommand::Publish { by: BY }, comes(1, "free"), RunCommand::Settle, pays(1, 100)] {
        assert_eq!(story.refuses(command), Rejection::NotFound);
    }
}

#[test]
fn a_snapshot_is_what_was_written() {
    let mut story = Story::with(approval(true), 1..=4);
    story.takes(RunCommand::Approve { by: BY, registration: reg(1) });
    let text = serde_json::to_string(&story.run).expect("JSON");
    let back: Run = serde_json::from_str(&text).expect("a run");
    assert_eq!(serde_json::to_string(&back).expect("JSON"), text);
    let after = |run: &Run| run.decide(withdraws(1), at(5));
    assert_eq!(after(&back), after(&story.run));
}

#[test]
fn names_and_answers_are_in_no_event() {
    let mut story = Story::published(plan());
    let mut application = application(1, "free");
    application.applicant.attendees = vec!["Ada Lovelace".to_owned()];
    let events = story.takes(RunCommand::Request(Box::new(application)));
    let text = serde_json::to_string(&events).expect("JSON");
    assert!(!text.contains("Lovelace"), "{text}");
}
