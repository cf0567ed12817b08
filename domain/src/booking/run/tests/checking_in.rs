use super::*;

fn checks_in(n: u128) -> RunCommand {
    RunCommand::CheckIn { by: BY, registration: reg(n) }
}

fn undoes(n: u128) -> RunCommand {
    RunCommand::UndoCheckIn { by: BY, registration: reg(n) }
}

fn absent(n: u128) -> RunCommand {
    RunCommand::RecordNoShow { by: BY, registration: reg(n) }
}

fn came(n: u128) -> RunCommand {
    RunCommand::UndoNoShow { by: BY, registration: reg(n) }
}

#[test]
fn somebody_is_checked_in_once_and_it_is_undone() {
    let mut story = Story::with(plan(), [1]);
    story.at(START);
    assert_eq!(story.takes(checks_in(1)), [RunEvent::CheckedIn { registration: reg(1), at: at(START) }]);
    assert_eq!(story.refuses(checks_in(1)), Rejection::WrongStage { stage: "attended".to_owned() });
    assert_eq!(story.takes(undoes(1)), [RunEvent::CheckInUndone { registration: reg(1) }]);
    assert_eq!(story.refuses(undoes(1)), Rejection::WrongStage { stage: "confirmed".to_owned() });
    story.takes(checks_in(1));
}

#[test]
fn nobody_is_checked_in_before_the_day_before_the_start() {
    let mut story = Story::with(plan(), [1]);
    let early = Rejection::CheckInTooEarly { from: at(START - DAY) };
    for minute in [0, START - DAY - 1] {
        assert_eq!(story.at(minute).refuses(checks_in(1)), early);
    }
    assert_eq!(story.at(START - DAY).told(checks_in(1)), ["CheckedIn 1"]);
    // It is the time that the run has by then.
    story.takes(undoes(1));
    let (starts_at, ends_at) = (at(START + DAY), at(START + 2 * DAY));
    story.takes(RunCommand::Reschedule { by: BY, starts_at, ends_at, closes_at: None, time_zone: None });
    assert_eq!(story.refuses(checks_in(1)), Rejection::CheckInTooEarly { from: at(START) });
}

#[test]
fn who_has_no_place_is_not_checked_in() {
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, [1, 2]);
    assert_eq!(story.refuses(checks_in(2)), Rejection::WrongStage { stage: "waitlisted".to_owned() });
    story.takes(withdraws(1));
    assert_eq!(story.refuses(checks_in(1)), Rejection::WrongStage { stage: "withdrawn".to_owned() });
}

#[test]
fn who_does_not_come_is_a_no_show_once_it_has_begun() {
    let mut story = Story::with(plan(), [1]);
    assert_eq!(story.refuses(absent(1)), Rejection::WrongStage { stage: "confirmed".to_owned() });
    story.at(START);
    assert_eq!(story.takes(absent(1)), [RunEvent::NoShowRecorded { registration: reg(1) }]);
    assert_eq!(story.refuses(checks_in(1)), Rejection::WrongStage { stage: "no show".to_owned() });
    assert_eq!(story.takes(came(1)), [RunEvent::NoShowUndone { registration: reg(1) }]);
    assert_eq!(story.refuses(came(1)), Rejection::WrongStage { stage: "confirmed".to_owned() });
    story.takes(checks_in(1));
}

#[test]
fn once_it_is_over_somebody_came_or_did_not() {
    let mut story = Story::with(plan(), [1, 2]);
    story.at(START).takes(checks_in(1));
    let completed = story.at(START + DAY).told(RunCommand::Complete { by: BY });
    assert_eq!(completed, ["RunCompleted", "NoShowRecorded 2"]);
    assert_eq!(story.told(came(2)), ["NoShowUndone 2", "CheckedIn 2"]);
    assert_eq!(story.told(undoes(1)), ["CheckInUndone 1", "NoShowRecorded 1"]);
    assert_eq!(story.told(checks_in(1)), ["CheckedIn 1"]);
    assert_eq!(story.stages([1, 2]), ["attended", "attended"]);
}
