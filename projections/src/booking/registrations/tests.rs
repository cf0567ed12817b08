use domain::{
    Decider,
    booking::run::{PaymentStatus, RefundReason, Run, RunEvent},
    kernel::{AccountId, PaymentId, RefundId, RegistrationId, RunId},
};

use super::{Entity, Filter, Model, RegistrationState as State, Time, ahead, changed_since, last_changed, of_people, page, total};
use crate::{
    booking::{registration_days, run_tickets, run_totals},
    column::Word,
    fixtures::{
        Engine, World, catch_up, id, instant, recorded, rows,
        runs::{confirmed, eur, offered, plan, published, requested, waitlisted},
        second,
    },
    read_model::{MissingRow, ReadModel},
};

const FIRST: RegistrationId = RegistrationId(id(1001));

fn row_after(events: impl IntoIterator<Item = RunEvent>) -> Model {
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    rows(&Entity, &events).remove(0)
}

fn paid(payment: u128, status: PaymentStatus, kept: i64) -> RunEvent {
    let payment = PaymentId(id(payment));
    RunEvent::PaymentReported { registration: FIRST, payment, status, amount: eur(10_000), kept: eur(kept), by_hand: false }
}

/// The `number`th is to be paid for.
fn awaited(number: u128) -> RunEvent {
    RunEvent::PaymentAwaited { registration: RegistrationId(id(1000 + number)), due: eur(10_000), until: second(50), left: 9 }
}

#[test]
fn a_registration_is_where_its_last_event_leaves_it() {
    let awaited = awaited(1);
    let row = row_after([requested(1, 2), awaited.clone()]);
    assert_eq!((row.state, row.places, row.held_until), (Word(State::AwaitingPayment), 2, Some(second(50))));
    assert_eq!((row.account, row.number, row.ticket.as_str(), row.total), (Some(id(1)), 1, "standard", 20_000));
    let row =
        row_after([requested(1, 2), awaited, RunEvent::RegistrationExpired { registration: FIRST, from: None, left: 10, waiting: 0 }]);
    assert_eq!((row.state, row.places, row.held_until, row.due()), (Word(State::Expired), 0, None, 0));

    let came = [requested(1, 1), confirmed(1, 9), RunEvent::CheckedIn { registration: FIRST, at: second(7) }];
    let row = row_after(came.clone());
    assert_eq!((row.state, row.checked_in_at, row.places), (Word(State::Attended), Some(second(7)), 1));
    let undone = [came.to_vec(), vec![RunEvent::CheckInUndone { registration: FIRST }]].concat();
    let row = row_after(undone);
    assert_eq!((row.state, row.checked_in_at), (Word(State::Confirmed), None));

    let rejected = RunEvent::RegistrationRejected { registration: FIRST, reason: "Full.".into(), left: 10, waiting: 0 };
    let row = row_after([requested(1, 1), rejected]);
    assert_eq!((row.state, row.reason.as_deref()), (Word(State::Rejected), Some("Full.")));
    assert_eq!(Entity.fold(&FIRST.0, None, &recorded(1, id(1), confirmed(1, 9))), Err(MissingRow));
}

#[test]
fn who_may_still_come_has_a_live_registration_and_was_not_looked_for_at_the_door() {
    for state in State::ALL {
        let was_looked_for = matches!(state, State::Attended | State::NoShow);
        assert_eq!(state.is_to_come(), state.is_live() && !was_looked_for, "{state:?}");
    }
}

