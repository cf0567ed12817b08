use uuid::Uuid;

use super::*;
use crate::{given, kernel::AccountId};

const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);

fn at(time: TimeDelta) -> Timestamp {
    Timestamp::UNIX_EPOCH + time
}

fn start() -> Timestamp {
    at(TimeDelta::zero())
}

fn new_address() -> Personal<Email> {
    Personal::new(AccountId(Uuid::from_u128(7)), Email::try_new("new@example.org").expect("an address"))
}

fn verify(request: Uuid) -> ContactEvent {
    ContactEvent::VerificationRequested { request, expires_at: start() + VERIFICATION, language: Language::Fr }
}

fn reset(request: Uuid) -> ContactEvent {
    ContactEvent::ResetRequested { request, expires_at: start() + RESET, language: Language::Fr }
}

/// One that the old address need not confirm.
fn change(request: Uuid) -> ContactEvent {
    let (email, expires_at) = (new_address(), start() + VERIFICATION);
    ContactEvent::ChangeRequested { request, email, expires_at, language: Language::Fr, both: false }
}

/// One that both addresses must confirm.
fn change_of_both(request: Uuid) -> ContactEvent {
    let (email, expires_at) = (new_address(), start() + VERIFICATION);
    ContactEvent::ChangeRequested { request, email, expires_at, language: Language::Fr, both: true }
}

fn confirm(request: Uuid) -> ContactCommand {
    confirm_at(request, Side::New)
}

fn confirm_at(request: Uuid, side: Side) -> ContactCommand {
    ContactCommand::ConfirmChange { request, side, before: old_address(), until: at(REVERT) }
}

fn half(request: Uuid, side: Side) -> ContactEvent {
    ContactEvent::ChangeHalfConfirmed { request, side }
}

fn confirmed(request: Uuid, revertible_until: Option<Timestamp>) -> ContactEvent {
    ContactEvent::ChangeConfirmed { request, before: Some(old_address()), revertible_until }
}

fn old_address() -> Personal<Email> {
    Personal::new(AccountId(Uuid::from_u128(7)), Email::try_new("old@example.org").expect("an address"))
}

const REVERT: TimeDelta = TimeDelta::days(7);

/// The address is known to be theirs.
fn verified() -> [ContactEvent; 2] {
    [verify(FIRST), ContactEvent::Verified { request: FIRST }]
}

fn when(history: &[ContactEvent], command: ContactCommand, now: Timestamp) -> Result<Vec<ContactEvent>, Rejection> {
    given::<Contact>(history.to_vec()).decide(command, now)
}

#[test]
fn a_link_is_good_once_and_until_its_time_is_over() {
    let used = |request| ContactCommand::Verify { request };
    let last = start() + VERIFICATION - TimeDelta::microseconds(1);
    assert_eq!(when(&[verify(FIRST)], used(FIRST), last), Ok(vec![ContactEvent::Verified { request: FIRST }]));
    assert_eq!(when(&[verify(FIRST)], used(FIRST), start() + VERIFICATION), Err(Rejection::LinkInvalid));
    assert_eq!(when(&[verify(FIRST)], used(SECOND), last), Err(Rejection::LinkInvalid));
    assert_eq!(when(&[], used(FIRST), last), Err(Rejection::LinkInvalid));
    assert_eq!(when(&[verify(FIRST), ContactEvent::Verified { request: FIRST }], used(FIRST), last), Err(Rejection::LinkInvalid));
    let last = start() + RESET - TimeDelta::microseconds(1);
    let used = |request| ContactCommand::UseReset { request };
    let (reset_used, verified) = (ContactEvent::ResetUsed { request: FIRST }, ContactEvent::Verified { request: FIRST });
    assert_eq!(when(&[reset(FIRST)], used(FIRST), last), Ok(vec![reset_used.clone(), verified.clone()]), "it came by mail");
    assert_eq!(when(&[verified, reset(FIRST)], used(FIRST), last), Ok(vec![reset_used]), "that was known");
    assert_eq!(when(&[reset(FIRST)], used(FIRST), start() + RESET), Err(Rejection::LinkInvalid));
    assert_eq!(when(&[reset(FIRST), ContactEvent::ResetUsed { request: FIRST }], used(FIRST), last), Err(Rejection::LinkInvalid));
}

