//! A refund that was recorded by hand is told by whoever moves money as well, or is taken back.

use super::*;

/// Who has paid, withdrawn, and is owed all of it.
fn owed() -> Story {
    let mut story = Story::published(plan());
    for command in [comes(1, "paid"), pays(1, 10_000), withdraws(1)] {
        story.takes(command);
    }
    story
}

/// What is kept, owed and due of the first.
fn sums(story: &Story) -> (i64, i64, i64) {
    let entry = story.entry(1);
    (entry.kept(), entry.owed, entry.due())
}

#[test]
fn what_was_recorded_by_hand_and_is_told_by_whoever_moves_money_went_back_once() {
    let mut story = owed();
    story.takes(refunds(1, 10_000));
    let (registration, payment) = (reg(1), payment(1));
    let vouched = RunEvent::RefundVouchedFor { registration, payment, refund: refund(1), told_as: refund(7) };
    assert_eq!(story.takes(tells_refund(7, 10_000)), [vouched]);
    assert!((0..100).all(|_| story.takes(tells_refund(7, 10_000)).is_empty()), "it is told again");
    assert_eq!((story.entry(1).kept(), story.entry(1).owed), (0, 0));
    assert_eq!(story.refuses(undoes_refund(1)), Rejection::RefundByProvider);
    assert_eq!(story.refuses(tells_refund(7, 9_000)), Rejection::PaymentDiffers);
    // By the same id as well.
    let mut story = owed();
    story.takes(refunds(1, 10_000));
    assert_eq!(story.told(tells_refund(1, 10_000)), ["RefundVouchedFor 1"]);
    assert!(story.told(tells_refund(1, 10_000)).is_empty() && story.told(refunds(1, 10_000)).is_empty());
}

#[test]
fn another_amount_and_what_was_told_before_are_other_money() {
    let mut story = owed();
    story.takes(refunds(1, 4_000));
    assert_eq!(story.told(tells_refund(7, 3_000)), ["RefundRecorded 1"]);
    assert_eq!(story.told(tells_refund(8, 3_000)), ["RefundRecorded 1"], "what was told is not told for another");
    assert_eq!(sums(&story).0, 0);
    // Two of the same amount are each told for.
    let mut story = owed();
    story.takes(refunds(1, 4_000));
    story.takes(refunds(2, 4_000));
    assert_eq!(story.told(tells_refund(7, 4_000)), ["RefundVouchedFor 1"]);
    assert_eq!(story.told(tells_refund(8, 4_000)), ["RefundVouchedFor 1"]);
    assert_eq!(story.refuses(tells_refund(9, 4_000)), Rejection::RefundTooLarge { most: eur(2_000) });
}

#[test]
fn what_was_settled_by_it_is_owed_again() {
    let mut story = owed();
    story.takes(refunds(1, 4_000));
    let reason = "the wrong person".to_owned();
    let undoes = RunCommand::UndoRefund { by: BY, registration: reg(1), refund: refund(1), reason: format!(" {reason} ") };
    let (registration, payment, refund, all) = (reg(1), payment(1), refund(1), eur(10_000));
    let (amount, forgiven) = (eur(4_000), eur(0));
    let undone = RunEvent::RefundUndone { registration, payment, refund, amount, reason, kept: all, owed: all, forgiven };
    assert_eq!(story.takes(undoes), [undone]);
    assert_eq!(story.entry(1).payments[&payment].state(), PaymentState::Succeeded);
    assert_eq!(story.told(refunds(1, 4_000)), ["RefundRecorded 1"], "it has gone back after all");
}

#[test]
fn what_is_taken_back_was_recorded_by_hand_once() {
    let mut story = owed();
    assert_eq!(story.refuses(undoes_refund(1)), Rejection::RefundNotFound);
    story.takes(tells_refund(1, 1_000));
    assert_eq!(story.refuses(undoes_refund(1)), Rejection::RefundByProvider);
    story.takes(refunds(2, 1_000));
    let not_theirs = By::Organiser(account(1));
    let by_another = RunCommand::UndoRefund { by: not_theirs, registration: reg(1), refund: refund(2), reason: String::new() };
    assert_eq!(story.refuses(by_another), Rejection::RegistrationNotFound);
    let long = RunCommand::UndoRefund { by: BY, registration: reg(1), refund: refund(2), reason: "a".repeat(501) };
    assert_eq!(story.refuses(long), flawed("reason", "500 characters at most"));
    story.takes(undoes_refund(2));
    assert_eq!(story.refuses(undoes_refund(2)), Rejection::RefundUndone);
    assert_eq!((story.entry(1).kept(), story.entry(1).owed), (9_000, 9_000));
    // It has gone back after all, as somebody records again, or tells.
    assert_eq!(story.told(refunds(2, 1_000)), ["RefundRecorded 1"]);
    story.takes(undoes_refund(2));
    assert_eq!(story.told(tells_refund(9, 1_000)), ["RefundRecorded 1"]);
    assert_eq!((story.entry(1).kept(), story.entry(1).owed), (8_000, 8_000));
}

#[test]
fn a_payment_of_which_all_that_went_back_was_taken_back_may_be_taken_back_too() {
    let mut story = Story::published(plan());
    for command in [comes(1, "paid"), records(1, 10_000), refunds(1, 2_000)] {
        story.takes(command);
    }
    assert_eq!(story.refuses(undoes_payment(1, 1)), Rejection::PaymentRefunded);
    story.takes(undoes_refund(1));
    assert_eq!(story.told(undoes_payment(1, 1)), ["PaymentUndone 1", "PaymentAwaited 1"]);
    assert_eq!(sums(&story), (0, 0, 10_000));
}

