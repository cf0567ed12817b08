use super::*;

fn transfers(from: u128, to: u128) -> RunCommand {
    RunCommand::Transfer { by: Caller::Account(account(from)), registration: reg(1), to: Box::new(applicant(to)) }
}

#[test]
fn somebody_else_comes_instead() {
    let mut story = Story::with(plan(), [1]);
    let transferred = RunEvent::RegistrationTransferred { registration: reg(1), person: person(2), members: vec![] };
    assert_eq!(story.takes(transfers(1, 2)), [transferred]);
    assert_eq!(story.refuses(transfers(1, 3)), Rejection::RegistrationNotFound, "it is not theirs any more");
    assert!(story.takes(transfers(2, 2)).is_empty());
    let mut again = application(4, "free");
    again.applicant = applicant(1);
    story.takes(RunCommand::Request(Box::new(again)));
    assert_eq!(story.refuses(transfers(2, 1)), Rejection::AlreadyRegistered { registration: reg(4) });
}

#[test]
fn a_transfer_is_of_as_many_and_of_a_place() {
    let mut story = Story::published(plan());
    story.takes(group(1, "free", 2));
    assert_eq!(story.refuses(transfers(1, 2)), Rejection::SeatsInvalid { most: 2 });
    let mut waits = Story::with(Plan { capacity: 1, ..plan() }, [5, 1]);
    assert_eq!(waits.refuses(transfers(1, 2)), Rejection::WrongStage { stage: "waitlisted".to_owned() });
    waits.takes(withdraws(5));
    assert_eq!(waits.refuses(transfers(1, 2)), Rejection::WrongStage { stage: "offered".to_owned() });
    waits.takes(accepts(1));
    assert_eq!(waits.at(START).refuses(transfers(1, 2)), Rejection::WrongStage { stage: "confirmed".to_owned() });
}

#[test]
fn where_each_is_approved_so_is_who_comes_instead() {
    let mut story = Story::with(approval(true), [1]);
    let approve = || RunCommand::Approve { by: BY, registration: reg(1) };
    story.takes(approve());
    let expected = ["RegistrationTransferred 1", "ApprovalWithdrawn 1", "ApprovalAwaited 1"];
    assert_eq!(story.told(transfers(1, 2)), expected);
    story.takes(approve());
    let by = Caller::Staff(BY);
    let by_staff = RunCommand::Transfer { by, registration: reg(1), to: Box::new(applicant(3)) };
    assert_eq!(story.told(by_staff), ["RegistrationTransferred 1"]);
    let mut pays = Story::published(approval(true));
    pays.takes(comes(1, "paid"));
    pays.takes(approve());
    assert_eq!(pays.told(transfers(1, 2)), expected);
    assert_eq!((pays.stage(1), pays.scheduled().next_lapse()), ("pending approval", None));
}

#[test]
fn what_was_paid_pays_for_who_comes_instead() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(transfers(1, 2));
    assert_eq!(story.told(pays(1, 10_000)), ["PaymentReported 1", "RegistrationConfirmed 1"]);
    let mut tickets = plan().tickets;
    tickets[1].audience = Audience::Plan(AccountPlan::Free);
    let mut members = Story::published(Plan { tickets, ..plan() });
    members.takes(comes(1, "paid"));
    let mut guest = applicant(2);
    (guest.person.account, guest.plan) = (None, None);
    let to_guest = RunCommand::Transfer { by: Caller::Account(account(1)), registration: reg(1), to: Box::new(guest) };
    assert_eq!(members.refuses(to_guest), Rejection::TicketNotForPlan);
}

#[test]
fn who_hands_a_place_over_that_was_confirmed_gets_no_more_back_for_it() {
    let mut story = Story::published(approval(true));
    story.takes(comes(1, "paid"));
    story.takes(RunCommand::Approve { by: BY, registration: reg(1) });
    story.takes(pays(1, 10_000));
    story.at(START - DAY + 1).takes(transfers(1, 2));
    assert_eq!(story.stage(1), "pending approval");
    story.takes(RunCommand::Withdraw { by: Caller::Account(account(2)), registration: reg(1) });
    assert_eq!((story.stage(1), story.entry(1).owed), ("withdrawn", 0));
}

#[test]
fn of_whom_a_ticket_is_not_for_it_is_not_told_that_they_are_there() {
    let mut tickets = plan().tickets;
    tickets[1].audience = Audience::Plan(AccountPlan::Team);
    let mut story = Story::published(Plan { tickets, ..plan() });
    let mut member = application(1, "paid");
    member.applicant.plan = Some(AccountPlan::Team);
    story.takes(RunCommand::Request(Box::new(member)));
    story.takes(comes(2, "free"));
    assert_eq!(story.refuses(transfers(1, 2)), Rejection::TicketNotForPlan);
}

#[test]
fn who_comes_instead_is_approved_also_where_whoever_had_the_place_came_before_that() {
    let mut story = Story::with(plan(), [1]);
    story.takes(RunCommand::Revise { by: BY, plan: Box::new(approval(true)) });
    assert_eq!(story.told(transfers(1, 2)), ["RegistrationTransferred 1", "ApprovalAwaited 1"]);
    assert_eq!(story.told(transfers(2, 3)), ["RegistrationTransferred 1"], "it is awaited as it was");
}

#[test]
fn as_many_come_instead_as_there_were_whatever_a_group_may_be_by_now() {
    let mut story = Story::published(plan());
    story.takes(group(1, "free", 2));
    story.takes(RunCommand::Revise { by: BY, plan: Box::new(Plan { group: 1, ..plan() }) });
    assert_eq!(story.refuses(transfers(1, 2)), Rejection::SeatsInvalid { most: 2 });
    let mut two = applicant(2);
    two.attendees = vec!["Somebody".to_owned(); 2];
    let to_two = RunCommand::Transfer { by: Caller::Account(account(1)), registration: reg(1), to: Box::new(two) };
    assert_eq!(story.told(to_two), ["RegistrationTransferred 1"]);
}