#[test]
fn a_later_link_takes_the_place_of_the_earlier_one() {
    let used = |request| ContactCommand::Verify { request };
    assert_eq!(when(&[verify(FIRST), verify(SECOND)], used(FIRST), start()), Err(Rejection::LinkInvalid));
    assert_eq!(when(&[verify(FIRST), verify(SECOND)], used(SECOND), start()), Ok(vec![ContactEvent::Verified { request: SECOND }]));
}

#[test]
fn a_link_for_one_thing_is_good_for_no_other() {
    let all = [verify(FIRST), reset(SECOND)];
    assert_eq!(when(&all, ContactCommand::UseReset { request: FIRST }, start()), Err(Rejection::LinkInvalid));
    assert_eq!(when(&all, ContactCommand::Verify { request: SECOND }, start()), Err(Rejection::LinkInvalid));
    assert_eq!(when(&all, confirm(FIRST), start()), Err(Rejection::LinkInvalid));
}

#[test]
fn the_same_is_not_mailed_twice_within_a_minute() {
    let ask = || ContactCommand::RequestVerification { request: SECOND, language: Language::En };
    let soon = at(TimeDelta::seconds(59));
    assert_eq!(when(&[verify(FIRST)], ask(), soon), Err(Rejection::TooManyTries));
    assert!(when(&[verify(FIRST)], ask(), at(TimeDelta::minutes(1))).is_ok_and(|events| events.len() == 1));
    let ask = || ContactCommand::RequestReset { request: SECOND, language: Language::En };
    assert_eq!(when(&[reset(FIRST)], ask(), soon), Ok(vec![]), "nobody is told");
    assert!(when(&[reset(FIRST)], ask(), at(TimeDelta::minutes(1))).is_ok_and(|events| events.len() == 1));
    let ask = || ContactCommand::RequestChange { request: SECOND, email: new_address(), language: Language::En };
    assert_eq!(when(&[change(FIRST)], ask(), soon), Err(Rejection::TooManyTries));
}

#[test]
fn a_verified_address_is_not_asked_about_again() {
    let history = [verify(FIRST), ContactEvent::Verified { request: FIRST }];
    let ask = ContactCommand::RequestVerification { request: SECOND, language: Language::En };
    assert_eq!(when(&history, ask, at(TimeDelta::days(1))), Err(Rejection::EmailVerified));
}

#[test]
fn a_new_address_that_is_confirmed_is_verified_and_ends_what_was_mailed_to_the_old_one() {
    let history = [verify(FIRST), reset(FIRST), change(SECOND)];
    let confirm = confirm(SECOND);
    assert_eq!(when(&history, confirm, start()), Ok(vec![confirmed(SECOND, None)]));
    let after = given::<Contact>(history.into_iter().chain([confirmed(SECOND, None)]));
    assert!(after.verified && [FIRST, SECOND].iter().all(|request| after.good_until(*request, start()).is_none()));
    assert_eq!(after.change(SECOND), None);
}

#[test]
fn a_change_that_was_stopped_is_not_confirmed() {
    let stop = ContactCommand::StopChange { request: FIRST };
    assert_eq!(when(&[change(FIRST)], stop, start()), Ok(vec![ContactEvent::ChangeStopped { request: FIRST }]));
    let history = [change(FIRST), ContactEvent::ChangeStopped { request: FIRST }];
    assert_eq!(when(&history, confirm(FIRST), start()), Err(Rejection::LinkInvalid));
}

/// Somebody whose address is known to be theirs has asked for another.
fn asked() -> Vec<ContactEvent> {
    verified().into_iter().chain([change_of_both(SECOND)]).collect()
}

fn and(history: &[ContactEvent], more: impl IntoIterator<Item = ContactEvent>) -> Vec<ContactEvent> {
    history.iter().cloned().chain(more).collect()
}

#[test]
fn an_address_that_is_known_to_be_theirs_must_confirm_that_another_takes_its_place() {
    let ask = || ContactCommand::RequestChange { request: SECOND, email: new_address(), language: Language::Fr };
    assert_eq!(when(&verified(), ask(), start()), Ok(vec![change_of_both(SECOND)]));
    assert_eq!(when(&[verify(FIRST)], ask(), start()), Ok(vec![change(SECOND)]), "nobody has shown to read it");
}

