//! A payment that was recorded by hand is taken back.

use super::*;

fn paid() -> Story {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(records(1, 10_000));
    story
}

fn sums(story: &Story, n: u128) -> (i64, i64, i64) {
    let entry = story.entry(n);
    (entry.kept(), entry.owed, entry.due())
}

#[test]
fn who_was_confirmed_by_it_has_to_pay_and_keeps_the_place_meanwhile() {
    let mut story = paid();
    let reason = "another's transfer".to_owned();
    let undoes = RunCommand::UndoPayment { by: BY, registration: reg(1), payment: payment(1), reason: format!(" {reason} ") };
    let (registration, payment, amount, nothing) = (reg(1), payment(1), eur(10_000), eur(0));
    let undone = RunEvent::PaymentUndone { registration, payment, amount, reason, kept: nothing, owed: nothing };
    let awaited = RunEvent::PaymentAwaited { registration, due: amount, until: at(60), left: 1 };
    assert_eq!(story.takes(undoes), [undone, awaited]);
    assert_eq!((story.stage(1), sums(&story, 1)), ("awaiting payment", (0, 0, 10_000)));
    assert_eq!(story.entry(1).payments[&payment].state(), PaymentState::Undone);
    assert_eq!(story.told(records(1, 10_000)), ["PaymentReported 1", "RegistrationConfirmed 1"], "it has come in after all");
    story.takes(undoes_payment(1, 1));
    assert_eq!(story.at(60).told(RunCommand::Settle), ["RegistrationExpired 1"]);
}

#[test]
fn what_is_taken_back_was_recorded_by_hand_once_and_nothing_of_it_went_back() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    assert_eq!(story.refuses(undoes_payment(1, 1)), Rejection::PaymentNotFound);
    story.takes(report(1, 1, PaymentStatus::Failed, 10_000));
    assert_eq!(story.refuses(undoes_payment(1, 1)), Rejection::PaymentNotFound);
    story.takes(pays(1, 10_000));
    let refused = story.refuses(undoes_payment(1, 1));
    assert_eq!(refused, Rejection::PaymentByProvider);
    assert!(refused.to_string().contains("not known to be recorded by hand"), "as of what an older build recorded: {refused}");
    assert_eq!(story.refuses(undoes_payment(2, 1)), Rejection::RegistrationNotFound);
    let by = By::Organiser(account(1));
    let not_theirs = RunCommand::UndoPayment { by, registration: reg(1), payment: payment(1), reason: String::new() };
    assert_eq!(story.refuses(not_theirs), Rejection::RegistrationNotFound);

    let mut story = paid();
    let (by, amount) = (Teller::Staff(BY), eur(1));
    let part = RefundReport { by, registration: reg(1), payment: payment(1), refund: refund(1), amount };
    let long = RunCommand::UndoPayment { by: BY, registration: reg(1), payment: payment(1), reason: "a".repeat(501) };
    assert_eq!(story.refuses(long), flawed("reason", "500 characters at most"));
    story.takes(RunCommand::ReportRefund(part));
    assert_eq!(story.refuses(undoes_payment(1, 1)), Rejection::PaymentRefunded);

    let mut story = paid();
    story.takes(undoes_payment(1, 1));
    assert_eq!(story.refuses(undoes_payment(1, 1)), Rejection::PaymentUndone);
    assert_eq!(story.refuses(RunCommand::ReportRefund(part)), Rejection::PaymentNotFound, "nothing came in");
}

#[test]
fn what_whoever_moves_money_says_as_well_is_not_taken_back() {
    let mut story = paid();
    assert_eq!(story.told(pays(1, 10_000)), ["PaymentVouchedFor 1"]);
    assert!(story.told(pays(1, 10_000)).is_empty() && story.told(records(1, 10_000)).is_empty());
    assert_eq!(story.refuses(undoes_payment(1, 1)), Rejection::PaymentByProvider);
    let mut story = paid();
    story.takes(undoes_payment(1, 1));
    for status in [PaymentStatus::Pending, PaymentStatus::Unknown, PaymentStatus::Failed] {
        assert!(story.takes(report(1, 1, status, 10_000)).is_empty(), "{status:?} says nothing of what came later");
    }
    assert_eq!(story.told(pays(1, 10_000)), ["PaymentReported 1", "RegistrationConfirmed 1"], "what came in is never denied");
    assert_eq!(story.refuses(undoes_payment(1, 1)), Rejection::PaymentByProvider);
}

#[test]
fn what_was_to_be_given_back_because_of_it_is_not() {
    let mut story = paid();
    story.takes(recorded(1, 2, 10_000));
    assert_eq!(sums(&story, 1), (20_000, 10_000, 0));
    assert_eq!(story.told(undoes_payment(1, 1)), ["PaymentUndone 1"], "the other pays for the place");
    assert_eq!((story.stage(1), sums(&story, 1)), ("confirmed", (10_000, 0, 0)));

    for ends in [withdraws(1), RunCommand::Cancel { by: BY, reason: String::new() }] {
        let mut story = paid();
        story.takes(ends);
        assert_eq!(story.entry(1).owed, 10_000);
        let stage = story.stage(1);
        assert_eq!(story.told(undoes_payment(1, 1)), ["PaymentUndone 1"]);
        assert_eq!((story.stage(1), story.entry(1).kept(), story.entry(1).owed), (stage, 0, 0));
    }
}

