//! A run's life against a model that knows of it by its events alone.

mod model;

use domain::{
    Decider,
    booking::{
        Admission, Answers, Plan, RefundStep, Ticket,
        run::{
            Applicant, Application, By, Caller, PaymentReport, PaymentStatus, Person, RefundReport, Run, RunCommand as Do, RunEvent as Did,
            Teller,
        },
        tax::{Rounding, Taxation},
    },
    given,
    kernel::{AccountId, Digest, Minutes, PaymentId, Plan as AccountPlan, RefundId, RegistrationId, SessionId},
};
use proptest::{collection::vec, prelude::*, sample::select};
use test_runs::{eur, ticket};
use uuid::Uuid;

use self::model::Model;
use super::{Checked, at, play};

const START: u32 = 6000;
const BY: By = By::Manager;
const PEOPLE: u128 = 12;
const ADMISSIONS: [Admission; 3] =
    [Admission::Automatic, Admission::Approval { holds_place: true }, Admission::Approval { holds_place: false }];

/// What somebody asks for; which of the rest counts depends on it.
#[derive(Clone, Debug)]
struct Asked {
    what: What,
    /// Minutes since what was asked before.
    after: u32,
    registration: u128,
    person: u128,
    number: u8,
    seats: usize,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Come,
    Pay(PaymentStatus),
    Refund,
    Withdraw,
    Accept,
    Decline,
    Transfer,
    Approve,
    WithdrawApproval,
    Reject,
    Reinstate,
    Prioritise,
    CancelRegistration,
    CheckIn,
    UndoCheckIn,
    Begin,
    Revise,
    Reschedule,
    Settle,
    Complete,
}

fn asked() -> impl Strategy<Value = Asked> {
    use PaymentStatus::{Failed, Pending, Succeeded, Unknown};
    use What::{
        Accept, Approve, Begin, CancelRegistration, CheckIn, Come, Complete, Decline, Pay, Prioritise, Refund, Reinstate, Reject,
        Reschedule, Revise, Settle, Transfer, UndoCheckIn, Withdraw, WithdrawApproval,
    };
    let what = prop_oneof![
        14 => Just(Come),
        6 => Just(Pay(Succeeded)),
        3 => select(&[Pay(Pending), Pay(Unknown), Pay(Failed), Refund, Prioritise, WithdrawApproval, Revise]),
        5 => select(&[Withdraw, Accept, Accept, Decline, CancelRegistration, Reject]),
        4 => select(&[Approve, Approve, Reinstate, Transfer]),
        2 => select(&[CheckIn, UndoCheckIn, Begin, Reschedule, Settle, Complete]),
        2 => Just(Begin),
    ];
    let after = prop_oneof![6 => 0..5_u32, 3 => 50..70_u32, 1 => 0..1500_u32];
    (what, after, 0..60_u128, 0..PEOPLE, 0..4_u8, 1..4_usize).prop_map(|(what, after, registration, person, number, seats)| Asked {
        what,
        after,
        registration,
        person,
        number,
        seats,
    })
}

fn plan(capacity: u32, admission: Admission) -> Plan {
    Plan {
        ends_at: at((START + 60) * 60),
        capacity,
        taxation: Taxation { rate: 1900, rounding: Rounding::SumByNet },
        admission,
        offer: Minutes(120),
        refunds: vec![RefundStep { before: Minutes(3000), share: 5_000 }],
        group: 3,
        ..test_runs::plan(at(START * 60), vec![ticket("free", 0), Ticket { quota: Some(3), ..ticket("paid", 10_000) }])
    }
}

/// Some have the same.
fn account(person: u128) -> AccountId {
    AccountId(Uuid::from_u128(100 + person / 2 * 2))
}

fn address(person: u128) -> Digest {
    Digest::try_from(format!("{person:064x}")).expect("64 digits")
}

/// Somebody, who has others come along: of the accounts that are next.
fn applicant(person: u128, seats: usize) -> Applicant {
    let attendees = vec!["Somebody".to_owned(); seats];
    let members = (1..seats as u128).map(|next| address((person + 2 * next) % PEOPLE)).collect();
    Applicant {
        person: Person { account: Some(account(person)), address: address(person) },
        plan: Some(AccountPlan::Free),
        attendees,
        members,
        answers: Answers::new(),
    }
}

