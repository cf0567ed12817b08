use super::*;

fn schedule(plan: Plan) -> RunCommand {
    RunCommand::Schedule { organiser: GRACE, series: None, plan: Box::new(plan) }
}

#[test]
fn a_run_is_scheduled_once() {
    let mut story = Story::new();
    let expected = RunEvent::Scheduled { organiser: GRACE, series: None, plan: Box::new(plan()) };
    assert_eq!(story.takes(schedule(plan())), [expected]);
    assert_eq!(story.refuses(schedule(plan())), Rejection::WrongState { state: "a draft".to_owned() });
}

#[test]
fn a_run_with_flaws_is_not_scheduled() {
    let backwards = Plan { ends_at: at(START), ..plan() };
    assert_eq!(Story::new().refuses(schedule(backwards)), flawed("endsAt", "a time after the start"));
}

#[test]
fn a_run_that_is_over_is_not_scheduled() {
    let mut story = Story::new();
    let short = || Plan { ends_at: at(START + HOUR), ..plan() };
    assert_eq!(story.at(START + HOUR).refuses(schedule(short())), flawed("endsAt", "a time to come"));
    story.at(START + HOUR - 1).takes(schedule(short()));
}

#[test]
fn a_draft_is_published_before_it_starts() {
    let mut story = Story::drafted(plan());
    assert_eq!(story.refuses(comes(1, "free")), Rejection::NotFound, "nobody was told of it yet");
    assert_eq!(story.told(RunCommand::Publish { by: BY }), ["RunPublished"]);
    assert!(story.told(RunCommand::Publish { by: BY }).is_empty(), "it is already");
    let mut late = Story::drafted(plan());
    assert_eq!(late.at(START).refuses(RunCommand::Publish { by: BY }), flawed("startsAt", "a time to come"));
}

#[test]
fn nobody_but_its_organiser_and_managers_runs_it() {
    let other = By::Organiser(account(1));
    let mut story = Story::with(plan(), [1]);
    assert_eq!(story.refuses(RunCommand::Cancel { by: other, reason: String::new() }), Rejection::NotFound);
    assert_eq!(story.refuses(RunCommand::Revise { by: other, plan: Box::new(plan()) }), Rejection::NotFound);
    assert_eq!(story.refuses(RunCommand::CheckIn { by: other, registration: reg(1) }), Rejection::RegistrationNotFound);
    let stranger = Caller::Staff(other);
    assert_eq!(story.refuses(RunCommand::Withdraw { by: stranger, registration: reg(1) }), Rejection::RegistrationNotFound);
    assert_eq!(story.at(START).told(RunCommand::CheckIn { by: By::Manager, registration: reg(1) }), ["CheckedIn 1"]);
}

#[test]
fn a_run_of_a_series_knows_which() {
    let series = Some(crate::kernel::RunId(Uuid::from_u128(7)));
    let mut story = Story::new();
    story.takes(RunCommand::Schedule { organiser: GRACE, series, plan: Box::new(plan()) });
    assert_eq!(story.scheduled().series, series);
}
