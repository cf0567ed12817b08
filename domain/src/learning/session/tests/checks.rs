//! Steps that are checked.

use super::*;

/// A session whose current step is the one that is checked.
fn ready() -> Session {
    after(start(), [complete("read"), answer("answer", &[0, 2])])
}

fn passed(attempt: u32) -> SessionEvent {
    SessionEvent::StepCheckPassed { step: "check".to_owned(), attempt, result: result("runs", CheckEnd::Exited(0)) }
}

#[test]
fn a_check_passes_only_by_exiting_with_0() {
    assert!(CheckEnd::Exited(0).passed());
    for end in [CheckEnd::Exited(1), CheckEnd::Exited(-1), CheckEnd::Signalled(0), CheckEnd::TimedOut, CheckEnd::OutputLimit] {
        assert!(!end.passed(), "{end:?}");
    }
}

#[test]
fn a_step_is_completed_when_all_its_checks_passed() {
    let events = ready().decide(check("check", true, &[CheckEnd::Exited(0), CheckEnd::Exited(0)]), at(180)).expect("this step's turn");
    let [first, second, SessionEvent::StepCompleted { step, attempts: 1, total: Points(7), .. }] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((first, second, step.as_str()), (&passed(1), &passed(1), "check"));
}

#[test]
fn a_failed_check_is_recorded_with_those_before_it_and_completes_nothing() {
    for end in [CheckEnd::Exited(1), CheckEnd::Signalled(9), CheckEnd::TimedOut, CheckEnd::OutputLimit] {
        let events = ready().decide(check("check", true, &[CheckEnd::Exited(0), end]), at(180)).expect("this step's turn");
        let failed = SessionEvent::StepCheckFailed { step: "check".to_owned(), attempt: 1, result: result("runs", end) };
        assert_eq!(events, [passed(1), failed]);
    }
}

#[test]
fn checks_that_passed_without_the_rest_having_run_complete_nothing() {
    assert_eq!(ready().decide(check("check", false, &[CheckEnd::Exited(0)]), at(180)), Ok(vec![passed(1)]));
}

#[test]
fn where_no_check_ran_nothing_is_completed() {
    assert_eq!(ready().decide(check("check", true, &[]), at(180)), Ok(vec![]));
}

#[test]
fn one_run_of_all_checks_is_one_attempt() {
    let two = |second| check("check", true, &[CheckEnd::Exited(0), second]);
    let session = after(start(), [complete("read"), answer("answer", &[0, 2]), two(CheckEnd::TimedOut)]);
    let events = session.decide(two(CheckEnd::Exited(0)), at(240)).expect("this step's turn");
    assert_eq!(events[0], passed(2));
    assert!(matches!(events[2], SessionEvent::StepCompleted { attempts: 2, .. }), "{events:?}");
}