#[test]
fn the_second_of_two_confirmations_changes_the_address_in_either_order() {
    for (first, second) in [(Side::Old, Side::New), (Side::New, Side::Old)] {
        assert_eq!(given::<Contact>(asked()).awaited(SECOND), [Side::Old, Side::New]);
        assert_eq!(when(&asked(), confirm_at(SECOND, first), start()), Ok(vec![half(SECOND, first)]));
        let halfway = and(&asked(), [half(SECOND, first)]);
        assert_eq!(given::<Contact>(halfway.clone()).awaited(SECOND), [second]);
        assert!(given::<Contact>(halfway.clone()).change(SECOND).is_some(), "it waits still");
        assert_eq!(when(&halfway, confirm_at(SECOND, second), start()), Ok(vec![confirmed(SECOND, Some(at(REVERT)))]));
        let after = and(&halfway, [confirmed(SECOND, Some(at(REVERT)))]);
        assert!(given::<Contact>(after.clone()).awaited(SECOND).is_empty());
        for side in [first, second] {
            assert_eq!(when(&after, confirm_at(SECOND, side), start()), Err(Rejection::LinkInvalid));
        }
    }
}

#[test]
fn one_address_confirms_once_and_not_for_the_other() {
    for side in [Side::Old, Side::New] {
        let halfway = and(&asked(), [half(SECOND, side)]);
        assert_eq!(when(&halfway, confirm_at(SECOND, side), start()), Err(Rejection::LinkInvalid), "{side:?}");
    }
    assert_eq!(when(&[change(FIRST)], confirm_at(FIRST, Side::Old), start()), Err(Rejection::LinkInvalid), "it is not asked");
}

#[test]
fn half_a_confirmation_is_worth_nothing_once_its_time_is_over_or_it_is_stopped_or_another_is_asked_for() {
    for (first, second) in [(Side::Old, Side::New), (Side::New, Side::Old)] {
        let halfway = and(&asked(), [half(SECOND, first)]);
        let last = start() + VERIFICATION - TimeDelta::microseconds(1);
        assert!(when(&halfway, confirm_at(SECOND, second), last).is_ok());
        assert_eq!(when(&halfway, confirm_at(SECOND, second), start() + VERIFICATION), Err(Rejection::LinkInvalid));
        let stop = ContactCommand::StopChange { request: SECOND };
        let stopped = ContactEvent::ChangeStopped { request: SECOND };
        assert_eq!(when(&halfway, stop, start()), Ok(vec![stopped.clone()]));
        assert_eq!(when(&and(&halfway, [stopped]), confirm_at(SECOND, second), start()), Err(Rejection::LinkInvalid));
        let third = Uuid::from_u128(3);
        let another = and(&halfway, [change_of_both(third)]);
        assert_eq!(when(&another, confirm_at(SECOND, second), start()), Err(Rejection::LinkInvalid));
        assert_eq!(when(&another, confirm_at(third, second), start()), Ok(vec![half(third, second)]), "it begins anew");
    }
}

#[test]
fn another_password_has_a_change_of_address_forgotten() {
    let stopped = ContactEvent::ChangeStopped { request: SECOND };
    for history in [asked(), and(&asked(), [half(SECOND, Side::New)])] {
        assert_eq!(when(&history, ContactCommand::ForgetChange, start()), Ok(vec![stopped.clone()]));
    }
    assert_eq!(when(&verified(), ContactCommand::ForgetChange, start()), Ok(vec![]));
    assert_eq!(when(&and(&asked(), [stopped]), ContactCommand::ForgetChange, start()), Ok(vec![]));
}

#[test]
fn who_shows_to_read_the_old_address_is_asked_by_the_next_change() {
    let history = [verify(FIRST), change(SECOND), ContactEvent::Verified { request: FIRST }];
    assert_eq!(when(&history, confirm(SECOND), start()), Err(Rejection::LinkInvalid), "the old address was not asked");
    let again = and(&asked(), [ContactEvent::Verified { request: FIRST }]);
    assert_eq!(given::<Contact>(again).awaited(SECOND), [Side::Old, Side::New], "it was asked");
}

#[test]
fn a_person_is_written_to_in_what_they_chose_or_came_with_first_or_ask_for_now() {
    let language = |history: &[ContactEvent], asked| given::<Contact>(history.to_vec()).language_or(asked);
    assert_eq!(language(&[], None), Language::En);
    assert_eq!(language(&[], Some(Language::Fr)), Language::Fr);
    assert_eq!(language(&[verify(FIRST)], Some(Language::En)), Language::Fr);
    let chosen = ContactEvent::LanguageChosen { language: Language::En };
    assert_eq!(language(&[verify(FIRST), chosen.clone()], Some(Language::Fr)), Language::En);
    assert_eq!(when(&[chosen], ContactCommand::ChooseLanguage { language: Language::En }, start()), Ok(vec![]));
}

