use super::*;
use crate::booking::{Invitation, Ticket};

fn invitation(n: u128) -> Invitation {
    Invitation { address: address(n), registration: reg(n), ticket: None, priority: 0, until: None }
}

fn invites(invitation: Invitation) -> RunCommand {
    RunCommand::Invite { by: BY, invitation }
}

/// A guest's application.
fn guest(n: u128, ticket: &str) -> RunCommand {
    let mut application = application(n, ticket);
    application.applicant.person.account = None;
    application.applicant.plan = None;
    RunCommand::Request(Box::new(application))
}

#[test]
fn a_guest_comes_by_invitation_alone() {
    let mut story = Story::published(plan());
    assert_eq!(story.refuses(guest(1, "free")), Rejection::InvitationNeeded);
    assert_eq!(story.takes(invites(invitation(1))), [RunEvent::InvitationIssued { invitation: invitation(1) }]);
    assert!(story.takes(invites(invitation(1))).is_empty());
    story.takes(invites(Invitation { registration: reg(7), ..invitation(2) }));
    assert_eq!(story.refuses(guest(2, "free")), Rejection::InvitationNeeded, "by another link");
    assert_eq!(story.told(guest(1, "free")), ["RegistrationRequested 1", "RegistrationConfirmed 1"]);
    let by = Caller::Guest(address(2));
    assert_eq!(story.refuses(RunCommand::Withdraw { by, registration: reg(1) }), Rejection::RegistrationNotFound);
    let by = Caller::Guest(address(1));
    assert_eq!(story.told(RunCommand::Withdraw { by, registration: reg(1) }), ["RegistrationWithdrawn 1"]);
    assert_eq!(story.refuses(invites(invitation(1))), Rejection::RegistrationTaken, "an invitation is for one registration");
}

#[test]
fn a_guest_who_comes_again_is_told_that_they_are_registered_or_were_and_comes_by_another_invitation() {
    let mut story = Story::published(plan());
    story.takes(invites(invitation(1)));
    story.takes(guest(1, "free"));
    assert_eq!(story.refuses(guest(1, "free")), Rejection::AlreadyRegistered { registration: reg(1) });
    story.takes(RunCommand::Withdraw { by: Caller::Guest(address(1)), registration: reg(1) });
    assert_eq!(story.refuses(guest(1, "free")), Rejection::WrongStage { stage: "withdrawn".to_owned() });
    assert!(story.scheduled().tickets_for_guest(reg(1), &address(1), at(0)).is_empty(), "there is nothing to choose");
    story.takes(invites(Invitation { registration: reg(7), ..invitation(1) }));
    let mut again = application(7, "free");
    (again.applicant.person, again.applicant.plan) = (Person { account: None, address: address(1) }, None);
    assert_eq!(story.told(RunCommand::Request(Box::new(again))), ["RegistrationRequested 7", "RegistrationConfirmed 7"]);
    story.takes(invites(invitation(2)));
    story.takes(guest(2, "free"));
    let mut anothers = application(3, "free");
    (anothers.registration, anothers.applicant.person.account) = (reg(2), None);
    assert_eq!(story.refuses(RunCommand::Request(Box::new(anothers))), Rejection::RegistrationTaken, "nobody is told of another's");
}

#[test]
fn an_invitation_is_for_a_time_and_a_ticket_of_the_run() {
    let mut story = Story::published(plan());
    assert_eq!(story.refuses(invites(Invitation { ticket: Some("gold".to_owned()), ..invitation(1) })), Rejection::TicketNotFound);
    assert_eq!(story.refuses(invites(Invitation { until: Some(at(0)), ..invitation(1) })), flawed("until", "a time to come"));
    story.takes(invites(Invitation { ticket: Some("free".to_owned()), until: Some(at(HOUR)), ..invitation(1) }));
    assert_eq!(story.refuses(guest(1, "paid")), Rejection::InvitationNeeded);
    assert_eq!(story.at(HOUR).refuses(guest(1, "free")), Rejection::InvitationNeeded);
    story.at(HOUR - 1).takes(guest(1, "free"));
}