#[test]
fn money_is_what_was_told_of_it() {
    let (first, second_try) = (paid(1, PaymentStatus::Failed, 0), paid(2, PaymentStatus::Succeeded, 10_000));
    let before = [requested(1, 1), confirmed(1, 9), first, second_try];
    let row = row_after(before.clone());
    let statuses: Vec<_> = row.payments.iter().map(|payment| (payment.status, payment.amount)).collect();
    assert_eq!(statuses, [(PaymentStatus::Failed, 10_000), (PaymentStatus::Succeeded, 10_000)]);
    assert_eq!((row.kept, row.due(), row.owed), (10_000, 0, 0));

    let owed = RunEvent::RefundOwed { registration: FIRST, amount: eur(4000), reason: RefundReason::PaidTooMuch, owed: eur(4000) };
    let (payment, refund) = (PaymentId(id(2)), RefundId(id(3)));
    let back =
        RunEvent::RefundRecorded { registration: FIRST, payment, refund, amount: eur(4000), kept: eur(6000), owed: eur(0), by_hand: false };
    let row = row_after([before.to_vec(), vec![owed]].concat());
    assert_eq!((row.owed, row.owed_for), (4000, Some(Word(RefundReason::PaidTooMuch))));
    let row = row_after([before.to_vec(), vec![back]].concat());
    assert_eq!((row.kept, row.owed, row.payments[1].refunded()), (6000, 0, 4000));
    assert_eq!(row.due(), 0, "who has paid is not asked for what went back");
}

#[test]
fn what_is_due_is_what_somebody_is_asked_to_pay() {
    let held = RunEvent::ApprovalAwaited { registration: FIRST, holds_place: true, left: 9, waiting: 0 };
    for before in [held, waitlisted(1, 1), offered(1, 0)] {
        assert_eq!(row_after([requested(1, 1), before.clone()]).due(), 0, "{before:?}");
    }
    assert_eq!(row_after([requested(1, 1), awaited(1)]).due(), 10_000);
    assert_eq!(row_after([requested(1, 1), awaited(1), paid(2, PaymentStatus::Succeeded, 4000)]).due(), 6000);
}

#[test]
fn a_payment_that_is_taken_back_pays_for_nothing_and_says_why() {
    let payment = PaymentId(id(2));
    let by_hand = RunEvent::PaymentReported {
        registration: FIRST,
        payment,
        status: PaymentStatus::Succeeded,
        amount: eur(10_000),
        kept: eur(10_000),
        by_hand: true,
    };
    let before = [requested(1, 1), confirmed(1, 9), by_hand];
    assert!(row_after(before.clone()).payments[0].by_hand);
    let vouched = [before.to_vec(), vec![RunEvent::PaymentVouchedFor { registration: FIRST, payment }]].concat();
    assert!(!row_after(vouched).payments[0].by_hand);
    let (amount, reason) = (eur(10_000), "another's transfer".to_owned());
    let undone = RunEvent::PaymentUndone { registration: FIRST, payment, amount, reason, kept: eur(0), owed: eur(0) };
    let awaited = RunEvent::PaymentAwaited { registration: FIRST, due: eur(10_000), until: second(50), left: 9 };
    let row = row_after([before.to_vec(), vec![undone, awaited]].concat());
    assert_eq!((row.state, row.kept, row.owed, row.due()), (Word(State::AwaitingPayment), 0, 0, 10_000));
    let known = &row.payments[0];
    assert_eq!((known.status, known.undone_for.as_deref()), (PaymentStatus::Undone, Some("another's transfer")));
}

/// So much of a payment went back, with so much left.
fn refunded(payment: u128, amount: i64, kept: i64) -> RunEvent {
    let (payment, refund) = (PaymentId(id(payment)), RefundId(id(9)));
    RunEvent::RefundRecorded { registration: FIRST, payment, refund, amount: eur(amount), kept: eur(kept), owed: eur(0), by_hand: true }
}

fn undone(payment: u128, kept: i64) -> RunEvent {
    let (payment, reason) = (PaymentId(id(payment)), String::new());
    RunEvent::PaymentUndone { registration: FIRST, payment, amount: eur(10_000), reason, kept: eur(kept), owed: eur(0) }
}