/// The `index`th thing asked for. Registrations go by when they were asked for.
fn command(asked: &Asked, index: usize, plan: &Plan) -> Do {
    let Asked { what, registration, person, number, seats, .. } = *asked;
    let id = |registration| RegistrationId(Uuid::from_u128(registration));
    let (target, by, caller) = (id(registration % (index as u128 + 1)), BY, Caller::Staff(BY));
    let payment = PaymentId(Uuid::from_u128(1000 + target.0.as_u128() * 10 + u128::from(number)));
    let amount = eur([10_000, 20_000, 30_000, 2_500][usize::from(number)]);
    match what {
        What::Come => Do::Request(Box::new(Application {
            registration: id(index as u128),
            applicant: applicant(person, seats),
            ticket: if registration.is_multiple_of(2) { "free" } else { "paid" }.to_owned(),
            code: None,
            priority: number,
            wait: true,
        })),
        What::Pay(status) => Do::ReportPayment(PaymentReport { by: Teller::Provider, registration: target, payment, status, amount }),
        What::Refund => {
            let refund = RefundId(Uuid::from_u128(payment.0.as_u128()));
            Do::ReportRefund(RefundReport {
                by: Teller::Provider,
                registration: target,
                payment,
                refund,
                amount: eur(1_000 * i64::from(number + 1)),
            })
        }
        What::Withdraw => Do::Withdraw { by: caller, registration: target },
        What::Accept => Do::AcceptOffer { by: caller, registration: target },
        What::Decline => Do::DeclineOffer { by: caller, registration: target },
        What::Transfer => Do::Transfer { by: caller, registration: target, to: Box::new(applicant(person, seats)) },
        What::Approve => Do::Approve { by, registration: target },
        What::WithdrawApproval => Do::WithdrawApproval { by, registration: target },
        What::Reject => Do::Reject { by, registration: target, reason: String::new() },
        What::Reinstate => Do::Reinstate { by, registration: target },
        What::Prioritise => Do::Prioritise { by, registration: target, priority: number },
        What::CancelRegistration => Do::CancelRegistration { by, registration: target, reason: String::new() },
        What::CheckIn => Do::CheckIn { by, registration: target },
        What::UndoCheckIn => Do::UndoCheckIn { by, registration: target },
        // As early as anything is asked.
        What::Begin => {
            let session = SessionId(Uuid::from_u128(index as u128));
            Do::BeginSession { account: account(person), address: Some(address(person)), session, ahead: Minutes(START) }
        }
        What::Revise => {
            let capacity = u32::from(number) * 3 + 1;
            Do::Revise { by, plan: Box::new(Plan { capacity, ..plan.clone() }) }
        }
        What::Reschedule => {
            let start = START + 60 * u32::from(number);
            Do::Reschedule { by, starts_at: at(start * 60), ends_at: at((start + 60) * 60), closes_at: None }
        }
        What::Settle => Do::Settle,
        What::Complete => Do::Complete { by },
    }
}

fn holds(plan: &Plan, all: &[Asked]) -> Checked {
    let schedule = Do::Schedule { organiser: AccountId(Uuid::from_u128(1)), series: None, plan: Box::new(plan.clone()) };
    let mut minute = 0;
    let mut times = vec![at(0), at(0)];
    let mut commands = vec![(schedule, at(0)), (Do::Publish { by: BY }, at(0))];
    for (index, asked) in all.iter().enumerate() {
        minute += asked.after;
        times.push(at(minute * 60));
        commands.push((command(asked, index, plan), at(minute * 60)));
    }
    let mut model = Model::default();
    let mut history: Vec<Did> = vec![];
    for (decided, now) in play::<Run>(commands).into_iter().zip(times) {
        let Ok(events) = decided else { continue };
        for event in &events {
            model.take(event)?;
        }
        model.is_settled(now)?;
        history.extend(events);
    }
    ends_with_nothing(given(history), model, at(minute * 60))
}

/// Once it is called off, and all that came in went back, there is nothing left.
fn ends_with_nothing(mut run: Run, mut model: Model, now: domain::kernel::Timestamp) -> Checked {
    let next = |run: &mut Run, command: Do, model: &mut Model| -> Result<bool, TestCaseError> {
        let Ok(events) = run.decide(command, now) else { return Ok(false) };
        for event in &events {
            run.evolve(event);
            model.take(event)?;
        }
        Ok(true)
    };
    let is_cancelled = next(&mut run, Do::Cancel { by: BY, reason: String::new() }, &mut model)?;
    prop_assert!(next(&mut run, Do::Settle, &mut model)?);
    model.is_settled(now)?;
    prop_assert!(!is_cancelled || model.all_are_out(), "nobody comes to what is cancelled");
    for (index, (registration, payment, kept)) in (1..).zip(model.kept()) {
        let refund = |cents| {
            let refund = RefundId(Uuid::from_u128(1_000_000 + index));
            Do::ReportRefund(RefundReport { by: Teller::Provider, registration, payment, refund, amount: eur(cents) })
        };
        prop_assert!(!next(&mut run, refund(kept + 1), &mut model)?, "more than came in");
        prop_assert!(next(&mut run, refund(kept), &mut model)?);
    }
    prop_assert_eq!(model.sum(), 0);
    let Run::Scheduled(run) = run else { return Ok(()) };
    for (registration, entry) in run.registrations() {
        prop_assert_eq!((entry.kept(), entry.owed), (0, 0), "{}", registration);
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_run_has_no_more_than_its_places_and_none_is_idle_while_somebody_waits(
        capacity in 1..8_u32,
        admission in select(ADMISSIONS.to_vec()),
        all in vec(asked(), 0..60),
    ) {
        holds(&plan(capacity, admission), &all)?;
    }
}
