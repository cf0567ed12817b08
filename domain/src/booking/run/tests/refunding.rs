use super::*;

fn paid() -> Story {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(pays(1, 10_000));
    story
}

fn state(story: &Story) -> PaymentState {
    story.entry(1).payments[&payment(1)].state()
}

#[test]
fn money_goes_back_in_part_and_as_a_whole() {
    let mut story = paid();
    story.takes(withdraws(1));
    assert_eq!((story.entry(1).owed, state(&story)), (10_000, PaymentState::Succeeded));
    let (registration, payment) = (reg(1), payment(1));
    let (refund, amount, left) = (refund(1), eur(4_000), eur(6_000));
    let part = RunEvent::RefundRecorded { registration, payment, refund, amount, kept: left, owed: left, by_hand: true };
    assert_eq!(story.takes(refunds(1, 4_000)), [part]);
    assert_eq!(state(&story), PaymentState::PartlyRefunded);
    story.takes(refunds(2, 6_000));
    assert_eq!((state(&story), story.entry(1).kept(), story.entry(1).owed), (PaymentState::Refunded, 0, 0));
}

#[test]
fn a_refund_is_recorded_once() {
    let mut story = paid();
    story.takes(refunds(1, 4_000));
    assert!((0..100).all(|_| story.takes(refunds(1, 4_000)).is_empty()));
    assert_eq!(story.refuses(refunds(1, 5_000)), Rejection::PaymentDiffers);
}

#[test]
fn no_more_goes_back_than_came_in() {
    let mut story = paid();
    assert_eq!(story.refuses(refunds(1, 10_001)), Rejection::RefundTooLarge { most: eur(10_000) });
    story.takes(refunds(1, 9_000));
    assert_eq!(story.refuses(refunds(2, 1_001)), Rejection::RefundTooLarge { most: eur(1_000) });
    assert!(matches!(story.refuses(refunds(2, -1)), Rejection::Flawed(_)));
}

#[test]
fn what_did_not_come_in_does_not_go_back() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    assert_eq!(story.refuses(refunds(1, 1)), Rejection::PaymentNotFound);
    story.takes(report(1, 1, PaymentStatus::Unknown, 10_000));
    assert_eq!(story.refuses(refunds(1, 1)), Rejection::PaymentNotFound);
    assert_eq!(state(&story), PaymentState::Unknown);
}

#[test]
fn a_refund_that_nobody_owed_changes_no_place() {
    let mut story = paid();
    story.takes(refunds(1, 2_500));
    assert_eq!((story.stage(1), story.entry(1).owed), ("confirmed", 0));
    assert_eq!(story.entry(1).payable(), 0, "it is not asked for again");
    let opens = RunCommand::OpenPayment { by: Caller::Account(account(1)), registration: reg(1), payment: payment(2) };
    assert_eq!(story.refuses(opens), Rejection::NothingDue);
    assert_eq!(story.entry(1).due(), 0);
}

#[test]
fn what_went_back_before_the_place_was_paid_for_is_due() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(pays(1, 4_000));
    story.takes(refunds(1, 4_000));
    assert_eq!((story.stage(1), story.entry(1).due()), ("awaiting payment", 10_000));
    // Who pays while they wait in line pays ahead, and has nothing yet.
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, [2]);
    for command in [comes(1, "paid"), pays(1, 10_000), refunds(1, 10_000), withdraws(2)] {
        story.takes(command);
    }
    assert_eq!((story.stage(1), story.entry(1).due()), ("offered", 10_000));
    assert_eq!(story.told(accepts(1)), ["PaymentAwaited 1"]);
}

#[test]
fn what_went_back_of_who_had_paid_is_not_asked_of_who_comes_instead() {
    let approve = || RunCommand::Approve { by: BY, registration: reg(1) };
    let mut story = Story::published(approval(true));
    for command in [comes(1, "paid"), approve(), pays(1, 10_000), refunds(1, 2_000)] {
        story.takes(command);
    }
    let by = Caller::Account(account(1));
    story.takes(RunCommand::Transfer { by, registration: reg(1), to: Box::new(applicant(2)) });
    assert_eq!(story.stage(1), "pending approval");
    assert_eq!(story.told(approve()), ["RegistrationApproved 1", "RegistrationConfirmed 1"]);
    // Where nothing is kept, and the organiser decides anew, it is to be paid for as by anybody.
    story.takes(refunds(2, 8_000));
    assert_eq!((story.stage(1), story.entry(1).due()), ("confirmed", 0));
    story.takes(RunCommand::WithdrawApproval { by: BY, registration: reg(1) });
    assert_eq!(story.told(approve()), ["RegistrationApproved 1", "PaymentAwaited 1"]);
    assert_eq!(story.entry(1).due(), 10_000);
}