#[test]
fn what_was_not_asked_for_because_of_it_is_paid_for_by_what_is_kept() {
    let mut story = Story::published(plan());
    for command in [comes(1, "paid"), pays(1, 10_000), refunds(1, 2_500)] {
        story.takes(command);
    }
    assert_eq!(story.told(undoes_refund(1)), ["RefundUndone 1"]);
    assert_eq!((story.stage(1), sums(&story)), ("confirmed", (10_000, 0, 0)));
    // The refund of another that was forgiven stays so.
    story.takes(refunds(2, 1_000));
    story.takes(refunds(3, 2_000));
    story.takes(undoes_refund(3));
    assert_eq!((sums(&story), story.entry(1).forgiven), ((9_000, 0, 0), 1_000));
}

#[test]
fn who_is_decided_on_anew_is_asked_for_what_is_missing_and_for_no_more() {
    let mut story = Story::published(plan());
    for command in [comes(1, "paid"), pays(1, 10_000), refunds(1, 2_500), withdraws(1), refunds(2, 7_500)] {
        story.takes(command);
    }
    story.takes(RunCommand::Reinstate { by: BY, registration: reg(1) });
    assert_eq!((story.stage(1), sums(&story)), ("awaiting payment", (0, 0, 10_000)));
    assert_eq!(story.told(undoes_refund(1)), ["RefundUndone 1"]);
    assert_eq!(sums(&story), (2_500, 0, 7_500), "what was forgiven before is not any more");
}

#[test]
fn what_never_went_back_pays_for_the_place_that_is_held() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, [2]);
    for command in [comes(1, "paid"), pays(1, 10_000), refunds(1, 10_000), withdraws(2), accepts(1)] {
        story.takes(command);
    }
    assert_eq!((story.stage(1), sums(&story)), ("awaiting payment", (0, 0, 10_000)));
    assert_eq!(story.told(undoes_refund(1)), ["RefundUndone 1", "RegistrationConfirmed 1"]);
    assert_eq!(sums(&story), (10_000, 0, 0));
    // Who has paid once more meanwhile is owed what is too much.
    let mut story = Story::published(plan());
    for command in [comes(1, "paid"), pays(1, 4_000), refunds(1, 4_000), recorded(1, 2, 10_000)] {
        story.takes(command);
    }
    assert_eq!(story.told(undoes_refund(1)), ["RefundUndone 1", "RefundOwed 1"]);
    assert_eq!(sums(&story), (14_000, 4_000, 0));
}

#[test]
fn all_that_is_kept_of_who_lost_the_place_is_owed() {
    let reject = || RunCommand::CancelRegistration { by: BY, registration: reg(1), reason: String::new() };
    let mut story = Story::published(plan());
    for command in [comes(1, "paid"), pays(1, 10_000), refunds(1, 2_500), reject()] {
        story.takes(command);
    }
    assert_eq!(story.told(undoes_refund(1)), ["RefundUndone 1", "RefundOwed 1"]);
    assert_eq!((story.entry(1).kept(), story.entry(1).owed), (10_000, 10_000));
}

#[test]
fn it_comes_to_the_same_in_whatever_order_a_payment_and_a_refund_are_taken_back() {
    for order in [[undoes_payment(1, 2), undoes_refund(1)], [undoes_refund(1), undoes_payment(1, 2)]] {
        let mut story = Story::published(plan());
        for command in [comes(1, "paid"), records(1, 10_000), recorded(1, 2, 10_000), refunds(1, 10_000)] {
            story.takes(command);
        }
        assert_eq!(sums(&story), (10_000, 0, 0));
        for command in order {
            story.takes(command);
        }
        assert_eq!((story.stage(1), sums(&story)), ("confirmed", (10_000, 0, 0)), "what did come in pays for the place");
    }
}

#[test]
fn what_never_went_back_to_who_was_reinstated_pays_for_the_place() {
    let mut story = owed();
    for command in [refunds(1, 10_000), RunCommand::Reinstate { by: BY, registration: reg(1) }] {
        story.takes(command);
    }
    assert_eq!((story.stage(1), sums(&story)), ("awaiting payment", (0, 0, 10_000)));
    assert_eq!(story.told(undoes_refund(1)), ["RefundUndone 1", "RegistrationConfirmed 1"]);
    assert_eq!(sums(&story), (10_000, 0, 0));
}

#[test]
fn who_had_withdrawn_is_owed_as_much_of_it_as_of_the_rest() {
    let voluntary = |at: i64| {
        let mut story = Story::published(plan());
        for command in [comes(1, "paid"), pays(1, 10_000), refunds(1, 2_000)] {
            story.takes(command);
        }
        story.at(at).takes(withdraws(1));
        story.takes(undoes_refund(1));
        (story.entry(1).kept(), story.entry(1).owed)
    };
    // A week before the start all goes back, later half of it, and on the last day nothing.
    assert_eq!([voluntary(0), voluntary(START - 2 * DAY), voluntary(START - DAY / 2)], [(10_000, 10_000), (10_000, 5_000), (10_000, 0)]);
}
