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