#[test]
fn what_went_back_of_who_had_paid_is_not_asked_for_until_they_are_decided_on_anew() {
    let owes =
        |cents| RunEvent::RefundOwed { registration: FIRST, amount: eur(cents), reason: RefundReason::PaidTooMuch, owed: eur(cents) };
    let (succeeded, reinstated) = (PaymentStatus::Succeeded, RunEvent::RegistrationReinstated { registration: FIRST, number: 2 });
    let forgiven = [requested(1, 1), awaited(1), paid(2, succeeded, 10_000), confirmed(1, 9), refunded(2, 2000, 8000)];
    let due = |more: &[RunEvent]| row_after([&forgiven[..], more].concat()).due();
    assert_eq!(due(&[]), 0);
    assert_eq!(due(&[paid(3, succeeded, 18_000), owes(8000), undone(3, 8000)]), 0, "it was another's");
    assert_eq!(due(&[reinstated.clone(), awaited(1)]), 2000);
    let all = [refunded(2, 8000, 0), RunEvent::ApprovalWithdrawn { registration: FIRST }, awaited(1)];
    assert_eq!([due(&all[..1]), due(&all)], [0, 10_000]);

    // What was owed, or went back before it was paid for, is not forgiven.
    let left = [requested(1, 1), awaited(1), paid(2, succeeded, 10_000), owes(10_000), refunded(2, 10_000, 0), reinstated];
    let back = [awaited(1), paid(3, succeeded, 10_000), confirmed(1, 9)];
    assert_eq!(row_after([&left[..], &back].concat()).due(), 0);
    assert_eq!(row_after([&left[..], &back, &[undone(3, 0)]].concat()).due(), 10_000, "they have the place and have not paid");
    assert_eq!(row_after([requested(1, 1), awaited(1), paid(2, succeeded, 4000), refunded(2, 4000, 0)]).due(), 10_000);
    let ahead = [requested(1, 1), waitlisted(1, 1), paid(2, succeeded, 10_000), refunded(2, 10_000, 0), offered(1, 0), awaited(1)];
    assert_eq!(row_after(ahead).due(), 10_000);
}

/// A run that is full with one registration, and three that wait: the second by priority before the others.
async fn line(engine: Engine) -> (World, std::sync::Arc<crate::Projections>) {
    let world = World::on(engine).await;
    let first = RegistrationId(id(1003));
    let events = [
        published(&plan("Docker")),
        vec![requested(1, 1), confirmed(1, 0), requested(2, 1), waitlisted(2, 1), requested(3, 2), waitlisted(3, 2)],
        vec![requested(4, 1), waitlisted(4, 3), RunEvent::RegistrationPrioritised { registration: first, priority: 9 }],
    ];
    world.append(Run::STREAM, id(1), &events.concat()).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    (world, projections)
}

#[tokio::test]
async fn who_waits_is_told_how_many_are_before_them() {
    for engine in Engine::ALL {
        let (world, projections) = line(engine).await;
        let all: Vec<_> = (1001..=1004).map(|number| RegistrationId(id(number))).collect();
        let before = ahead(projections.db(), &all).await.expect("a query");
        let places: Vec<_> = all.iter().map(|registration| before.get(registration).copied()).collect();
        assert_eq!(places, [None, Some(1), Some(0), Some(2)], "{engine:?}");
        let only = ahead(projections.db(), &all[3..]).await.expect("a query");
        assert_eq!(only.into_iter().collect::<Vec<_>>(), [(all[3], 2)], "{engine:?}");
        assert!(ahead(projections.db(), &[]).await.expect("a query").is_empty());
        world.append(Run::STREAM, id(1), &[offered(3, 2)]).await;
        catch_up(&projections, world.head().await).await;
        assert_eq!(ahead(projections.db(), &all).await.expect("a query").get(&all[3]), Some(&1), "{engine:?}");
        projections.close().await;
    }
}

