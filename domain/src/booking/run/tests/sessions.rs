//! Sessions that are begun for a run.

use super::*;

const AHEAD: Minutes = Minutes(30);

const fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(4000 + n))
}

/// Person `n` begins the session of this number.
const fn begins(n: u128, number: u128) -> RunCommand {
    RunCommand::BeginSession { account: account(n), address: None, session: session(number), ahead: AHEAD }
}

/// The same, by the address of another, which was verified to be theirs.
fn begins_by(n: u128, other: u128, number: u128) -> RunCommand {
    RunCommand::BeginSession { account: account(n), address: Some(address(other)), session: session(number), ahead: AHEAD }
}

/// Whoever has the first registration has guest `n` come instead.
fn to_guest(by: Caller, n: u128) -> RunCommand {
    let mut guest = applicant(n);
    (guest.person.account, guest.plan) = (None, None);
    RunCommand::Transfer { by, registration: reg(1), to: Box::new(guest) }
}

/// Person `n` wants to come with others, some of whom are named by their addresses.
fn comes_with(n: u128, seats: usize, members: &[u128]) -> RunCommand {
    let mut application = application(n, "free");
    application.applicant.attendees = vec!["Somebody".to_owned(); seats];
    application.applicant.members = members.iter().map(|member| address(*member)).collect();
    RunCommand::Request(Box::new(application))
}

const fn begun(n: u128, number: u128) -> RunEvent {
    RunEvent::SessionBegun { registration: reg(n), account: account(n), session: session(number) }
}

fn not_now() -> Rejection {
    Rejection::SessionNotNow { from: at(START - 30), until: at(START + 8 * HOUR) }
}

fn standing(story: &Story) -> Vec<(SessionId, bool)> {
    story.scheduled().begun(None).into_iter().map(|begun| (begun.session, begun.stands)).collect()
}

#[test]
fn who_is_confirmed_begins_from_a_while_before_the_start_until_the_end() {
    let mut story = Story::with(plan(), [1, 2]);
    for minute in [START - 31, START + 8 * HOUR] {
        assert_eq!(story.at(minute).refuses(begins(1, 1)), not_now());
    }
    assert_eq!(story.at(START - 30).takes(begins(1, 1)), [begun(1, 1)]);
    assert!(story.takes(begins(1, 1)).is_empty(), "the same again");
    assert_eq!(story.at(START + 8 * HOUR - 1).takes(begins(2, 2)), [begun(2, 2)]);
    assert_eq!(story.scheduled().session_of(account(1), None), Some(session(1)));
}

#[test]
fn who_was_checked_in_begins_and_who_has_finished_begins_once_more() {
    let mut story = Story::with(plan(), [1]);
    story.at(START).takes(RunCommand::CheckIn { by: BY, registration: reg(1) });
    assert_eq!(story.takes(begins(1, 1)), [begun(1, 1)]);
    assert_eq!(story.takes(begins(1, 2)), [begun(1, 2)]);
    assert_eq!(standing(&story), [(session(2), true)], "the last one counts");
}

#[test]
fn who_is_not_confirmed_begins_nothing() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, [1, 2]);
    story.at(START);
    assert_eq!(story.refuses(begins(2, 1)), Rejection::WrongStage { stage: "waitlisted".to_owned() });
    story.takes(RunCommand::RecordNoShow { by: BY, registration: reg(1) });
    assert_eq!(story.refuses(begins(1, 1)), Rejection::WrongStage { stage: "no show".to_owned() });
    let mut pending = Story::with(approval(true), [1]);
    assert_eq!(pending.at(START).refuses(begins(1, 1)), Rejection::WrongStage { stage: "pending approval".to_owned() });
}

#[test]
fn a_run_is_not_there_for_who_is_not_registered() {
    let mut story = Story::with(plan(), [1]);
    story.takes(withdraws(1));
    story.at(START);
    for n in [1, 2] {
        assert_eq!(story.refuses(begins(n, 1)), Rejection::NotFound);
    }
    assert_eq!(Story::new().refuses(begins(1, 1)), Rejection::NotFound);
}