#[test]
fn an_invitation_is_taken_back() {
    let mut story = Story::published(plan());
    let withdraw = || RunCommand::WithdrawInvitation { by: BY, address: address(1) };
    assert_eq!(story.refuses(withdraw()), Rejection::InvitationNotFound);
    story.takes(invites(invitation(1)));
    assert_eq!(story.takes(withdraw()), [RunEvent::InvitationWithdrawn { address: address(1), registration: Some(reg(1)) }]);
    assert_eq!(story.refuses(guest(1, "free")), Rejection::InvitationNeeded);
    story.takes(invites(Invitation { until: Some(at(HOUR)), ..invitation(1) }));
    let ran_out = RunEvent::InvitationWithdrawn { address: address(1), registration: None };
    assert_eq!(story.at(HOUR).takes(withdraw()), [ran_out], "nobody has to be told");
}

#[test]
fn who_is_invited_and_has_never_registered_is_known() {
    let mut story = Story::published(plan());
    for n in 1..=5 {
        story.takes(invites(Invitation { registration: reg(100 + n), until: (n == 1).then(|| at(HOUR)), ..invitation(n) }));
    }
    let unanswered = |story: &Story, minute: i64| {
        let scheduled = story.scheduled();
        let all: Vec<_> = scheduled.unanswered(at(minute)).map(|invitation| invitation.registration.0.as_u128() - 100).collect();
        assert!(all.iter().all(|n| scheduled.is_unanswered(&address(*n), reg(100 + n))));
        all
    };
    assert_eq!(unanswered(&story, HOUR - 1), [1, 2, 3, 4, 5]);
    assert_eq!(unanswered(&story, HOUR), [2, 3, 4, 5]);
    story.takes(comes(2, "free"));
    story.takes(withdraws(2));
    story.takes(RunCommand::WithdrawInvitation { by: BY, address: address(3) });
    let mut by_link = application(4, "free");
    (by_link.registration, by_link.applicant.person.account, by_link.applicant.plan) = (reg(104), None, None);
    story.takes(RunCommand::Request(Box::new(by_link)));
    assert_eq!(unanswered(&story, HOUR), [5], "who gave up knew of it");
    assert!(!story.scheduled().is_unanswered(&address(2), reg(102)) && !story.scheduled().is_unanswered(&address(9), reg(104)));
    story.takes(RunCommand::Cancel { by: BY, reason: String::new() });
    assert_eq!(unanswered(&story, HOUR), [5], "as it was before the run was called off");
}

#[test]
fn who_is_invited_gets_what_is_for_the_invited_and_before_others() {
    let mut tickets = plan().tickets;
    tickets[0].audience = Audience::Invited;
    let mut story = Story::published(Plan { capacity: 1, tickets, visibility: Visibility::Code, ..plan() });
    assert_eq!(story.refuses(comes(1, "free")), Rejection::CodeNeeded);
    for (n, priority) in [(1, 0), (2, 0), (3, 9)] {
        // Who has an account registers under any id.
        story.takes(invites(Invitation { priority, registration: reg(100 + n), ..invitation(n) }));
        story.takes(comes(n, "free"));
    }
    assert_eq!(story.told(withdraws(1)), ["RegistrationWithdrawn 1", "PlaceOffered 3"]);
    let mut open = Story::published(Plan { visibility: Visibility::Public, ..story.scheduled().plan.as_ref().clone() });
    assert_eq!(open.refuses(comes(1, "free")), Rejection::InvitationNeeded);
    open.takes(comes(1, "paid"));
}

