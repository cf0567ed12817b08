use super::*;

fn approves(n: u128) -> RunCommand {
    RunCommand::Approve { by: BY, registration: reg(n) }
}

fn rejects(n: u128) -> RunCommand {
    RunCommand::Reject { by: BY, registration: reg(n), reason: "too few tables".to_owned() }
}

fn withdraws_approval(n: u128) -> RunCommand {
    RunCommand::WithdrawApproval { by: BY, registration: reg(n) }
}

fn reinstates(n: u128) -> RunCommand {
    RunCommand::Reinstate { by: BY, registration: reg(n) }
}

#[test]
fn a_place_is_held_while_approval_is_pending_if_the_run_says_so() {
    let mut story = Story::published(approval(true));
    let events = story.takes(comes(1, "free"));
    assert_eq!(events[1], RunEvent::ApprovalAwaited { registration: reg(1), holds_place: true, left: 1, waiting: 0 });
    story.takes(comes(2, "free"));
    story.takes(comes(3, "free"));
    assert_eq!(story.stages(1..=3), ["pending approval", "pending approval", "waitlisted"]);
    assert_eq!(story.told(approves(1)), ["RegistrationApproved 1", "RegistrationConfirmed 1"]);
    assert!(story.told(approves(1)).is_empty(), "it is already");
}

#[test]
fn no_place_is_held_if_it_says_not() {
    let mut story = Story::with(approval(false), 1..=3);
    assert_eq!(story.scheduled().left(), 2);
    for n in [3, 1] {
        assert_eq!(story.told(approves(n))[1], format!("RegistrationConfirmed {n}"));
    }
    assert_eq!(story.told(approves(2)), ["RegistrationApproved 2", "RegistrationWaitlisted 2"]);
    assert_eq!(story.told(withdraws(1)), ["RegistrationWithdrawn 1", "PlaceOffered 2"]);
    assert_eq!(story.told(accepts(2)), ["RegistrationConfirmed 2"], "approved is approved");
    let mut without = Story::with(Plan { waitlist: false, ..approval(false) }, 1..=3);
    without.takes(approves(1));
    without.takes(approves(2));
    assert_eq!(without.refuses(approves(3)), Rejection::Full);
}

#[test]
fn who_is_approved_pays() {
    let mut story = Story::published(approval(true));
    story.takes(comes(1, "paid"));
    assert_eq!(story.told(approves(1)), ["RegistrationApproved 1", "PaymentAwaited 1"]);
    assert_eq!(story.told(pays(1, 10_000)), ["PaymentReported 1", "RegistrationConfirmed 1"]);
}

#[test]
fn once_the_run_has_begun_who_has_a_place_is_approved_and_nobody_who_would_have_to_pay_or_wait_for_it() {
    let mut pays_late = Story::published(approval(true));
    pays_late.takes(comes(1, "paid"));
    pays_late.takes(comes(2, "free"));
    assert_eq!(pays_late.at(START).refuses(approves(1)), Rejection::NotOpen);
    assert_eq!((pays_late.stage(1), pays_late.entry(1).approved), ("pending approval", false), "nothing has become of it");
    assert_eq!(pays_late.told(approves(2)), ["RegistrationApproved 2", "RegistrationConfirmed 2"]);
    assert_eq!(pays_late.told(pays(1, 10_000)), ["PaymentReported 1"]);
    assert_eq!(pays_late.told(approves(1)), ["RegistrationApproved 1", "RegistrationConfirmed 1"], "at the door, they have paid");
    let mut waits = Story::with(Plan { capacity: 1, ..approval(false) }, [1, 2]);
    assert_eq!(waits.at(START).told(approves(2)), ["RegistrationApproved 2", "RegistrationConfirmed 2"]);
    assert_eq!(waits.refuses(approves(1)), Rejection::NotOpen);
    assert_eq!(waits.stage(1), "pending approval");
    let later =
        RunCommand::Reschedule { by: BY, starts_at: at(START + DAY), ends_at: at(START + 2 * DAY), closes_at: None, time_zone: None };
    waits.takes(later);
    assert_eq!(waits.told(approves(1)), ["RegistrationApproved 1", "RegistrationWaitlisted 1"]);
}

