use uuid::Uuid;

use super::{Account, AccountCommand, AccountEvent, Rejection, Role};
use crate::{
    Decider, given,
    identity::{DisplayName, Email, ErasureReason, Grant, Grants},
    kernel::{AccountId, Personal, SignInId, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn register(roles: &[Role]) -> AccountCommand {
    AccountCommand::Register {
        email: Personal::new(ADA, Email::try_new("ada@example.org").expect("an address")),
        display_name: Personal::new(ADA, DisplayName::try_new("Ada").expect("a name")),
        password: Personal::new(ADA, "$argon2id$v=19$…".to_owned()),
        roles: roles.iter().copied().collect(),
    }
}

/// An account with these roles beside that of a learner.
fn account(roles: &[Role]) -> Account {
    given(Account::Absent.decide(register(roles), NOW).expect("a new account"))
}

fn revoke(role: Role, by: Option<AccountId>) -> AccountCommand {
    AccountCommand::RevokeRole { account: ADA, role: role.into(), by }
}

fn grant(role: Role, until: Option<Timestamp>) -> AccountCommand {
    AccountCommand::GrantRole { account: ADA, role: role.into(), until, by: Some(BOB) }
}

fn grants(roles: &[Role]) -> Grants {
    roles.iter().collect()
}

#[test]
fn whoever_registers_is_a_learner_beside_what_they_were_given() {
    let events = Account::Absent.decide(register(&[Role::Author]), NOW).expect("a new account");
    let [AccountEvent::Registered { email, display_name, password, roles }] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(email.as_open().map(Email::as_str), Some("ada@example.org"));
    assert_eq!(display_name.as_open().map(DisplayName::as_str), Some("Ada"));
    assert_eq!(password.as_open().map(String::as_str), Some("$argon2id$v=19$…"));
    assert_eq!(roles, &[Role::Learner, Role::Author].into());
}

#[test]
fn an_account_is_registered_once() {
    assert_eq!(account(&[]).decide(register(&[]), NOW), Err(Rejection::EmailTaken));
}

#[test]
fn a_granted_role_comes_with_all_roles_held_afterwards() {
    let outcome = account(&[Role::Author]).decide(grant(Role::Analyst, None), NOW);
    let grants = grants(&[Role::Learner, Role::Author, Role::Analyst]);
    assert_eq!(
        outcome,
        Ok(vec![AccountEvent::RoleGranted { grant: Grant { role: Role::Analyst.into(), until: None }, within: None, grants }])
    );
}

#[test]
fn granting_a_role_that_is_held_changes_nothing() {
    assert_eq!(account(&[Role::Author]).decide(grant(Role::Author, None), NOW), Ok(vec![]));
}

#[test]
fn a_role_is_held_until_an_instant_that_may_be_changed() {
    let (soon, later) = (NOW + chrono::TimeDelta::days(1), NOW + chrono::TimeDelta::days(2));
    let mut ada = account(&[]);
    for until in [Some(soon), Some(later), None, Some(soon)] {
        let granted = ada.decide(grant(Role::Author, until), NOW).expect("another instant");
        let given = Grant { role: Role::Author.into(), until };
        let grants = [Grant { role: Role::Learner.into(), until: None }, given].into_iter().collect();
        assert_eq!(granted, [AccountEvent::RoleGranted { grant: given, within: None, grants }]);
        ada.evolve(&granted[0]);
        assert_eq!(ada.decide(grant(Role::Author, until), soon - chrono::TimeDelta::seconds(1)), Ok(vec![]), "the same again");
    }
    assert_eq!(ada.decide(grant(Role::Author, Some(soon)), soon), Err(Rejection::UntilPast));
    assert_eq!(ada.decide(revoke(Role::Author, Some(BOB)), later).expect("what ran out can be taken").len(), 1);
}

#[test]
fn what_is_held_for_good_has_no_end() {
    for role in [Role::Learner, Role::SuperAdministrator] {
        let until = Some(NOW + chrono::TimeDelta::days(1));
        assert_eq!(account(&[]).decide(grant(role, until), NOW), Err(Rejection::UntilNotAllowed), "{role:?}");
    }
}

#[test]
fn a_revoked_role_is_gone_and_can_be_granted_again() {
    let account = account(&[Role::Author]);
    let revoked = account.decide(revoke(Role::Author, Some(BOB)), NOW).expect("a role that is held");
    assert_eq!(revoked, [AccountEvent::RoleRevoked { role: Role::Author.into(), within: None, grants: grants(&[Role::Learner]) }]);
    let mut after = account;
    after.evolve(&revoked[0]);
    assert_eq!(after.decide(revoke(Role::Author, Some(BOB)), NOW), Ok(vec![]), "revoking it again changes nothing");
    assert_eq!(after.decide(grant(Role::Author, None), NOW).expect("a role that is not held").len(), 1);
}

#[test]
fn nobody_stops_being_a_learner() {
    assert_eq!(account(&[Role::Author]).decide(revoke(Role::Learner, Some(BOB)), NOW), Err(Rejection::BasicRole));
}

#[test]
fn administrators_cannot_take_the_role_from_themselves_but_others_can() {
    let administrator = account(&[Role::Administrator, Role::Author]);
    assert_eq!(administrator.decide(revoke(Role::Administrator, Some(ADA)), NOW), Err(Rejection::OwnRole));
    for by in [Some(BOB), None] {
        assert_eq!(administrator.decide(revoke(Role::Administrator, by), NOW).expect("by somebody else").len(), 1);
    }
    assert_eq!(administrator.decide(revoke(Role::Author, Some(ADA)), NOW).expect("another role of theirs").len(), 1);
}

#[test]
fn nor_do_they_have_it_end_for_themselves() {
    let (soon, later) = (NOW + chrono::TimeDelta::days(1), NOW + chrono::TimeDelta::days(2));
    let own = |role: Role, until| AccountCommand::GrantRole { account: ADA, role: role.into(), until, by: Some(ADA) };
    let mut ada = account(&[Role::Administrator, Role::Author]);
    assert_eq!(ada.decide(own(Role::Administrator, Some(later)), NOW), Err(Rejection::OwnRole));
    assert_eq!(ada.decide(own(Role::Administrator, None), NOW), Ok(vec![]), "it changes nothing");
    assert_eq!(ada.decide(own(Role::Author, Some(soon)), NOW).expect("another role of theirs").len(), 1);
    let by_bob = ada.decide(grant(Role::Administrator, Some(later)), NOW).expect("by somebody else");
    ada.evolve(&by_bob[0]);
    assert_eq!(ada.decide(own(Role::Administrator, Some(soon)), NOW), Err(Rejection::OwnRole), "sooner");
    assert_eq!(ada.decide(own(Role::Administrator, None), NOW).expect("longer; who may, others say").len(), 1);
    assert_eq!(account(&[]).decide(own(Role::Administrator, Some(soon)), NOW).expect("not held yet").len(), 1);
    let ran_out = ada.decide(own(Role::Administrator, Some(later + chrono::TimeDelta::days(1))), later);
    assert_eq!(ran_out.expect("not held any more").len(), 1);
}

#[test]
fn whoever_is_suspended_or_erased_is_put_out() {
    let mut ada = account(&[]);
    let is = |account: &Account| (account.is_let_in(), account.is_put_out());
    assert_eq!((is(&Account::Absent), is(&ada)), ((false, false), (true, false)));
    let reason = ErasureReason::try_new("shared with others").expect("a reason");
    for (event, let_in) in [
        (AccountEvent::Suspended { by: Some(BOB), reason, epoch: 1 }, false),
        (AccountEvent::Reinstated { by: Some(BOB) }, true),
        (AccountEvent::Erased { by: Some(ADA), reason: None }, false),
    ] {
        ada.evolve(&event);
        assert_eq!(is(&ada), (let_in, !let_in), "{event:?}");
    }
}

#[test]
fn an_account_that_is_not_there_has_no_roles_to_change() {
    for command in [grant(Role::Author, None), revoke(Role::Learner, None), revoke(Role::Administrator, Some(ADA))] {
        assert_eq!(Account::Absent.decide(command, NOW), Err(Rejection::NotFound));
    }
}

fn erase(by: Option<AccountId>, reason: Option<&str>) -> AccountCommand {
    let reason = reason.map(|text| ErasureReason::try_new(text).expect("a reason"));
    AccountCommand::Erase { account: ADA, by, reason }
}

#[test]
fn people_erase_themselves_and_others_give_a_reason() {
    let own = account(&[Role::Author]).decide(erase(Some(ADA), None), NOW);
    assert_eq!(own, Ok(vec![AccountEvent::Erased { by: Some(ADA), reason: None }]));
    for by in [Some(BOB), None] {
        assert_eq!(account(&[]).decide(erase(by, None), NOW), Err(Rejection::ReasonRequired));
        let reason = Some(ErasureReason::try_new("by letter").expect("a reason"));
        assert_eq!(account(&[]).decide(erase(by, Some("by letter")), NOW), Ok(vec![AccountEvent::Erased { by, reason }]));
    }
}

#[test]
fn an_administrator_is_erased_by_another_one() {
    let administrator = account(&[Role::Administrator]);
    for by in [Some(ADA), None] {
        assert_eq!(administrator.decide(erase(by, Some("by letter")), NOW), Err(Rejection::LastAdministrator));
    }
    assert_eq!(administrator.decide(erase(Some(BOB), Some("by letter")), NOW).expect("by another").len(), 1);
}

#[test]
fn nothing_is_done_to_who_was_erased() {
    let mut erased = account(&[Role::Author]);
    erased.evolve(&AccountEvent::Erased { by: Some(ADA), reason: None });
    for command in
        [register(&[]), grant(Role::Author, None), revoke(Role::Author, Some(BOB)), erase(Some(ADA), None), erase(Some(BOB), Some("again"))]
    {
        assert_eq!(erased.decide(command, NOW), Err(Rejection::Erased));
    }
    assert_eq!(Account::Absent.decide(erase(Some(BOB), Some("by letter")), NOW), Err(Rejection::NotFound));
}

#[test]
fn signing_out_everywhere_ends_what_was_opened_before_but_for_one() {
    let (here, there) = (SignInId(Uuid::from_u128(8)), SignInId(Uuid::from_u128(9)));
    let mut ada = account(&[]);
    assert!(ada.still_has(here, 0) && ada.still_has(there, 0));
    let everywhere = |ada: &Account, except| ada.decide(AccountCommand::SignOutEverywhere { except }, NOW).expect("accepted");
    let first = everywhere(&ada, Some(here));
    assert_eq!(first, [AccountEvent::SignedOutEverywhere { epoch: 1, except: Some(here) }]);
    ada.evolve(&first[0]);
    assert!(ada.still_has(here, 0) && !ada.still_has(there, 0) && ada.still_has(there, 1), "who signs in again is let in");
    let second = everywhere(&ada, None);
    ada.evolve(&second[0]);
    assert!(!ada.still_has(here, 0) && !ada.still_has(there, 1), "what was kept once is not kept for ever");
    ada.evolve(&AccountEvent::Erased { by: Some(ADA), reason: None });
    assert!(!ada.still_has(here, 2));
    assert_eq!(ada.decide(AccountCommand::SignOutEverywhere { except: None }, NOW), Err(Rejection::Erased));
}

#[test]
fn changing_the_password_ends_every_sign_in_but_one() {
    let here = SignInId(Uuid::from_u128(8));
    let mut ada = account(&[]);
    let new = Personal::new(ADA, "$argon2id$new".to_owned());
    let change = AccountCommand::ChangePassword { password: new.clone(), except: Some(here), programs: false };
    let changed = ada.decide(change, NOW).expect("accepted");
    assert_eq!(changed, [AccountEvent::PasswordChanged { password: new.clone(), epoch: 1, except: Some(here), programs: false }]);
    ada.evolve(&changed[0]);
    assert!(ada.still_has(here, 0) && !ada.still_has(SignInId(Uuid::from_u128(9)), 0));
    let Account::Open { password, .. } = ada else { panic!("open") };
    assert_eq!(password, new);
}

#[test]
fn a_change_of_the_password_ends_tokens_for_programs_only_if_it_says_so() {
    let mut ada = account(&[]);
    let change = |programs| AccountCommand::ChangePassword { password: Personal::new(ADA, "other".into()), except: None, programs };
    for (programs, since) in [(false, 0), (true, 2), (false, 2), (true, 4)] {
        let changed = ada.decide(change(programs), NOW).expect("accepted");
        ada.evolve(&changed[0]);
        assert_eq!(ada.programs_since(), since);
    }
}

#[test]
fn a_hash_is_replaced_only_if_it_is_still_the_one_that_was_verified() {
    let Account::Open { password: kept, .. } = account(&[]) else { panic!("open") };
    let new = Personal::new(ADA, "$argon2id$new".to_owned());
    let rehash = |verified: &Personal<String>| AccountCommand::Rehash { verified: verified.clone(), password: new.clone() };
    let rehashed = account(&[]).decide(rehash(&kept), NOW).expect("accepted");
    assert_eq!(rehashed, [AccountEvent::PasswordRehashed { password: new.clone() }]);
    let mut later = account(&[]);
    later.evolve(&AccountEvent::PasswordChanged { password: Personal::new(ADA, "other".into()), epoch: 1, except: None, programs: false });
    assert_eq!(later.decide(rehash(&kept), NOW), Ok(vec![]), "the password was changed meanwhile");
}

#[test]
fn neither_commands_nor_events_show_personal_values_when_debugged() {
    let shown = format!("{:?} {:?}", register(&[]), Account::Absent.decide(register(&[]), NOW));
    for secret in ["ada@example.org", "Ada", "argon2id"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_changed_address_is_told_with_the_one_before() {
    let address = |text| Personal::new(ADA, Email::try_new(text).expect("an address"));
    let events = account(&[]).decide(AccountCommand::ChangeEmail { email: address("new@example.org") }, NOW).expect("changed");
    assert_eq!(events, [AccountEvent::EmailChanged { email: address("new@example.org"), before: address("ada@example.org") }]);
    let mut after = account(&[]);
    after.evolve(&events[0]);
    assert!(matches!(after, Account::Open { email, .. } if email == address("new@example.org")));
}

#[test]
fn another_name_takes_the_place_of_the_first() {
    let name = Personal::new(ADA, DisplayName::try_new("Ada Lovelace").expect("a name"));
    let events = account(&[]).decide(AccountCommand::Rename { display_name: name.clone() }, NOW).expect("renamed");
    let mut after = account(&[]);
    after.evolve(&events[0]);
    assert!(matches!(after, Account::Open { display_name, .. } if display_name == name));
}

#[test]
fn a_suspended_account_has_no_sign_ins_until_it_is_reinstated() {
    let reason = || ErasureReason::try_new("shared with others").expect("a reason");
    let suspend = |by| AccountCommand::Suspend { account: ADA, by, reason: reason() };
    let mut ada = account(&[]);
    assert_eq!(ada.decide(suspend(Some(ADA)), NOW), Err(Rejection::OwnAccount));
    assert_eq!(ada.decide(AccountCommand::Reinstate { by: Some(BOB) }, NOW), Ok(vec![]));
    let sign_in = SignInId(Uuid::from_u128(9));
    assert!(ada.still_has(sign_in, 0));
    let suspended = AccountEvent::Suspended { by: Some(BOB), reason: reason(), epoch: 1 };
    assert_eq!(ada.decide(suspend(Some(BOB)), NOW), Ok(vec![suspended.clone()]));
    ada.evolve(&suspended);
    assert!(!ada.still_has(sign_in, 0) && matches!(ada, Account::Open { suspended: true, .. }));
    assert_eq!(ada.decide(suspend(None), NOW), Ok(vec![]), "doing it twice is no mistake");
    let reinstated = AccountEvent::Reinstated { by: Some(BOB) };
    assert_eq!(ada.decide(AccountCommand::Reinstate { by: Some(BOB) }, NOW), Ok(vec![reinstated.clone()]));
    ada.evolve(&reinstated);
    assert!(!ada.still_has(sign_in, 0) && matches!(ada, Account::Open { suspended: false, .. }));
}