#[test]
fn a_guest_chooses_from_what_they_may_take_and_then_has_one() {
    let mut tickets = plan().tickets;
    tickets.push(Ticket { audience: Audience::Plan(AccountPlan::Free), ..ticket("member", 0) });
    tickets.push(Ticket { audience: Audience::Code, ..ticket("friend", 0) });
    tickets.push(Ticket { audience: Audience::Invited, quota: Some(1), ..ticket("staff", 0) });
    let mut story = Story::published(Plan { tickets, ..plan() });
    let keys = |story: &Story, n, minute| -> Vec<String> {
        let tickets = story.scheduled().tickets_for_guest(reg(n), &address(n), at(minute));
        tickets.into_iter().map(|ticket| ticket.key.clone()).collect()
    };
    assert!(keys(&story, 1, 0).is_empty(), "nobody invited them");
    story.takes(invites(Invitation { until: Some(at(HOUR)), ..invitation(1) }));
    story.takes(invites(Invitation { ticket: Some("staff".to_owned()), ..invitation(2) }));
    story.takes(invites(Invitation { registration: reg(7), ..invitation(3) }));
    assert_eq!(keys(&story, 1, 0), ["free", "paid", "friend", "staff"], "who has no account has no plan");
    assert_eq!((keys(&story, 2, 0), keys(&story, 3, 0)), (vec!["staff".to_owned()], vec![]), "of the ticket, and by the link");
    assert!(keys(&story, 1, HOUR).is_empty(), "it is too late");
    story.takes(guest(1, "paid"));
    assert_eq!(keys(&story, 1, HOUR), ["paid"]);
    let left = |story: &Story| ["free", "staff", "gold"].map(|ticket| story.scheduled().left_of(ticket));
    assert_eq!(left(&story), [1, 1, 0]);
    story.takes(guest(2, "staff"));
    assert_eq!(left(&story), [0, 0, 0], "no place is left, whatever the ticket");
}

#[test]
fn by_the_link_of_an_invitation_a_run_that_is_not_for_all_is_seen_while_it_is_good_or_once_it_was_used() {
    let sees = |story: &Story, n: u128, minute: i64| story.scheduled().is_shown_by_link(reg(n), &address(n), at(minute));
    let mut draft = Story::drafted(plan());
    draft.takes(invites(invitation(1)));
    assert!(sees(&draft, 1, 0) && !sees(&draft, 2, 0), "a draft is there for who is invited to it");
    let mut story = Story::published(Plan { visibility: Visibility::Code, ..plan() });
    for n in 1..=4 {
        story.takes(invites(Invitation { until: (n == 1).then(|| at(HOUR)), ..invitation(n) }));
    }
    assert!((1..=4).all(|n| sees(&story, n, HOUR - 1)));
    assert!(!sees(&story, 1, HOUR), "it ran out");
    story.takes(RunCommand::WithdrawInvitation { by: BY, address: address(2) });
    assert!(!sees(&story, 2, 0), "it was taken back");
    story.takes(invites(Invitation { registration: reg(30), ..invitation(3) }));
    let by = |registration| story.scheduled().is_shown_by_link(registration, &address(3), at(0));
    assert!(!by(reg(3)) && by(reg(30)), "the later one stands in its place");
    story.takes(guest(4, "free"));
    story.takes(RunCommand::WithdrawInvitation { by: BY, address: address(4) });
    assert!(sees(&story, 4, 0), "they have registered by it");
    let mut open = Story::published(plan());
    open.takes(invites(invitation(1)));
    open.takes(RunCommand::WithdrawInvitation { by: BY, address: address(1) });
    assert!(sees(&open, 1, 0), "it is there for all");
}

#[test]
fn whoever_comes_by_a_link_whose_account_has_registered_has_registered() {
    let story = Story::with(plan(), [1]);
    let mut guest = Application { owner: Some(account(1)), ..application(2, "free") };
    guest.applicant.person.account = None;
    assert_eq!(story.refuses(RunCommand::Request(Box::new(guest))), Rejection::AlreadyRegistered { registration: reg(1) });
}
