use super::*;

fn cancels() -> RunCommand {
    RunCommand::Cancel { by: BY, reason: "the room is under water".to_owned() }
}

fn completes() -> RunCommand {
    RunCommand::Complete { by: BY }
}

#[test]
fn a_run_that_is_cancelled_ends_all_registrations_and_owes_all_that_came_in() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(pays(1, 10_000));
    for n in [2, 3] {
        story.takes(comes(n, "free"));
    }
    story.at(START - DAY).takes(RunCommand::CheckIn { by: BY, registration: reg(2) });
    let expected = ["RunCancelled", "RegistrationCancelled 1", "RefundOwed 1", "RegistrationCancelled 2", "RegistrationCancelled 3"];
    assert_eq!(story.told(cancels()), expected);
    assert!(story.told(cancels()).is_empty());
    assert_eq!((story.scheduled().taken(), story.scheduled().waiting(), story.entry(1).owed), (0, 0, 10_000));
    let reinstate = RunCommand::Reinstate { by: BY, registration: reg(1) };
    assert_eq!(story.refuses(reinstate), Rejection::WrongStage { stage: "cancelled".to_owned() });
}

#[test]
fn what_comes_in_for_a_run_that_was_cancelled_is_owed() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(cancels());
    assert_eq!(story.told(pays(1, 10_000)), ["PaymentReported 1", "RefundOwed 1"]);
}

#[test]
fn a_draft_is_cancelled_and_what_is_over_is_not() {
    assert_eq!(Story::drafted(plan()).told(cancels()), ["RunCancelled"]);
    let mut story = Story::published(plan());
    story.at(START + DAY).takes(completes());
    assert_eq!(story.refuses(cancels()), Rejection::WrongState { state: "completed".to_owned() });
    let long = RunCommand::Cancel { by: BY, reason: "x".repeat(501) };
    assert_eq!(Story::published(plan()).refuses(long), flawed("reason", "500 characters at most"));
}

#[test]
fn a_run_is_complete_once_it_has_ended() {
    let mut story = Story::published(Plan { capacity: 3, ..plan() });
    story.takes(group(1, "free", 2));
    story.takes(comes(2, "free"));
    story.takes(comes(3, "free"));
    story.at(START).takes(RunCommand::CheckIn { by: BY, registration: reg(1) });
    assert_eq!(story.refuses(completes()), Rejection::NotEnded);
    let events = story.at(START + 8 * HOUR).takes(completes());
    assert_eq!(events[0], RunEvent::Completed { attended: 2, absent: 1 });
    assert_eq!(story.stages(1..=3), ["attended", "no show", "expired"]);
    assert!(story.told(completes()).is_empty());
    assert_eq!(Story::drafted(plan()).at(START + DAY).refuses(completes()), Rejection::WrongState { state: "a draft".to_owned() });
}

#[test]
fn what_is_too_much_for_one_decision_is_ended_by_the_next() {
    let mut story = Story::with(Plan { capacity: 2, ..plan() }, 1..=1500);
    assert_eq!(story.takes(cancels()).len(), 1 + 1000);
    assert!(story.scheduled().is_behind(at(0)));
    assert_eq!(story.takes(RunCommand::Settle).len(), 500);
    assert!(!story.scheduled().is_behind(at(0)));
    assert!(story.takes(RunCommand::Settle).is_empty());
}

#[test]
fn who_did_not_come_gets_all_back_if_it_is_cancelled_after_all() {
    let mut story = Story::published(plan());
    story.takes(comes(1, "paid"));
    story.takes(pays(1, 10_000));
    story.at(START).takes(RunCommand::RecordNoShow { by: BY, registration: reg(1) });
    assert_eq!(story.told(cancels()), ["RunCancelled", "RegistrationCancelled 1", "RefundOwed 1"]);
    assert_eq!(story.entry(1).owed, 10_000);
}

#[test]
fn what_a_registration_waited_for_when_it_runs_out_is_told() {
    let completed = |mut story: Story| story.at(START + 8 * HOUR).takes(completes());
    let expired =
        |n: u128, from: Stage, left: u32| RunEvent::RegistrationExpired { registration: reg(n), from: Some(from), left, waiting: 0 };
    assert!(completed(Story::with(plan(), 1..=3)).contains(&expired(3, Stage::Waitlisted, 0)));
    let pending = Stage::PendingApproval { holds_place: true };
    assert!(completed(Story::with(approval(true), [1])).contains(&expired(1, pending, 2)));
    let mut unpaid = Story::published(plan());
    unpaid.takes(comes(1, "paid"));
    let awaiting = unpaid.entry(1).stage;
    assert!(completed(unpaid).contains(&expired(1, awaiting, 2)));
}

#[test]
fn who_has_no_place_for_good_when_it_is_complete_has_none() {
    let mut pending = Story::with(approval(true), [1]);
    assert_eq!(pending.at(START + 8 * HOUR).told(completes()), ["RunCompleted", "RegistrationExpired 1"]);
    // Nothing is held beyond the start: by the end, it has run out.
    let mut awaiting = Story::published(plan());
    awaiting.takes(comes(1, "paid"));
    assert_eq!(awaiting.at(START + 8 * HOUR).told(completes()), ["RegistrationExpired 1", "RunCompleted"]);
    let mut offered = Story::with(Plan { capacity: 1, ..plan() }, [1, 2]);
    offered.takes(withdraws(1));
    assert_eq!(offered.at(START + 8 * HOUR).told(completes()), ["OfferLapsed 2", "RunCompleted"]);
}
