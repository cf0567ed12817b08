//! Sessions that are begun for a run.

use super::*;

const AHEAD: Minutes = Minutes(30);

const fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(4000 + n))
}

/// Person `n` begins the session of this number.
const fn begins(n: u128, number: u128) -> RunCommand {
    RunCommand::BeginSession { account: account(n), session: session(number), ahead: AHEAD }
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
    assert_eq!(story.scheduled().session_of(account(1)), Some(session(1)));
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
    story.takes(RunCommand::Reschedule { by: BY, starts_at, ends_at, closes_at: None });
    let moved = Rejection::SessionNotNow { from: at(START + DAY - 30), until: ends_at };
    assert_eq!(story.at(START).refuses(begins(1, 1)), moved);
    assert_eq!(story.at(START + DAY).takes(begins(1, 1)), [begun(1, 1)]);
}
