use super::*;
use crate::booking::{Answer, Question, QuestionKind};

#[test]
fn who_pays_nothing_is_confirmed() {
    let mut story = Story::published(plan());
    let events = story.takes(comes(1, "free"));
    let RunEvent::RegistrationRequested(requested) = &events[0] else { panic!("{events:?}") };
    assert_eq!((requested.number, requested.seats, requested.quote.total), (1, 1, eur(0)));
    assert_eq!(events[1], RunEvent::RegistrationConfirmed { registration: reg(1), left: 1 });
}

#[test]
fn who_pays_has_an_hour_to() {
    let mut story = Story::published(plan());
    let events = story.at(10).takes(comes(1, "paid"));
    assert_eq!(events[1], RunEvent::PaymentAwaited { registration: reg(1), due: eur(10_000), until: at(70), left: 1 });
    let mut late = Story::published(plan());
    let events = late.at(START - 10).takes(comes(1, "paid"));
    let until_the_start = RunEvent::PaymentAwaited { registration: reg(1), due: eur(10_000), until: at(START), left: 1 };
    assert_eq!(events[1], until_the_start);
}

#[test]
fn there_are_as_many_as_places_and_the_others_wait_if_they_like() {
    let mut story = Story::with(plan(), [1, 2]);
    let mut impatient = application(3, "free");
    impatient.wait = false;
    assert_eq!(story.refuses(RunCommand::Request(Box::new(impatient))), Rejection::Full);
    assert_eq!(story.told(comes(3, "free")), ["RegistrationRequested 3", "RegistrationWaitlisted 3"]);
    let without = Story::with(Plan { waitlist: false, ..plan() }, [1, 2]);
    assert_eq!(without.refuses(comes(3, "free")), Rejection::Full);
}

#[test]
fn a_ticket_has_a_quota_of_its_own() {
    let mut tickets = plan().tickets;
    tickets[0].quota = Some(1);
    let mut story = Story::with(Plan { tickets, ..plan() }, [1, 2]);
    assert_eq!(story.stages([1, 2]), ["confirmed", "waitlisted"]);
    assert_eq!(story.told(comes(3, "paid")), ["RegistrationRequested 3", "PaymentAwaited 3"]);
}

#[test]
fn a_person_has_one_registration_that_counts() {
    let mut story = Story::with(plan(), [1]);
    let taken = Rejection::AlreadyRegistered { registration: reg(1) };
    let mut again = application(2, "free");
    again.applicant.person = Person { account: Some(account(1)), address: address(2) };
    assert_eq!(story.refuses(RunCommand::Request(Box::new(again.clone()))), taken, "by account");
    again.applicant.person = Person { account: Some(account(2)), address: address(1) };
    assert_eq!(story.refuses(RunCommand::Request(Box::new(again.clone()))), taken, "by address");
    assert_eq!(story.refuses(comes(1, "free")), Rejection::RegistrationTaken, "an id is for one");
    story.takes(withdraws(1));
    story.takes(RunCommand::Request(Box::new(again)));
    assert_eq!(story.stage(2), "confirmed");
}

#[test]
fn registration_is_open_for_a_time() {
    let window = Plan { opens_at: Some(at(HOUR)), closes_at: Some(at(2 * HOUR)), ..plan() };
    let mut story = Story::published(window);
    assert_eq!(story.at(HOUR - 1).refuses(comes(1, "free")), Rejection::NotOpen);
    assert_eq!(story.at(2 * HOUR).refuses(comes(1, "free")), Rejection::NotOpen);
    story.at(HOUR).takes(comes(1, "free"));
    assert_eq!(Story::published(plan()).at(START).refuses(comes(1, "free")), Rejection::NotOpen);
}

#[test]
fn a_group_takes_a_place_for_each() {
    let mut story = Story::published(Plan { capacity: 4, ..plan() });
    let events = story.takes(group(1, "paid", 3));
    assert_eq!(events[1], RunEvent::PaymentAwaited { registration: reg(1), due: eur(30_000), until: at(60), left: 1 });
    for seats in [0, 4] {
        assert_eq!(story.refuses(group(2, "free", seats)), Rejection::SeatsInvalid { most: 3 });
    }
    let mut nameless = application(2, "free");
    nameless.applicant.attendees = vec![" ".to_owned()];
    assert_eq!(story.refuses(RunCommand::Request(Box::new(nameless))), Rejection::SeatsInvalid { most: 3 });
}

#[test]
fn nobody_waits_for_more_seats_than_the_run_or_the_ticket_has() {
    let mut tickets = plan().tickets;
    tickets[1].quota = Some(1);
    for admission in [Admission::Automatic, Admission::Approval { holds_place: true }, Admission::Approval { holds_place: false }] {
        let mut story = Story::published(Plan { group: 10, tickets: tickets.clone(), admission, ..plan() });
        assert_eq!(story.refuses(group(1, "free", 3)), Rejection::SeatsInvalid { most: 2 });
        assert_eq!(story.refuses(group(1, "paid", 2)), Rejection::SeatsInvalid { most: 1 });
        story.takes(comes(1, "paid"));
        story.takes(group(2, "free", 2));
    }
    let mut full = Story::with(Plan { group: 10, ..plan() }, [1]);
    full.takes(group(2, "free", 2));
    assert_eq!(full.stage(2), "waitlisted", "as many as there are may become free");
}

#[test]
fn a_ticket_is_one_of_the_runs_and_for_whom_it_is_for() {
    let mut tickets = plan().tickets;
    tickets[0].audience = Audience::Plan(AccountPlan::Team);
    let mut story = Story::published(Plan { tickets, ..plan() });
    assert_eq!(story.refuses(comes(1, "gold")), Rejection::TicketNotFound);
    assert_eq!(story.refuses(comes(1, "free")), Rejection::TicketNotForPlan);
    let mut team = application(1, "free");
    team.applicant.plan = Some(AccountPlan::Enterprise);
    story.takes(RunCommand::Request(Box::new(team)));
}

#[test]
fn questions_are_answered() {
    let diet = Question { key: "diet".to_owned(), label: "What do you eat?".to_owned(), kind: QuestionKind::Number, required: true };
    let mut story = Story::published(Plan { questions: vec![diet], ..plan() });
    assert_eq!(story.refuses(comes(1, "free")), flawed("answers.diet", "an answer"));
    let mut application = application(1, "free");
    application.applicant.answers = [("diet".to_owned(), Answer::YesNo(true))].into();
    assert_eq!(story.refuses(RunCommand::Request(Box::new(application.clone()))), flawed("answers.diet", "a whole number"));
    application.applicant.answers = [("diet".to_owned(), Answer::Number(3))].into();
    story.takes(RunCommand::Request(Box::new(application)));
}
