//! A run's life against a model that knows of it by its events alone.

mod asked;
mod claim;
mod model;

use domain::{
    Decider,
    booking::{
        Admission, BookingRejection as Rejection, Plan, RefundStep, Ticket, Tier,
        run::{By, RefundReport, Run, RunCommand as Do, RunEvent as Did, Teller},
        tax::{Rounding, Taxation},
    },
    given,
    kernel::{AccountId, Minutes, RefundId, Timestamp},
};
use proptest::{collection::vec, prelude::*, sample::select};
use test_runs::{eur, ticket};
use uuid::Uuid;

use self::{
    asked::{Asked, What, asked, asked_of_two, command},
    claim::Claim,
    model::Model,
};
use super::{Checked, at, play};

const START: u32 = 6000;
const BY: By = By::Manager;
const ORGANISER: AccountId = AccountId(Uuid::from_u128(1));
const ADMISSIONS: [Admission; 3] =
    [Admission::Automatic, Admission::Approval { holds_place: true }, Admission::Approval { holds_place: false }];

fn plan(capacity: u32, admission: Admission) -> Plan {
    let early = Tier { until: None, first: Some(1), price: eur(2_500) };
    let paid = Ticket { quota: Some(3), tiers: vec![early], ..ticket("paid", 10_000) };
    Plan {
        ends_at: at((START + 60) * 60),
        capacity,
        taxation: Taxation { rate: 1900, rounding: Rounding::SumByNet },
        admission,
        offer: Minutes(120),
        refunds: vec![RefundStep { before: Minutes(3000), share: 5_000 }],
        group: 3,
        ..test_runs::plan(at(START * 60), vec![ticket("free", 0), paid])
    }
}

fn holds(plan: &Plan, all: &[Asked]) -> Checked {
    let schedule = Do::Schedule { organiser: ORGANISER, series: None, plan: Box::new(plan.clone()) };
    let mut minute = 0;
    let mut commands = vec![(schedule, at(0)), (Do::Publish { by: BY }, at(0))];
    for (index, asked) in all.iter().enumerate() {
        minute += asked.after;
        commands.push((command(all, index, plan), at(minute * 60)));
    }
    let whats = [None, None].into_iter().chain(all.iter().map(|asked| Some(asked.what)));
    let claims: Vec<_> = commands.iter().map(|(command, now)| (Claim::of(command), *now)).collect();
    let mut model = Model::default();
    let mut history: Vec<Did> = vec![];
    for (decided, (what, (claim, now))) in play::<Run>(commands).into_iter().zip(whats.zip(claims)) {
        lets(&model, &claim, &decided)?;
        let Ok(events) = decided else { continue };
        allows(&model, what, &claim, &events)?;
        for event in &events {
            model.take(event, now)?;
        }
        model.is_settled(now)?;
        history.extend(events);
    }
    ends_with_nothing(given(history), model, at(minute * 60))
}

/// Whoever may not ask for something is refused, as if there were none; nobody else is told so. What is refused changes nothing: it has
/// no events.
fn lets(model: &Model, claim: &Claim, decided: &Result<Vec<Did>, Rejection>) -> Checked {
    let is_told_of_none = match claim {
        Claim::Nothing => return Ok(()),
        Claim::Run(_) => *decided == Err(Rejection::NotFound),
        Claim::Registration(..) => *decided == Err(Rejection::RegistrationNotFound),
    };
    prop_assert_eq!(is_told_of_none, !model.lets(claim), "{:?}: {:?}", claim, decided);
    Ok(())
}

/// Some things are asked for where they mean something alone.
fn allows(model: &Model, what: Option<What>, claim: &Claim, events: &[Did]) -> Checked {
    match (what, claim.registration()) {
        (Some(What::LeaveWaitlist), Some(registration)) => model.gives_up_no_place(registration),
        (Some(What::OpenPayment), Some(registration)) => model.opens_what_is_due(registration, events),
        _ => Ok(()),
    }
}

/// Once it is called off, and all that came in went back, there is nothing left.
fn ends_with_nothing(mut run: Run, mut model: Model, now: Timestamp) -> Checked {
    let next = |run: &mut Run, command: Do, model: &mut Model| -> Result<bool, TestCaseError> {
        let Ok(events) = run.decide(command, now) else { return Ok(false) };
        for event in &events {
            run.evolve(event);
            model.take(event, now)?;
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
            // What is recorded by hand is never one that was recorded before.
            Do::ReportRefund(RefundReport { by: Teller::Staff(BY), registration, payment, refund, amount: eur(cents) })
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

    #[test]
    fn money_adds_up_however_often_it_is_told_recorded_and_taken_back(admission in select(ADMISSIONS.to_vec()), all in asked_of_two()) {
        holds(&plan(2, admission), &all)?;
    }
}
