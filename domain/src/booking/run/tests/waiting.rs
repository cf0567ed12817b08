use super::*;

fn waits(n: u128, priority: u8) -> RunCommand {
    RunCommand::Request(Box::new(Application { priority, ..application(n, "free") }))
}

#[test]
fn a_place_that_becomes_free_is_offered_in_the_order_of_priority_and_time() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, [1, 2]);
    story.takes(waits(3, 5));
    story.takes(waits(4, 5));
    let ahead = |story: &Story| [2, 3, 4].map(|n| story.scheduled().ahead_of(reg(n)));
    assert_eq!(ahead(&story), [Some(2), Some(0), Some(1)]);
    let events = story.at(10).takes(withdraws(1));
    let offered = RunEvent::PlaceOffered { registration: reg(3), until: at(10 + 2 * DAY), left: 0, waiting: 2 };
    assert_eq!(events, [RunEvent::RegistrationWithdrawn { registration: reg(1), left: 1, waiting: 3 }, offered]);
    assert_eq!(ahead(&story), [Some(1), None, Some(0)]);
    assert_eq!(story.told(declines(3)), ["OfferDeclined 3", "PlaceOffered 4"]);
    assert_eq!(story.told(declines(4)), ["OfferDeclined 4", "PlaceOffered 2"]);
}

#[test]
fn an_offer_holds_a_place_until_it_is_accepted() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, [1]);
    story.takes(comes(2, "paid"));
    story.takes(withdraws(1));
    assert_eq!(story.scheduled().left(), 0);
    assert_eq!(story.told(comes(3, "free")), ["RegistrationRequested 3", "RegistrationWaitlisted 3"]);
    let events = story.at(DAY).takes(accepts(2));
    assert_eq!(events, [RunEvent::PaymentAwaited { registration: reg(2), due: eur(10_000), until: at(DAY + 60), left: 0 }]);
    assert_eq!(story.refuses(accepts(2)), Rejection::WrongStage { stage: "awaiting payment".to_owned() });
    assert_eq!(story.refuses(declines(3)), Rejection::WrongStage { stage: "waitlisted".to_owned() });
}

#[test]
fn an_offer_that_lapses_is_offered_on_whoever_comes_by() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, 1..=3);
    story.takes(withdraws(1));
    assert!(story.at(2 * DAY - 1).told(RunCommand::Settle).is_empty());
    assert_eq!(story.at(2 * DAY).refuses(accepts(2)), Rejection::WrongStage { stage: "expired".to_owned() });
    let told = story.told(comes(4, "free"));
    assert_eq!(told, ["OfferLapsed 2", "PlaceOffered 3", "RegistrationRequested 4", "RegistrationWaitlisted 4"]);
}

#[test]
fn who_declines_or_withdraws_from_an_offer_is_not_put_back() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, 1..=3);
    story.takes(withdraws(1));
    story.takes(withdraws(2));
    story.takes(declines(3));
    assert_eq!(story.stages([2, 3]), ["withdrawn", "withdrawn"]);
    assert_eq!((story.scheduled().waiting(), story.scheduled().left()), (0, 1));
    // They may come again, as anybody.
    let mut again = application(5, "free");
    again.applicant = applicant(2);
    story.takes(RunCommand::Request(Box::new(again)));
}

#[test]
fn who_leaves_the_line_gives_up_no_place_that_they_have_by_then() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, 1..=3);
    let left = RunEvent::RegistrationWithdrawn { registration: reg(3), left: 0, waiting: 1 };
    assert_eq!(story.takes(leaves_waitlist(3)), [left]);
    assert!(story.takes(leaves_waitlist(3)).is_empty(), "once");
    story.takes(withdraws(1));
    assert_eq!(story.refuses(leaves_waitlist(2)), Rejection::WrongStage { stage: "offered".to_owned() });
    story.takes(accepts(2));
    assert_eq!(story.refuses(leaves_waitlist(2)), Rejection::WrongStage { stage: "confirmed".to_owned() });
    let anothers = RunCommand::LeaveWaitlist { by: Caller::Account(account(1)), registration: reg(2) };
    assert_eq!(story.refuses(anothers), Rejection::RegistrationNotFound);
}

#[test]
fn who_is_reinstated_is_the_last_in_line() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, 1..=4);
    story.takes(withdraws(2));
    let told = story.told(RunCommand::Reinstate { by: BY, registration: reg(2) });
    assert_eq!(told, ["RegistrationReinstated 2", "RegistrationWaitlisted 2"]);
    assert_eq!([3, 4, 2].map(|n| story.scheduled().ahead_of(reg(n))), [Some(0), Some(1), Some(2)]);
}

#[test]
fn an_organiser_moves_somebody_up_in_line() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, 1..=3);
    let command = || RunCommand::Prioritise { by: BY, registration: reg(3), priority: 1 };
    assert_eq!(story.takes(command()), [RunEvent::RegistrationPrioritised { registration: reg(3), priority: 1 }]);
    assert!(story.takes(command()).is_empty());
    assert_eq!(story.told(withdraws(1)), ["RegistrationWithdrawn 1", "PlaceOffered 3"]);
    let gone = RunCommand::Prioritise { by: BY, registration: reg(1), priority: 1 };
    assert_eq!(story.refuses(gone), Rejection::WrongStage { stage: "withdrawn".to_owned() });
}

#[test]
fn a_place_is_offered_to_the_first_for_whom_there_is_room() {
    let mut story = Story::with(plan(), [1, 2]);
    story.takes(group(3, "free", 2));
    story.takes(comes(4, "free"));
    assert_eq!(story.told(withdraws(1)), ["RegistrationWithdrawn 1", "PlaceOffered 4"]);
    story.takes(withdraws(2));
    assert_eq!(story.told(declines(4)), ["OfferDeclined 4", "PlaceOffered 3"]);
}

#[test]
fn who_leaves_the_line_is_passed_over() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, 1..=3);
    assert_eq!(story.takes(withdraws(2)), [RunEvent::RegistrationWithdrawn { registration: reg(2), left: 0, waiting: 1 }]);
    assert_eq!(story.told(withdraws(1)), ["RegistrationWithdrawn 1", "PlaceOffered 3"]);
}

#[test]
fn nothing_is_offered_once_the_run_has_begun() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, 1..=3);
    story.takes(withdraws(1));
    assert_eq!(story.at(START).told(RunCommand::Settle), ["OfferLapsed 2"]);
    assert_eq!(story.stage(3), "waitlisted");
}

#[test]
fn what_is_too_much_for_one_decision_goes_on_in_the_next_and_nobody_jumps_the_line() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, 1..=2501);
    let first = story.takes(revises(Plan { capacity: 5000, ..plan() }));
    assert_eq!(first.len(), 1 + 1000);
    assert!(story.scheduled().is_behind(at(0)));
    let newcomer = story.told(comes(9000, "free"));
    assert_eq!(newcomer[1000..1002], ["RegistrationRequested 9000", "RegistrationWaitlisted 9000"]);
    assert_eq!(newcomer.len(), 1000 + 2 + 501);
    assert_eq!(newcomer.last().map(String::as_str), Some("PlaceOffered 9000"));
    assert!(!story.scheduled().is_behind(at(0)));
}
