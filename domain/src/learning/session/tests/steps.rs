//! Steps that are read or answered, and the order of steps.

use super::*;

fn answered(attempt: u32, choices: &[u16], correct: bool) -> SessionEvent {
    SessionEvent::StepAnswered { step: "answer".to_owned(), attempt, choices: choices.to_vec(), correct }
}

#[test]
fn a_completed_step_carries_its_points_time_and_totals() {
    let session = after(start(), [complete("read")]);
    let events = session.decide(answer("answer", &[0, 2]), at(90)).expect("the right choices");
    let completed = SessionEvent::StepCompleted {
        step: "answer".to_owned(),
        points: Points(2),
        attempts: 1,
        at: at(90),
        spent: Seconds(30),
        completed: 2,
        of: 3,
        total: Points(3),
    };
    assert_eq!(events, [answered(1, &[0, 2], true), completed]);
}

#[test]
fn completing_a_step_twice_is_no_mistake() {
    let session = completed_all();
    for command in [complete("read"), answer("answer", &[0, 2]), answer("answer", &[1]), check("check", true, &[CheckEnd::Exited(1)])] {
        assert_eq!(session.decide(command, at(300)), Ok(vec![]));
    }
}

#[test]
fn a_step_out_of_order_is_refused_and_names_the_current_one() {
    let current = |step: &str| Err(Rejection::OutOfOrder { current: step.to_owned() });
    let fresh = after(start(), []);
    assert_eq!(fresh.decide(answer("answer", &[0, 2]), at(1)), current("read"));
    assert_eq!(fresh.decide(check("check", true, &[CheckEnd::Exited(0)]), at(1)), current("read"));
    assert_eq!(after(start(), [complete("read")]).decide(check("check", true, &[CheckEnd::Exited(0)]), at(61)), current("answer"));
}

#[test]
fn steps_in_free_order_may_be_completed_as_one_likes() {
    let free = || Start { order: StepOrder::Free, ..start() };
    let session = after(free(), [check("check", true, &[CheckEnd::Exited(0)]), complete("read")]);
    let events = session.decide(answer("answer", &[2, 0]), at(180)).expect("the last step");
    assert!(matches!(events.as_slice(), [_, SessionEvent::StepCompleted { completed: 3, of: 3, total: Points(7), .. }]), "{events:?}");
}

#[test]
fn a_step_is_completed_in_its_own_way_and_the_refusal_names_it() {
    let session = after(start(), []);
    let expected = |mutation: &str| Err(Rejection::WrongRule { expected: mutation.to_owned() });
    assert_eq!(session.decide(answer("read", &[0]), at(1)), expected("stepComplete"));
    assert_eq!(session.decide(complete("answer"), at(1)), expected("stepAnswer"));
    assert_eq!(session.decide(complete("check"), at(1)), expected("stepCheck"));
    assert_eq!(session.decide(check("read", true, &[CheckEnd::Exited(0)]), at(1)), expected("stepComplete"));
}

#[test]
fn a_step_that_is_not_there_is_named_in_at_most_80_characters() {
    let session = after(start(), []);
    assert_eq!(session.decide(complete("none"), at(1)), Err(Rejection::StepNotFound { step: "none".to_owned() }));
    assert_eq!(session.decide(complete(&"ö".repeat(500)), at(1)), Err(Rejection::StepNotFound { step: "ö".repeat(80) }));
}

#[test]
fn a_wrong_answer_is_recorded_and_attempts_are_counted() {
    let session = after(start(), [complete("read"), answer("answer", &[1])]);
    for choices in [vec![0], vec![0, 1], vec![0, 1, 2]] {
        assert_eq!(session.decide(answer("answer", &choices), at(180)), Ok(vec![answered(2, &choices, false)]));
    }
    let events = session.decide(answer("answer", &[0, 2]), at(180)).expect("the right choices");
    assert!(matches!(events.as_slice(), [_, SessionEvent::StepCompleted { attempts: 2, spent: Seconds(120), .. }]), "{events:?}");
}

#[test]
fn choices_are_a_set_and_their_order_does_not_matter() {
    let session = after(start(), [complete("read")]);
    let events = session.decide(answer("answer", &[2, 0]), at(120)).expect("the right choices");
    assert_eq!(events[0], answered(1, &[0, 2], true));
}

#[test]
fn choices_that_are_none_twice_or_out_of_range_are_refused_and_not_counted() {
    let session = after(start(), [complete("read")]);
    for choices in [vec![], vec![0, 0], vec![3], vec![0, u16::MAX]] {
        assert_eq!(session.decide(answer("answer", &choices), at(120)), Err(Rejection::ChoicesInvalid { choices: 3 }), "{choices:?}");
    }
}

#[test]
fn a_question_without_right_choices_is_never_answered() {
    let session = after(start(), [complete("read")]);
    let command = SessionCommand::AnswerStep { by: ADA, step: "answer".to_owned(), choices: vec![0], right: vec![], of: 3 };
    assert_eq!(session.decide(command, at(120)), Ok(vec![answered(1, &[0], false)]));
}

#[test]
fn a_preview_earns_no_points() {
    let session = after(Start { version: None, ..start() }, []);
    let events = session.decide(complete("read"), at(60)).expect("the first step");
    assert!(
        matches!(events.as_slice(), [SessionEvent::StepCompleted { points: Points(0), total: Points(0), completed: 1, .. }]),
        "{events:?}"
    );
}

#[test]
fn a_clock_that_went_back_spends_no_time() {
    let session = after(start(), [complete("read")]);
    let events = session.decide(answer("answer", &[0, 2]), at(10)).expect("the right choices");
    assert!(matches!(events.as_slice(), [_, SessionEvent::StepCompleted { spent: Seconds(0), .. }]), "{events:?}");
}