#[test]
fn a_session_stands_as_long_as_the_place_it_was_begun_for() {
    let mut story = Story::with(plan(), [1, 2]);
    story.at(START - 10);
    story.takes(begins(1, 1));
    story.takes(begins(2, 2));
    story.takes(withdraws(1));
    assert_eq!(standing(&story), [(session(1), false), (session(2), true)]);
    story.takes(RunCommand::Transfer { by: Caller::Account(account(2)), registration: reg(2), to: Box::new(applicant(3)) });
    assert_eq!(standing(&story), [(session(1), false), (session(2), false)]);
    story.takes(begins(3, 3));
    assert_eq!(story.scheduled().begun(Some(reg(2))).iter().map(|begun| begun.stands).collect::<Vec<_>>(), [false, true]);
    story.takes(RunCommand::Cancel { by: BY, reason: String::new() });
    assert!(standing(&story).iter().all(|(_, stands)| !stands));
}

#[test]
fn so_many_are_yet_to_begin_as_are_let_in_and_have_not() {
    let mut story = Story::with(Plan { capacity: 3, ..plan() }, 1..=4);
    story.takes(comes(5, "paid"));
    assert_eq!(story.scheduled().to_begin(), 3, "nobody who waits");
    story.at(START).takes(begins(1, 1));
    story.takes(RunCommand::CheckIn { by: BY, registration: reg(2) });
    assert_eq!(story.scheduled().to_begin(), 2);
    story.takes(RunCommand::RecordNoShow { by: BY, registration: reg(3) });
    assert_eq!(story.scheduled().to_begin(), 1);
}

#[test]
fn a_run_that_was_moved_lets_in_at_its_new_time() {
    let mut story = Story::with(plan(), [1]);
    let (starts_at, ends_at) = (at(START + DAY), at(START + DAY + 8 * HOUR));
    story.takes(RunCommand::Reschedule { by: BY, starts_at, ends_at, closes_at: None, time_zone: None });
    let moved = Rejection::SessionNotNow { from: at(START + DAY - 30), until: ends_at };
    assert_eq!(story.at(START).refuses(begins(1, 1)), moved);
    assert_eq!(story.at(START + DAY).takes(begins(1, 1)), [begun(1, 1)]);
}

#[test]
fn sessions_that_were_begun_wait_a_day_for_a_start_that_was_moved() {
    let mut story = Story::with(plan(), [1]);
    story.at(START - 25).takes(begins(1, 1));
    for (start, ends) in [(START + 30, START + 9 * HOUR), (START - 10 + DAY, START + 2 * DAY)] {
        let (starts_at, ends_at) = (at(start), at(ends));
        story.at(START - 10).takes(RunCommand::Reschedule { by: BY, starts_at, ends_at, closes_at: None, time_zone: None });
        assert_eq!(story.scheduled().plan.sessions_end(at(START - 10)), ends_at, "{start}");
        assert_eq!(story.scheduled().plan.sessions_end(at(start)), ends_at, "once it is on: {start}");
        assert_eq!(standing(&story), [(session(1), true)], "{start}");
    }
    assert_eq!(story.scheduled().plan.sessions_end(at(START - 11)), at(START - 11), "it is another day");
}

#[test]
fn a_guest_begins_by_an_account_of_the_same_address_and_nobody_else_does() {
    let mut story = Story::with(plan(), [1]);
    story.takes(to_guest(Caller::Account(account(1)), 2));
    story.at(START - 10);
    assert_eq!(story.refuses(begins(2, 1)), Rejection::NotFound, "their address was not verified");
    assert_eq!(story.refuses(begins_by(3, 3, 1)), Rejection::NotFound);
    assert_eq!(story.refuses(begins_by(1, 1, 1)), Rejection::NotFound, "it is not theirs any more");
    let by_guest = RunEvent::SessionBegun { registration: reg(1), account: account(2), session: session(1) };
    assert_eq!(story.takes(begins_by(2, 2, 1)), [by_guest]);
    assert!(story.takes(begins_by(2, 2, 1)).is_empty(), "the same again");
    assert_eq!(story.scheduled().session_of(account(2), Some(&address(2))), Some(session(1)));
    assert_eq!(standing(&story), [(session(1), true)]);
    story.takes(to_guest(Caller::Guest(address(2)), 4));
    assert_eq!(standing(&story), [(session(1), false)]);
    assert_eq!(story.refuses(begins_by(2, 2, 2)), Rejection::NotFound);
    story.takes(begins_by(4, 4, 3));
    assert_eq!(standing(&story), [(session(1), false), (session(3), true)]);
}

