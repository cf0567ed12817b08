use super::*;
use crate::booking::Invitation;

fn invites(n: u128) -> RunCommand {
    let invitation = Invitation { address: address(n), registration: reg(n), ticket: None, priority: 0, until: None };
    RunCommand::Invite { by: BY, invitation }
}

fn guest(n: u128, ticket: &str) -> RunCommand {
    let mut application = application(n, ticket);
    (application.applicant.person.account, application.applicant.plan) = (None, None);
    RunCommand::Request(Box::new(application))
}

/// Who has a registration is erased, because they ask for it, or since the run was over by then.
fn forgets_by(n: u128, over_by: Option<i64>) -> RunCommand {
    RunCommand::Forget { registration: reg(n), address: Some(address(n)), has_it: true, over_by: over_by.map(at) }
}

fn forgets(n: u128) -> RunCommand {
    forgets_by(n, None)
}

/// A run for which these were invited, and have registered.
fn guests(ticket: &str, people: impl IntoIterator<Item = u128>) -> Story {
    let mut story = Story::published(Plan { capacity: 1, ..plan() });
    for n in people {
        story.takes(invites(n));
        story.takes(guest(n, ticket));
    }
    story
}

#[test]
fn who_is_erased_gives_up_what_they_have_to_who_waits_and_is_not_invited_any_more() {
    let mut story = guests("free", [1, 2]);
    assert_eq!(story.told(forgets(1)), ["RegistrationWithdrawn 1", "InvitationWithdrawn", "PlaceOffered 2"]);
    assert!(story.takes(forgets(1)).is_empty(), "once is once");
    assert_eq!(story.told(forgets(2)), ["RegistrationWithdrawn 2", "InvitationWithdrawn"]);
    assert_eq!(story.refuses(guest(1, "free")), Rejection::WrongStage { stage: "withdrawn".to_owned() });
    let mut draft = Story::drafted(plan());
    draft.takes(invites(3));
    assert_eq!(draft.told(forgets(3)), ["InvitationWithdrawn"], "who never registered, too");
    draft.takes(invites(4));
    let later = Invitation { address: address(4), registration: reg(5), ticket: None, priority: 0, until: None };
    draft.takes(RunCommand::Invite { by: BY, invitation: later });
    assert!(draft.takes(forgets(4)).is_empty(), "another invitation is another's");
}

#[test]
fn nobody_is_erased_while_money_is_to_be_given_back_to_them_or_would_be() {
    let mut story = guests("paid", [1]);
    story.takes(pays(1, 10_000));
    assert_eq!(story.at(START - 7 * DAY + 1).refuses(forgets(1)), Rejection::MoneyOwed { owed: eur(5_000) });
    story.takes(RunCommand::Withdraw { by: Caller::Guest(address(1)), registration: reg(1) });
    assert_eq!(story.refuses(forgets(1)), Rejection::MoneyOwed { owed: eur(5_000) });
    assert_eq!(story.refuses(forgets_by(1, Some(START))), Rejection::NotEnded);
    story.takes(refunds(1, 5_000));
    assert_eq!(story.told(forgets(1)), ["InvitationWithdrawn"]);
    let mut late = guests("paid", [1]);
    late.takes(pays(1, 10_000));
    assert_eq!(late.at(START - HOUR).told(forgets(1)), ["RegistrationWithdrawn 1", "InvitationWithdrawn"], "they get nothing back by then");
}

#[test]
fn nobody_is_erased_who_may_be_at_the_run_or_has_to_pay_for_it() {
    let mut story = guests("paid", [1]);
    story.takes(records(1, 10_000));
    story.at(START - HOUR).takes(RunCommand::CheckIn { by: BY, registration: reg(1) });
    for minute in [START - HOUR, START, START + 8 * HOUR - 1] {
        assert_eq!(story.at(minute).refuses(forgets(1)), Rejection::NotEnded, "{minute}");
    }
    story.at(START).takes(undoes_payment(1, 1));
    assert_eq!(story.at(START + 8 * HOUR).refuses(forgets(1)), Rejection::MoneyDue { due: eur(10_000) });
    story.takes(recorded(1, 2, 10_000));
    assert_eq!(story.told(forgets(1)), ["InvitationWithdrawn"]);
    assert_eq!(story.stage(1), "attended", "it stays that they were there");
}

#[test]
fn money_that_comes_late_brings_nobody_back_who_is_erased() {
    let mut story = guests("paid", [1]);
    story.at(2 * HOUR).takes(RunCommand::Settle);
    assert_eq!(story.told(forgets(1)), ["RegistrationWithdrawn 1", "InvitationWithdrawn"]);
    assert_eq!(story.told(pays(1, 10_000)), ["PaymentReported 1", "RefundOwed 1"]);
    assert_eq!(story.stage(1), "withdrawn");
}

#[test]
fn who_had_it_before_takes_nothing_from_who_has_it_now() {
    let mut story = guests("free", [1]);
    let mut to = applicant(2);
    (to.person.account, to.plan) = (None, None);
    story.takes(RunCommand::Transfer { by: Caller::Guest(address(1)), registration: reg(1), to: Box::new(to) });
    let before = RunCommand::Forget { registration: reg(1), address: Some(address(1)), has_it: false, over_by: None };
    assert_eq!(story.told(before), ["InvitationWithdrawn"]);
    assert_eq!(story.stage(1), "confirmed");
}

#[test]
fn who_had_it_before_is_not_told_how_much_is_owed_for_it() {
    let mut story = guests("paid", [1]);
    story.takes(pays(1, 10_000));
    story.takes(RunCommand::CancelRegistration { by: BY, registration: reg(1), reason: String::new() });
    let before = RunCommand::Forget { registration: reg(1), address: Some(address(1)), has_it: false, over_by: None };
    assert_eq!(story.refuses(before), Rejection::OnHold);
}

#[test]
fn without_being_asked_who_came_is_erased_once_the_run_was_over_for_so_long_or_was_called_off() {
    let end = START + 8 * HOUR;
    let mut story = guests("free", [1]);
    let late = end + 40 * DAY;
    assert_eq!(story.at(late).refuses(forgets_by(1, Some(end - 1))), Rejection::NotEnded);
    assert_eq!(story.told(forgets_by(1, Some(end))), ["InvitationWithdrawn"]);
    assert_eq!(story.stage(1), "confirmed");
    let mut off = guests("paid", [1]);
    off.takes(pays(1, 10_000));
    assert_eq!(off.refuses(forgets_by(1, Some(0))), Rejection::NotEnded);
    off.takes(RunCommand::Cancel { by: BY, reason: String::new() });
    assert_eq!(off.refuses(forgets_by(1, Some(0))), Rejection::MoneyOwed { owed: eur(10_000) });
    off.takes(refunds(1, 10_000));
    assert_eq!(off.told(forgets_by(1, Some(0))), ["InvitationWithdrawn"]);
    let nobody_can_read_where = RunCommand::Forget { registration: reg(1), address: None, has_it: true, over_by: Some(at(0)) };
    assert!(off.takes(nobody_can_read_where).is_empty());
}
