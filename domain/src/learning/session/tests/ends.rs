//! How sessions end.

use super::{super::End, *};

const fn extend(by: Option<AccountId>, minutes: u32, limit: u32) -> SessionCommand {
    SessionCommand::Extend { by, minutes: Minutes(minutes), limit: Minutes(limit) }
}

fn extended(minutes: u32) -> SessionEvent {
    let expires_at = at(3600 + 60 * i64::from(minutes));
    SessionEvent::Extended { environment: Some(ENVIRONMENT), extended: Minutes(minutes), expires_at }
}

fn end(completed: u32, points: u32, bonus: u32, spent: u32) -> End {
    End {
        learner: ADA,
        workshop: WORKSHOP,
        author: BOB,
        preview: false,
        environment: Some(ENVIRONMENT),
        completed,
        of: 3,
        points: Points(points),
        bonus: Points(bonus),
        spent: Seconds(spent),
    }
}

#[test]
fn a_session_whose_steps_are_all_completed_is_finished_with_a_bonus() {
    let outcome = completed_all().decide(SessionCommand::Finish { by: ADA }, at(240));
    assert_eq!(outcome, Ok(vec![SessionEvent::Finished { end: end(3, 15, 8, 240) }]));
}

#[test]
fn a_session_with_steps_left_is_not_finished_and_says_how_many() {
    let finish = || SessionCommand::Finish { by: ADA };
    assert_eq!(after(start(), []).decide(finish(), at(1)), Err(Rejection::StepsRemaining { remaining: 3 }));
    assert_eq!(after(start(), [complete("read")]).decide(finish(), at(61)), Err(Rejection::StepsRemaining { remaining: 2 }));
}

#[test]
fn an_abandoned_session_keeps_the_points_of_its_steps_and_earns_no_bonus() {
    let outcome = after(start(), [complete("read")]).decide(SessionCommand::Abandon { by: ADA }, at(100));
    assert_eq!(outcome, Ok(vec![SessionEvent::Abandoned { end: end(1, 1, 0, 100) }]));
}

#[test]
fn a_session_expires_from_its_last_moment_on_and_not_before() {
    let session = completed_all();
    assert_eq!(session.decide(SessionCommand::Expire, at(3599)), Ok(vec![]));
    for seconds in [3600, 7200] {
        let spent = u32::try_from(seconds).expect("a positive number");
        let outcome = session.decide(SessionCommand::Expire, at(seconds));
        assert_eq!(outcome, Ok(vec![SessionEvent::Expired { end: end(3, 7, 0, spent) }]), "nobody finished it");
    }
}

#[test]
fn a_timer_that_fires_for_no_session_or_an_ended_one_does_nothing() {
    let ended = after(start(), [SessionCommand::Abandon { by: ADA }]);
    for session in [Session::Absent, ended] {
        assert_eq!(session.decide(SessionCommand::Expire, at(7200)), Ok(vec![]));
    }
}

#[test]
fn until_its_timer_fires_a_session_goes_on() {
    assert_eq!(after(start(), []).decide(complete("read"), at(3601)).expect("a session that is active").len(), 1);
}

#[test]
fn a_finished_preview_earns_nothing() {
    let preview = Start { version: None, environment: None, steps: vec![], ..start() };
    let outcome = after(preview, []).decide(SessionCommand::Finish { by: ADA }, at(10));
    let nothing = End { preview: true, environment: None, of: 0, ..end(0, 0, 0, 10) };
    assert_eq!(outcome, Ok(vec![SessionEvent::Finished { end: nothing }]));
}

#[test]
fn a_session_is_extended_up_to_a_limit_for_all_extensions_together() {
    let session = after(start(), []);
    assert_eq!(session.decide(extend(Some(ADA), 20, 30), at(1)), Ok(vec![extended(20)]));
    let longer = after(start(), [extend(Some(ADA), 20, 30)]);
    assert_eq!(longer.decide(extend(Some(ADA), 11, 30), at(61)), Err(Rejection::ExtensionInvalid { left: 10 }));
    assert_eq!(longer.decide(extend(Some(ADA), 10, 30), at(61)), Ok(vec![extended(30)]));
    assert_eq!(longer.decide(extend(None, 40, 60), at(61)), Ok(vec![extended(60)]), "who manages sessions has a limit of their own");
    assert_eq!(longer.decide(SessionCommand::Expire, at(3600)), Ok(vec![]), "not at the hour it was to end at first");
    assert_eq!(longer.decide(SessionCommand::Expire, at(4800)).expect("a timer is never turned down").len(), 1);
}

#[test]
fn a_session_ends_at_another_time_if_what_it_was_begun_for_does() {
    let reschedule = |seconds| SessionCommand::Reschedule { until: at(seconds) };
    let moved = |seconds| SessionEvent::Rescheduled { environment: Some(ENVIRONMENT), expires_at: at(seconds) };
    let session = after(start(), []);
    assert_eq!(session.decide(reschedule(1800), at(1)), Ok(vec![moved(1800)]));
    assert_eq!(session.decide(reschedule(3600), at(1)), Ok(vec![]), "it does so already");
    let shorter = after(start(), [reschedule(1800)]);
    assert_eq!(shorter.decide(SessionCommand::Expire, at(1800)), Ok(vec![SessionEvent::Expired { end: end(0, 0, 0, 1800) }]));
    let longer = after(start(), [extend(Some(ADA), 20, 30), reschedule(7200)]);
    assert_eq!(longer.decide(SessionCommand::Expire, at(4800)), Ok(vec![]));
    assert_eq!(longer.decide(extend(Some(ADA), 11, 30), at(1)), Err(Rejection::ExtensionInvalid { left: 10 }));
    let ended = after(start(), [SessionCommand::Abandon { by: ADA }]);
    for session in [Session::Absent, ended] {
        assert_eq!(session.decide(reschedule(1), at(2)), Ok(vec![]));
    }
}

#[test]
fn a_session_is_not_extended_by_nothing_or_where_there_is_no_overtime() {
    let session = after(start(), []);
    assert_eq!(session.decide(extend(Some(ADA), 0, 30), at(1)), Err(Rejection::ExtensionInvalid { left: 30 }));
    assert_eq!(session.decide(extend(Some(ADA), 1, 0), at(1)), Err(Rejection::ExtensionInvalid { left: 0 }));
    assert_eq!(session.decide(extend(None, u32::MAX, 30), at(1)), Err(Rejection::ExtensionInvalid { left: 30 }));
    let ended = after(start(), [SessionCommand::Abandon { by: ADA }]);
    assert_eq!(ended.decide(extend(None, 1, 30), at(1)), Err(Rejection::Ended));
    assert_eq!(Session::Absent.decide(extend(None, 1, 30), at(1)), Err(Rejection::NotFound));
}