#[test]
fn a_rejected_place_goes_to_who_waits_and_a_rejection_is_taken_back() {
    let mut story = Story::with(approval(true), 1..=3);
    let events = story.takes(rejects(1));
    let reason = "too few tables".to_owned();
    assert_eq!(events[0], RunEvent::RegistrationRejected { registration: reg(1), reason, left: 1, waiting: 1 });
    assert!(matches!(events[1], RunEvent::PlaceOffered { registration, .. } if registration == reg(3)));
    assert!(story.takes(rejects(1)).is_empty());
    assert_eq!(story.refuses(approves(1)), Rejection::WrongStage { stage: "rejected".to_owned() });
    assert_eq!(story.told(reinstates(1)), ["RegistrationReinstated 1", "RegistrationWaitlisted 1"]);
    assert_eq!(story.refuses(reinstates(1)), Rejection::WrongStage { stage: "waitlisted".to_owned() });
    let long = RunCommand::Reject { by: BY, registration: reg(2), reason: "x".repeat(501) };
    assert_eq!(story.refuses(long), flawed("reason", "500 characters at most"));
}

#[test]
fn who_waits_may_be_approved_ahead_or_not_be_and_is_asked_for_after_the_offer() {
    let mut story = Story::with(approval(true), 1..=4);
    story.takes(approves(3));
    story.takes(rejects(1));
    story.takes(rejects(2));
    assert_eq!(story.told(accepts(3)), ["RegistrationConfirmed 3"]);
    assert_eq!(story.told(accepts(4)), ["ApprovalAwaited 4"]);
}

#[test]
fn an_approval_is_taken_back_while_nobody_has_paid() {
    let mut story = Story::with(approval(true), [1]);
    story.takes(comes(2, "paid"));
    assert_eq!(story.refuses(withdraws_approval(1)), Rejection::WrongStage { stage: "pending approval".to_owned() });
    for n in [1, 2] {
        story.takes(approves(n));
        assert_eq!(story.told(withdraws_approval(n)), [format!("ApprovalWithdrawn {n}"), format!("ApprovalAwaited {n}")]);
        story.takes(approves(n));
    }
    story.takes(pays(2, 10_000));
    assert_eq!(story.refuses(withdraws_approval(2)), Rejection::WrongStage { stage: "confirmed".to_owned() });
}

#[test]
fn who_is_no_longer_approved_keeps_their_turn_or_waits_for_approval_without_a_place() {
    let mut holds = Story::with(approval(true), 1..=3);
    holds.takes(approves(3));
    assert_eq!(holds.told(withdraws_approval(3)), ["ApprovalWithdrawn 3"]);
    assert_eq!(holds.stage(3), "waitlisted");
    let mut holds_none = Story::with(approval(false), 1..=3);
    for n in 1..=3 {
        holds_none.takes(approves(n));
    }
    assert_eq!(holds_none.told(withdraws_approval(3)), ["ApprovalWithdrawn 3", "ApprovalAwaited 3"]);
    assert_eq!((holds_none.stage(3), holds_none.scheduled().waiting()), ("pending approval", 0));
    // A place that is given up by it goes on.
    holds_none.takes(approves(3));
    assert_eq!(holds_none.told(withdraws_approval(1)), ["ApprovalWithdrawn 1", "ApprovalAwaited 1", "PlaceOffered 3"]);
}

#[test]
fn an_offer_goes_on_from_who_is_no_longer_approved_unless_the_run_holds_a_place() {
    let mut holds_none = Story::with(Plan { capacity: 1, ..approval(false) }, 1..=3);
    for n in 1..=3 {
        holds_none.takes(approves(n));
    }
    holds_none.takes(withdraws(1));
    let expected = ["ApprovalWithdrawn 2", "ApprovalAwaited 2", "PlaceOffered 3"];
    assert_eq!(holds_none.told(withdraws_approval(2)), expected);
    assert_eq!(holds_none.stages([2, 3]), ["pending approval", "offered"]);
    let mut holds = Story::with(Plan { capacity: 1, ..approval(true) }, [1, 2]);
    holds.takes(approves(2));
    holds.takes(withdraws(1));
    assert_eq!(holds.told(withdraws_approval(2)), ["ApprovalWithdrawn 2"]);
    assert_eq!(holds.told(accepts(2)), ["ApprovalAwaited 2"]);
}

#[test]
fn there_is_nothing_to_approve_where_everybody_gets_in() {
    let mut story = Story::with(plan(), 1..=3);
    for n in [1, 3] {
        assert!(matches!(story.refuses(approves(n)), Rejection::WrongStage { .. }), "{n}");
    }
    assert_eq!(story.refuses(approves(9)), Rejection::RegistrationNotFound);
    story.takes(withdraws(3));
}
