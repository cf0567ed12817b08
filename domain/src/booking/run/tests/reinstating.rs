use super::*;

fn reinstates(n: u128) -> RunCommand {
    RunCommand::Reinstate { by: BY, registration: reg(n) }
}

fn rejects(n: u128) -> RunCommand {
    RunCommand::Reject { by: BY, registration: reg(n), reason: String::new() }
}

fn cancels(n: u128) -> RunCommand {
    RunCommand::CancelRegistration { by: BY, registration: reg(n), reason: String::new() }
}

/// What is told of who is reinstated.
fn reinstated(n: u128, becomes: &str) -> [String; 2] {
    [format!("RegistrationReinstated {n}"), format!("{becomes} {n}")]
}

/// One place, which somebody has, and another waits for.
fn full(plan: Plan, ticket: &str) -> Story {
    let mut story = Story::with(Plan { capacity: 1, ..plan }, [1]);
    story.takes(comes(2, ticket));
    story
}

#[test]
fn who_was_rejected_from_the_line_has_a_place_if_there_is_one_by_then() {
    for (ticket, becomes) in [("free", "RegistrationConfirmed"), ("paid", "PaymentAwaited")] {
        let mut story = full(plan(), ticket);
        story.takes(rejects(2));
        assert_eq!(story.told(withdraws(1)), ["RegistrationWithdrawn 1"], "they are not in line");
        assert_eq!(story.told(reinstates(2)), reinstated(2, becomes));
    }
}

#[test]
fn who_was_rejected_is_decided_on_again() {
    let mut story = Story::with(approval(true), [1]);
    story.takes(rejects(1));
    assert_eq!(story.told(reinstates(1)), reinstated(1, "ApprovalAwaited"));
    // Who was approved before is so still.
    let mut approved = full(approval(true), "free");
    for command in [RunCommand::Approve { by: BY, registration: reg(2) }, rejects(2), withdraws(1)] {
        approved.takes(command);
    }
    assert_eq!(approved.told(reinstates(2)), reinstated(2, "RegistrationConfirmed"));
}

#[test]
fn who_was_cancelled_is_decided_on_pays_or_waits() {
    let mut held = Story::with(approval(true), [1]);
    held.takes(cancels(1));
    assert_eq!(held.told(reinstates(1)), reinstated(1, "ApprovalAwaited"));
    let mut story = Story::published(Plan { capacity: 1, ..plan() });
    story.takes(comes(1, "paid"));
    story.takes(cancels(1));
    let events = story.at(10).takes(reinstates(1));
    assert_eq!(events[1], RunEvent::PaymentAwaited { registration: reg(1), due: eur(10_000), until: at(70), left: 0 });
    story.takes(cancels(1));
    story.takes(comes(2, "free"));
    assert_eq!(story.told(reinstates(1)), reinstated(1, "RegistrationWaitlisted"));
}

#[test]
fn what_is_on_its_way_back_pays_for_nothing() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(pays(1, 10_000));
    story.takes(cancels(1));
    assert_eq!(story.told(reinstates(1)), reinstated(1, "PaymentAwaited"));
    assert_eq!((story.entry(1).due(), story.entry(1).owed), (10_000, 10_000));
}

#[test]
fn what_went_back_is_paid_anew() {
    let mut story = Story::published(plan());
    for command in [comes(1, "paid"), pays(1, 10_000), refunds(1, 2_000), cancels(1), refunds(2, 8_000)] {
        story.takes(command);
    }
    assert_eq!(story.told(reinstates(1)), reinstated(1, "PaymentAwaited"));
    assert_eq!((story.entry(1).due(), story.entry(1).kept()), (10_000, 0));
}

#[test]
fn who_withdrew_pays_is_decided_on_or_waits() {
    let mut pays = Story::published(plan());
    pays.takes(comes(1, "paid"));
    pays.takes(withdraws(1));
    assert_eq!(pays.told(reinstates(1)), reinstated(1, "PaymentAwaited"));
    let mut held = Story::with(approval(true), [1]);
    held.takes(withdraws(1));
    assert_eq!(held.told(reinstates(1)), reinstated(1, "ApprovalAwaited"));
    let mut waits = full(plan(), "free");
    waits.takes(withdraws(2));
    assert_eq!(waits.told(reinstates(2)), reinstated(2, "RegistrationWaitlisted"));
}

#[test]
fn who_let_an_offer_lapse_has_the_place_or_is_decided_on() {
    for (plan, becomes) in [(plan(), "RegistrationConfirmed"), (approval(true), "ApprovalAwaited")] {
        let mut story = full(plan, "free");
        story.takes(withdraws(1));
        assert_eq!(story.at(2 * DAY).told(RunCommand::Settle), ["OfferLapsed 2"]);
        assert_eq!(story.told(reinstates(2)), reinstated(2, becomes));
    }
}

#[test]
fn whose_place_went_on_waits() {
    let mut story = Story::published(Plan { capacity: 1, ..plan() });
    story.takes(comes(1, "paid"));
    let told = story.at(60).told(comes(2, "free"));
    assert_eq!(told, ["RegistrationExpired 1", "RegistrationRequested 2", "RegistrationConfirmed 2"]);
    assert_eq!(story.told(reinstates(1)), reinstated(1, "RegistrationWaitlisted"));
}
