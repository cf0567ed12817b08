mod checks;
mod ends;
mod steps;

use chrono::TimeDelta;
use uuid::Uuid;

use super::{CheckEnd, CheckResult, Rejection, Session, SessionCommand, SessionEvent, Start};
use crate::{
    Decider, given,
    kernel::{AccountId, Digest, EnvironmentId, Minutes, Personal, Points, Seconds, Timestamp, WorkshopId},
    workshops::{RuleKind, StepOutline, content::StepOrder},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));
const WORKSHOP: WorkshopId = WorkshopId(Uuid::from_u128(3));
const ENVIRONMENT: EnvironmentId = EnvironmentId(Uuid::from_u128(4));

/// Seconds after the session started.
fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

/// Three steps, to be read, answered and checked, for 1, 2 and 4 points, and 8 for all; an hour's time.
fn start() -> Start {
    let step = |key: &str, points, rule| StepOutline { key: key.to_owned(), title: key.to_owned(), points: Points(points), rule };
    Start {
        learner: ADA,
        workshop: WORKSHOP,
        author: BOB,
        version: Some(1),
        content: digest(),
        title: "Docker".to_owned(),
        order: StepOrder::Sequential,
        steps: vec![step("read", 1, RuleKind::Read), step("answer", 2, RuleKind::Answer), step("check", 4, RuleKind::Check)],
        completion_points: Points(8),
        environment: Some(ENVIRONMENT),
        run: None,
        started_at: at(0),
        expires_at: at(3600),
    }
}

fn digest() -> Digest {
    Digest::try_from("0".repeat(64)).expect("64 digits")
}

fn result(check: &str, end: CheckEnd) -> CheckResult {
    CheckResult { check: check.to_owned(), end, output: Personal::new(ADA, "output".to_owned()), digest: digest(), milliseconds: 12 }
}

fn complete(step: &str) -> SessionCommand {
    SessionCommand::CompleteStep { by: ADA, step: step.to_owned() }
}

/// Of three choices the first and the last are right.
fn answer(step: &str, choices: &[u16]) -> SessionCommand {
    SessionCommand::AnswerStep { by: ADA, step: step.to_owned(), choices: choices.to_vec(), right: vec![2, 0], of: 3 }
}

fn check(step: &str, all: bool, ends: &[CheckEnd]) -> SessionCommand {
    let results = ends.iter().map(|end| result("runs", *end)).collect();
    SessionCommand::RecordChecks { by: ADA, step: step.to_owned(), results, all }
}

/// A session in which these commands were accepted, a minute apart.
fn after(start: Start, commands: impl IntoIterator<Item = SessionCommand>) -> Session {
    let mut session: Session = given([SessionEvent::Started(start)]);
    for (minute, command) in (1..).zip(commands) {
        for event in session.decide(command, at(minute * 60)).expect("a command that is accepted") {
            session.evolve(&event);
        }
    }
    session
}

fn completed_all() -> Session {
    after(start(), [complete("read"), answer("answer", &[0, 2]), check("check", true, &[CheckEnd::Exited(0)])])
}

/// A command of each kind, by this account; none of them would do in every state.
fn all_by(by: AccountId) -> Vec<SessionCommand> {
    let step = || "read".to_owned();
    vec![
        SessionCommand::CompleteStep { by, step: step() },
        SessionCommand::AnswerStep { by, step: step(), choices: vec![0], right: vec![0], of: 1 },
        SessionCommand::RecordChecks { by, step: step(), results: vec![], all: true },
        SessionCommand::Finish { by },
        SessionCommand::Abandon { by },
        SessionCommand::Extend { by: Some(by), minutes: Minutes(1), limit: Minutes(1) },
    ]
}

#[test]
fn a_session_starts_as_it_was_asked_for() {
    assert_eq!(Session::Absent.decide(SessionCommand::Start(Box::new(start())), at(0)), Ok(vec![SessionEvent::Started(start())]));
}

#[test]
fn a_session_starts_once() {
    let ended = after(start(), [SessionCommand::Abandon { by: ADA }]);
    for session in [after(start(), []), ended] {
        assert_eq!(session.decide(SessionCommand::Start(Box::new(start())), at(0)), Err(Rejection::Ended));
    }
}

#[test]
fn nothing_can_be_done_in_a_session_that_is_not_there() {
    for command in all_by(ADA) {
        assert_eq!(Session::Absent.decide(command, at(1)), Err(Rejection::NotFound));
    }
}

#[test]
fn somebody_elses_session_looks_like_none_active_or_ended() {
    let ended = after(start(), [SessionCommand::Abandon { by: ADA }]);
    for session in [after(start(), []), ended] {
        for command in all_by(BOB) {
            assert_eq!(session.decide(command, at(1)), Err(Rejection::NotFound), "not even for the workshop's author");
        }
    }
}

#[test]
fn nothing_can_be_done_in_a_session_that_has_ended() {
    let mut expired = after(start(), []);
    for event in expired.decide(SessionCommand::Expire, at(3600)).expect("a timer is never turned down") {
        expired.evolve(&event);
    }
    let abandoned = after(start(), [SessionCommand::Abandon { by: ADA }]);
    let mut finished = completed_all();
    for event in finished.decide(SessionCommand::Finish { by: ADA }, at(240)).expect("all steps are completed") {
        finished.evolve(&event);
    }
    for session in [expired, abandoned, finished] {
        for command in all_by(ADA) {
            assert_eq!(session.decide(command, at(1)), Err(Rejection::Ended));
        }
    }
}