#[tokio::test]
async fn every_part_of_a_filter_restricts() {
    for engine in Engine::ALL {
        let (world, projections) = line(engine).await;
        let db = projections.db();
        let (early, late) = (instant("2026-05-01T00:00:00Z"), instant("2026-07-01T00:00:00Z"));
        let cases = [
            (Filter::default(), 4),
            (Filter { run: Some(RunId(id(1))), ..Filter::default() }, 4),
            (Filter { run: Some(RunId(id(2))), ..Filter::default() }, 0),
            (Filter { account: Some(AccountId(id(3))), ..Filter::default() }, 1),
            (Filter { states: vec![State::Confirmed, State::Waitlisted], ..Filter::default() }, 4),
            (Filter { states: vec![State::Waitlisted], ..Filter::default() }, 3),
            (Filter { ticket: Some("vip".into()), ..Filter::default() }, 0),
            (Filter { owed: Some(true), ..Filter::default() }, 0),
            (Filter { owed: Some(false), ..Filter::default() }, 4),
            // The one who has a place that is not paid for, and nobody who waits.
            (Filter { due: true, ..Filter::default() }, 1),
            (Filter { time: Some(Time::UpcomingAt(early)), ..Filter::default() }, 4),
            (Filter { time: Some(Time::UpcomingAt(late)), ..Filter::default() }, 0),
            (Filter { time: Some(Time::PastAt(late)), ..Filter::default() }, 4),
        ];
        for (filter, count) in cases {
            assert_eq!(total(db, &filter).await.expect("a count"), count, "{engine:?}: {filter:?}");
        }
        let first = page(db, &Filter::default(), None, 3).await.expect("a page");
        let last = page(db, &Filter::default(), first.rows.last().map(Model::after), 3).await.expect("a page");
        assert_eq!((first.rows.len(), first.more, last.rows.len(), last.more), (3, true, 1, false), "{engine:?}");
        let own = of_people(db, &[AccountId(id(3)), AccountId(id(99))], &[RunId(id(1))]).await.expect("rows");
        assert_eq!(own.iter().map(|row| row.registration).collect::<Vec<_>>(), [id(1003)], "{engine:?}");
        // What went back of who had paid is not to be paid.
        world.append(Run::STREAM, id(1), &[paid(2, PaymentStatus::Succeeded, 10_000), refunded(2, 4_000, 6_000)]).await;
        catch_up(&projections, world.head().await).await;
        assert_eq!(total(db, &Filter { due: true, ..Filter::default() }).await.expect("a count"), 0, "{engine:?}");
        projections.close().await;
    }
}

#[tokio::test]
async fn totals_are_of_each_run_and_of_all() {
    for engine in Engine::ALL {
        let (world, projections) = line(engine).await;
        let others = vec![requested(7, 3), confirmed(7, 7), requested(8, 1), awaited(8)];
        world.append(Run::STREAM, id(2), &[published(&plan("Rust")), others].concat()).await;
        catch_up(&projections, world.head().await).await;
        let counted = async |run| {
            let totals = run_totals::of(projections.db(), run).await.expect("totals");
            let mut counted: Vec<_> = totals.iter().map(|total| (total.state.0, total.registrations, total.seats, total.due)).collect();
            counted.sort_unstable();
            counted
        };
        assert_eq!(counted(Some(RunId(id(1)))).await, [(State::Confirmed, 1, 1, 10_000), (State::Waitlisted, 3, 4, 0)], "{engine:?}");
        let runs = [RunId(id(1)), RunId(id(2)), RunId(id(3))];
        let mut totals = run_totals::of_runs(projections.db(), &runs).await.expect("totals");
        totals.sort_unstable_by_key(|total| (total.run, total.state));
        let totals: Vec<_> = totals.iter().map(|total| (total.run, total.state.0, total.seats)).collect();
        let (first, second) = (id(1), id(2));
        let all = [(first, State::Confirmed, 1), (first, State::Waitlisted, 4), (second, State::AwaitingPayment, 1)];
        assert_eq!(totals, [&all[..], &[(second, State::Confirmed, 3)]].concat(), "{engine:?}");
        let mut taken: Vec<_> = run_tickets::of_runs(projections.db(), &runs).await.expect("tickets");
        taken.sort_unstable_by_key(|total| total.run);
        let taken: Vec<_> = taken.iter().map(|total| (total.run, total.ticket.as_str(), total.taken)).collect();
        assert_eq!(taken, [(id(1), "standard", 1), (id(2), "standard", 4)], "{engine:?}");
        let days = registration_days::last(projections.db(), 10).await.expect("days");
        let sum = |of: fn(&registration_days::Model) -> i64| days.iter().map(of).sum::<i64>();
        assert_eq!([sum(|day| day.registrations), sum(|day| day.seats), sum(|day| day.places)], [6, 9, 5], "{engine:?}: {days:?}");
        let all = [(State::AwaitingPayment, 1, 1, 10_000), (State::Confirmed, 2, 4, 40_000), (State::Waitlisted, 3, 4, 0)];
        assert_eq!(counted(None).await, all, "{engine:?}: what is due is due of who is asked to pay, or has a place that is not paid for");
        projections.close().await;
    }
}