#[test]
fn who_had_paid_and_was_given_some_of_it_back_keeps_the_place() {
    let mut story = Story::published(plan());
    for command in [comes(1, "paid"), pays(1, 10_000), refunds(1, 2_000)] {
        story.takes(command);
    }
    story.takes(recorded(1, 2, 10_000));
    assert_eq!(sums(&story, 1), (18_000, 8_000, 0));
    assert_eq!(story.told(undoes_payment(1, 2)), ["PaymentUndone 1"], "it was another's, and nothing is missing without it");
    assert_eq!((story.stage(1), sums(&story, 1)), ("confirmed", (8_000, 0, 0)));
    // What went back since is forgiven once, however it goes on.
    story.takes(recorded(1, 3, 10_000));
    story.takes(refunds(2, 8_000));
    assert_eq!(sums(&story, 1), (10_000, 0, 0));
    assert_eq!(story.told(undoes_payment(1, 3)), ["PaymentUndone 1", "PaymentAwaited 1"]);
    assert_eq!((story.stage(1), sums(&story, 1)), ("awaiting payment", (0, 0, 8_000)));
}

#[test]
fn a_part_of_what_is_due_is_due_again_in_the_time_there_was() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(recorded(1, 1, 4_000));
    assert_eq!(story.at(30).told(undoes_payment(1, 1)), ["PaymentUndone 1"]);
    assert_eq!((story.entry(1).stage.until(), sums(&story, 1)), (Some(at(60)), (0, 0, 10_000)));
}

#[test]
fn once_the_run_has_begun_nobody_loses_a_place_and_what_is_due_stays_due() {
    let checks_in = || RunCommand::CheckIn { by: BY, registration: reg(1) };
    let mut story = paid();
    story.at(START - DAY).takes(checks_in());
    assert_eq!(story.refuses(undoes_payment(1, 1)), Rejection::WrongStage { stage: "attended".to_owned() });
    assert_eq!(story.at(START).told(undoes_payment(1, 1)), ["PaymentUndone 1"]);
    assert_eq!((story.stage(1), sums(&story, 1)), ("attended", (0, 0, 10_000)));
    let mut story = paid();
    assert_eq!(story.at(START).told(undoes_payment(1, 1)), ["PaymentUndone 1"]);
    assert_eq!((story.stage(1), sums(&story, 1)), ("confirmed", (0, 0, 10_000)));
    assert_eq!(story.entry(1).payable(), 10_000, "whoever looks sees it");
    let opens = RunCommand::OpenPayment { by: Caller::Account(account(1)), registration: reg(1), payment: payment(2) };
    assert_eq!(story.refuses(opens), Rejection::NothingDue, "and pays to who runs the run");
    story.takes(checks_in());
    assert_eq!(story.entry(1).payable(), 10_000);
    story.at(START + DAY).takes(RunCommand::Complete { by: BY });
    assert_eq!(story.told(recorded(1, 2, 10_000)), ["PaymentReported 1"]);
    assert_eq!(sums(&story, 1), (10_000, 0, 0));
    story.takes(undoes_payment(1, 2));
    assert_eq!((story.stage(1), sums(&story, 1)), ("attended", (0, 0, 10_000)));
}

#[test]
fn what_went_back_before_who_withdrew_was_reinstated_pays_for_nothing() {
    let mut story = Story::published(plan());
    for command in [comes(1, "paid"), pays(1, 10_000), withdraws(1), refunds(1, 10_000)] {
        story.takes(command);
    }
    story.takes(RunCommand::Reinstate { by: BY, registration: reg(1) });
    story.takes(recorded(1, 2, 10_000));
    assert_eq!((story.stage(1), story.entry(1).payable()), ("confirmed", 0));
    story.at(START).takes(undoes_payment(1, 2));
    assert_eq!((story.stage(1), story.entry(1).payable()), ("confirmed", 10_000));
}

#[test]
fn the_place_is_held_so_that_nobody_else_gets_it() {
    let mut story = Story::published(Plan { capacity: 1, ..plan() });
    story.takes(comes(1, "paid"));
    story.takes(records(1, 10_000));
    story.takes(comes(2, "free"));
    assert_eq!(story.told(undoes_payment(1, 1)), ["PaymentUndone 1", "PaymentAwaited 1"]);
    assert_eq!(story.stages([1, 2]), ["awaiting payment", "waitlisted"]);
    assert_eq!(story.at(60).told(RunCommand::Settle), ["RegistrationExpired 1", "PlaceOffered 2"]);
}
