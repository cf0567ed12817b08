use super::*;

fn paid_at(minute: i64) -> Story {
    let mut story = Story::published(plan());
    story.at(minute).takes(comes(1, "paid"));
    story.takes(pays(1, 10_000));
    story
}

#[test]
fn who_withdraws_early_gets_more_back() {
    for (minute, back) in [(START - 7 * DAY, 10_000), (START - 7 * DAY + 1, 5_000), (START - DAY, 5_000), (START - DAY + 1, 0)] {
        let mut story = paid_at(0);
        story.at(minute).takes(withdraws(1));
        assert_eq!(story.entry(1).owed, back, "{minute}");
        assert!(story.takes(withdraws(1)).is_empty(), "they have already");
    }
}

#[test]
fn who_had_no_place_of_their_own_yet_gets_all_back() {
    let mut story = Story::published(plan());
    story.at(START - HOUR).takes(comes(1, "paid"));
    story.takes(pays(1, 4_000));
    story.takes(withdraws(1));
    assert_eq!(story.entry(1).owed, 4_000);
}

#[test]
fn nobody_withdraws_anothers_or_once_the_run_has_begun_or_they_are_there() {
    let mut story = Story::with(plan(), [1, 2]);
    let anothers = RunCommand::Withdraw { by: Caller::Account(account(2)), registration: reg(1) };
    assert_eq!(story.refuses(anothers), Rejection::RegistrationNotFound);
    story.at(START - DAY).takes(RunCommand::CheckIn { by: BY, registration: reg(2) });
    assert_eq!(story.refuses(withdraws(2)), Rejection::WrongStage { stage: "attended".to_owned() });
    assert_eq!(story.at(START).refuses(withdraws(1)), Rejection::WrongStage { stage: "confirmed".to_owned() });
    assert_eq!(story.refuses(withdraws(3)), Rejection::RegistrationNotFound);
}

#[test]
fn an_organiser_cancels_a_registration_and_owes_all_of_it() {
    let mut story = paid_at(START - HOUR);
    let cancel = || RunCommand::CancelRegistration { by: BY, registration: reg(1), reason: " by telephone ".to_owned() };
    let (registration, amount) = (reg(1), eur(10_000));
    let cancelled = RunEvent::RegistrationCancelled { registration, reason: "by telephone".to_owned(), left: 2, waiting: 0 };
    let owed = RunEvent::RefundOwed { registration, amount, reason: RefundReason::CancelledByOrganiser, owed: amount };
    assert_eq!(story.takes(cancel()), [cancelled, owed]);
    assert!(story.takes(cancel()).is_empty());
}

#[test]
fn what_was_withdrawn_or_cancelled_or_ran_out_is_reinstated() {
    let mut story = Story::with(plan(), [1, 2]);
    let reinstate = |n| RunCommand::Reinstate { by: BY, registration: reg(n) };
    story.takes(withdraws(1));
    story.takes(RunCommand::CancelRegistration { by: BY, registration: reg(2), reason: String::new() });
    for n in [1, 2] {
        assert_eq!(story.told(reinstate(n)), [format!("RegistrationReinstated {n}"), format!("RegistrationConfirmed {n}")]);
    }
    let mut late = Story::published(plan());
    late.takes(comes(1, "paid"));
    late.at(60).takes(RunCommand::Settle);
    assert_eq!(late.told(reinstate(1)), ["RegistrationReinstated 1", "PaymentAwaited 1"]);
    late.at(START);
    assert_eq!(late.refuses(reinstate(1)), Rejection::WrongStage { stage: "expired".to_owned() });
}

#[test]
fn nobody_is_reinstated_who_has_another_registration() {
    let mut story = Story::with(plan(), [1]);
    story.takes(withdraws(1));
    let again = Application { registration: reg(2), ..application(1, "free") };
    story.takes(RunCommand::Request(Box::new(again)));
    let reinstate = RunCommand::Reinstate { by: BY, registration: reg(1) };
    assert_eq!(story.refuses(reinstate), Rejection::AlreadyRegistered { registration: reg(2) });
}

#[test]
fn what_comes_in_after_they_left_goes_back_and_what_was_kept_stays() {
    let mut story = paid_at(0);
    story.at(START - DAY).takes(withdraws(1));
    assert_eq!(story.told(report(1, 9, PaymentStatus::Succeeded, 700)), ["PaymentReported 1", "RefundOwed 1"]);
    assert_eq!((story.entry(1).kept(), story.entry(1).owed), (10_700, 5_700));
}

#[test]
fn who_is_erased_gives_up_what_they_have_and_it_goes_on_to_who_waits() {
    let give_up = |n| RunCommand::GiveUp { account: account(n) };
    let mut story = Story::with(Plan { capacity: 1, ..plan() }, 1..=4);
    assert_eq!(story.told(give_up(2)), ["RegistrationWithdrawn 2"], "who waits leaves the line");
    assert_eq!(story.told(give_up(1)), ["RegistrationWithdrawn 1", "PlaceOffered 3"]);
    assert_eq!(story.told(give_up(3)), ["RegistrationWithdrawn 3", "PlaceOffered 4"]);
    for n in [1, 2, 3, 9] {
        assert!(story.takes(give_up(n)).is_empty(), "they have nothing any more");
    }
    let again = Application { registration: reg(5), ..application(1, "free") };
    story.takes(RunCommand::Request(Box::new(again)));
    assert_eq!(story.stage(5), "waitlisted", "their address is free for another account");
    assert_eq!(Story::new().refuses(give_up(1)), Rejection::NotFound);
}

#[test]
fn who_is_erased_is_owed_what_who_withdraws_is() {
    let mut story = paid_at(0);
    let give_up = RunCommand::GiveUp { account: account(1) };
    assert_eq!(story.at(START - DAY).told(give_up), ["RegistrationWithdrawn 1", "RefundOwed 1"]);
    assert_eq!((story.entry(1).kept(), story.entry(1).owed), (10_000, 5_000));
}

#[test]
fn what_who_is_erased_has_stays_once_the_run_has_begun_or_they_have_come_or_given_it_away() {
    let give_up = |n| RunCommand::GiveUp { account: account(n) };
    let mut story = Story::with(Plan { capacity: 3, ..plan() }, [1, 2, 3]);
    let (by, to) = (Caller::Account(account(3)), Box::new(applicant(4)));
    story.takes(RunCommand::Transfer { by, registration: reg(3), to });
    assert!(story.takes(give_up(3)).is_empty());
    story.at(START - HOUR).takes(RunCommand::CheckIn { by: BY, registration: reg(2) });
    assert!(story.takes(give_up(2)).is_empty());
    assert!(story.at(START).takes(give_up(1)).is_empty());
    assert_eq!(story.stages([1, 2, 3]), ["confirmed", "attended", "confirmed"]);
}