#[test]
fn an_address_that_was_known_to_be_theirs_is_taken_back_once_within_its_time() {
    let history: Vec<_> = verified().into_iter().chain([change(SECOND)]).collect();
    assert_eq!(when(&history, confirm(SECOND), start()), Ok(vec![confirmed(SECOND, Some(at(REVERT)))]));
    let changed: Vec<_> = history.into_iter().chain([confirmed(SECOND, Some(at(REVERT)))]).collect();
    assert_eq!(given::<Contact>(changed.clone()).before(SECOND), Some(&old_address()));
    assert_eq!(given::<Contact>(changed.clone()).good_until(SECOND, start()), Some(at(REVERT)));
    let revert = |request| ContactCommand::RevertChange { request, taken: new_address() };
    let reverted = ContactEvent::ChangeReverted { request: SECOND, taken: new_address() };
    let last = at(REVERT - TimeDelta::microseconds(1));
    assert_eq!(when(&changed, revert(SECOND), last), Ok(vec![reverted.clone()]));
    assert_eq!(when(&changed, revert(SECOND), at(REVERT)), Err(Rejection::LinkInvalid));
    assert_eq!(when(&changed, revert(FIRST), last), Err(Rejection::LinkInvalid));
    let after: Vec<_> = changed.into_iter().chain([reverted]).collect();
    assert_eq!(when(&after, revert(SECOND), last), Err(Rejection::LinkInvalid));
}

#[test]
fn an_address_that_was_never_known_to_be_theirs_is_not_taken_back() {
    assert_eq!(when(&[change(SECOND)], confirm(SECOND), start()), Ok(vec![confirmed(SECOND, None)]));
    let revert = ContactCommand::RevertChange { request: SECOND, taken: new_address() };
    assert_eq!(when(&[change(SECOND), confirmed(SECOND, None)], revert, start()), Err(Rejection::LinkInvalid));
}

#[test]
fn taking_an_address_back_undoes_what_came_after_it() {
    let third = Uuid::from_u128(3);
    let until = Some(at(REVERT));
    let changes = [change(SECOND), confirmed(SECOND, until), change(third), confirmed(third, until), reset(FIRST), change(FIRST)];
    let history: Vec<_> = verified().into_iter().chain(changes).collect();
    let revert = |request| ContactCommand::RevertChange { request, taken: new_address() };
    assert!(when(&history, revert(third), start()).is_ok(), "the later alone");
    let after: Vec<_> = history.into_iter().chain([ContactEvent::ChangeReverted { request: SECOND, taken: new_address() }]).collect();
    assert_eq!(when(&after, revert(third), start()), Err(Rejection::LinkInvalid));
    assert_eq!(when(&after, ContactCommand::UseReset { request: FIRST }, start()), Err(Rejection::LinkInvalid), "mailed elsewhere");
    assert_eq!(when(&after, confirm(FIRST), start()), Err(Rejection::LinkInvalid));
}

#[test]
fn the_oldest_addresses_keep_their_links_however_often_it_is_changed() {
    let until = Some(at(REVERT));
    let id = |nth: u128| Uuid::from_u128(100 + nth);
    let changes = (0..5).flat_map(|nth| [change(id(nth)), confirmed(id(nth), until)]);
    let history: Vec<_> = verified().into_iter().chain(changes).chain([change(SECOND)]).collect();
    assert_eq!(when(&history, confirm(SECOND), start()), Ok(vec![confirmed(SECOND, None)]));
    let revert = ContactCommand::RevertChange { request: id(0), taken: new_address() };
    assert!(when(&history, revert, start()).is_ok());
}

#[test]
fn what_a_provider_knows_need_not_be_shown_again() {
    let corp = ProviderName::try_new("corp").expect("a name");
    let vouch = || ContactCommand::Vouch { provider: corp.clone() };
    let vouched = ContactEvent::Vouched { provider: corp.clone() };
    assert_eq!(when(&[verify(FIRST)], vouch(), start()), Ok(vec![vouched.clone()]));
    assert!(given::<Contact>([vouched.clone()]).verified);
    assert_eq!(when(&[vouched], vouch(), start()), Ok(vec![]));
}