#[tokio::test]
async fn what_changes_is_found_behind_what_has() {
    for engine in Engine::ALL {
        let (world, projections) = line(engine).await;
        let db = projections.db();
        let of_run = Filter { run: Some(RunId(id(1))), ..Filter::default() };
        let last = last_changed(db, &of_run, 2).await.expect("rows");
        assert_eq!(last.len(), 2, "{engine:?}");
        let since = last[1].updated_at;
        world.append(Run::STREAM, id(1), &[offered(3, 2)]).await;
        catch_up(&projections, world.head().await).await;
        let changed = changed_since(db, &of_run, since, 100).await.expect("rows");
        assert!(changed.is_sorted_by_key(|row| row.updated_at), "{engine:?}");
        let row = changed.last().expect("a row");
        assert_eq!((row.registration, row.state), (id(1003), Word(State::Offered)), "{engine:?}");
        let later = row.updated_at + chrono::TimeDelta::microseconds(1);
        assert!(changed_since(db, &of_run, later, 100).await.expect("rows").is_empty(), "{engine:?}");
        let nobodys = Filter { account: Some(AccountId(id(99))), ..Filter::default() };
        assert!(last_changed(db, &nobodys, 100).await.expect("rows").is_empty(), "{engine:?}");
        projections.close().await;
    }
}

#[test]
fn a_refund_that_was_taken_back_does_not_count_and_one_that_is_told_as_well_is_not_by_hand() {
    let before = [requested(1, 1), awaited(1), paid(2, PaymentStatus::Succeeded, 10_000), confirmed(1, 9), refunded(2, 2000, 8000)];
    let (payment, refund) = (PaymentId(id(2)), RefundId(id(9)));
    let recorded = row_after(before.clone());
    assert_eq!((recorded.refunded(), recorded.forgiven, recorded.payments[0].refunds[0].by_hand), (2000, 2000, true));
    let vouched = RunEvent::RefundVouchedFor { registration: FIRST, payment, refund, told_as: RefundId(id(10)) };
    let told = row_after([&before[..], &[vouched]].concat());
    assert_eq!((told.refunded(), told.payments[0].refunds[0].by_hand), (2000, false));
    let (amount, kept, none) = (eur(2000), eur(10_000), eur(0));
    let undone = RunEvent::RefundUndone {
        registration: FIRST,
        payment,
        refund,
        amount,
        reason: "another's".into(),
        kept,
        owed: none,
        forgiven: none,
    };
    let row = row_after([&before[..], &[undone]].concat());
    assert_eq!((row.kept, row.owed, row.forgiven, row.due(), row.refunded()), (10_000, 0, 0, 0, 0));
    let known = &row.payments[0].refunds[0];
    assert_eq!((known.is_undone, known.undone_for.as_deref()), (true, Some("another's")));
}