#[test]
fn an_address_that_goes_to_another_account_brings_neither_a_registration_nor_a_second_seat() {
    let mut story = Story::with(plan(), [1, 5]);
    story.takes(to_guest(Caller::Account(account(1)), 2));
    story.at(START);
    assert_eq!(story.refuses(begins_by(6, 5, 1)), Rejection::NotFound, "an account came by it before");
    story.takes(begins_by(2, 2, 1));
    assert_eq!(story.refuses(begins_by(3, 2, 2)), Rejection::SessionsTaken { seats: 1 });
    assert_eq!(story.scheduled().to_begin(), 1, "account 5");
}

#[test]
fn those_who_come_along_begin_each_a_session_and_no_more_than_there_are_seats() {
    let mut story = Story::published(plan());
    story.takes(comes_with(1, 2, &[2, 3]));
    assert_eq!(story.scheduled().to_begin(), 2);
    story.at(START);
    assert_eq!(story.refuses(begins_by(4, 4, 1)), Rejection::NotFound);
    assert_eq!(story.refuses(begins(2, 1)), Rejection::NotFound, "their address was not verified");
    let by_member = RunEvent::SessionBegun { registration: reg(1), account: account(2), session: session(1) };
    assert_eq!(story.takes(begins_by(2, 2, 1)), [by_member]);
    assert_eq!(story.scheduled().to_begin(), 1);
    story.takes(begins(1, 2));
    assert_eq!(story.refuses(begins_by(3, 3, 3)), Rejection::SessionsTaken { seats: 2 });
    assert!(story.takes(begins_by(2, 2, 1)).is_empty(), "the same again");
    assert_eq!(standing(&story), [(session(2), true), (session(1), true)]);
    story.takes(RunCommand::CancelRegistration { by: BY, registration: reg(1), reason: String::new() });
    assert_eq!(standing(&story), [(session(2), false), (session(1), false)]);
}

#[test]
fn a_seat_is_kept_for_who_registered_until_they_begin() {
    let mut story = Story::published(plan());
    story.takes(comes_with(1, 2, &[2]));
    story.at(START).takes(begins_by(2, 2, 1));
    // Another account of the same address.
    assert_eq!(story.refuses(begins_by(7, 2, 2)), Rejection::SessionsTaken { seats: 2 });
    assert_eq!(story.takes(begins(1, 3)), [begun(1, 3)]);
    let mut begun_already = Story::published(Plan { capacity: 3, ..plan() });
    begun_already.takes(comes_with(1, 3, &[2]));
    begun_already.at(START).takes(begins(1, 1));
    begun_already.takes(begins_by(2, 2, 2));
    begun_already.takes(begins_by(7, 2, 3));
    assert_eq!(begun_already.refuses(begins_by(8, 2, 4)), Rejection::SessionsTaken { seats: 3 });
}

#[test]
fn who_comes_along_and_waits_for_a_place_of_their_own_is_let_in() {
    let mut story = Story::published(plan());
    story.takes(comes_with(1, 2, &[2]));
    story.takes(comes(2, "free"));
    story.at(START);
    assert_eq!(story.refuses(begins(2, 1)), Rejection::WrongStage { stage: "waitlisted".to_owned() });
    let by_member = RunEvent::SessionBegun { registration: reg(1), account: account(2), session: session(1) };
    assert_eq!(story.takes(begins_by(2, 2, 1)), [by_member]);
}

#[test]
fn those_who_came_along_with_who_gave_it_away_do_so_no_more() {
    let mut story = Story::published(plan());
    story.takes(comes_with(1, 2, &[2]));
    story.at(START - 10).takes(begins_by(2, 2, 1));
    let mut other = applicant(5);
    other.attendees = vec!["Somebody".to_owned(); 2];
    other.members = vec![address(6)];
    story.takes(RunCommand::Transfer { by: Caller::Account(account(1)), registration: reg(1), to: Box::new(other) });
    assert_eq!(standing(&story), [(session(1), false)]);
    assert_eq!(story.refuses(begins_by(2, 2, 2)), Rejection::NotFound);
    story.takes(begins_by(6, 6, 3));
    assert_eq!(story.scheduled().to_begin(), 1);
}

#[test]
fn as_many_are_named_by_an_address_as_come_at_most_and_each_once() {
    let story = Story::published(plan());
    for members in [&[2, 3, 4][..], &[2, 2]] {
        let Rejection::Flawed(flaws) = story.refuses(comes_with(1, 2, members)) else { panic!("{members:?}") };
        assert_eq!(flaws.iter().map(|flaw| flaw.at.as_str()).collect::<Vec<_>>(), ["memberEmails"]);
    }
}
