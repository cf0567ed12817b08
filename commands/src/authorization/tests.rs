use std::collections::BTreeSet;

use domain::{
    identity::{Permission, Permissions},
    kernel::{AccountId, SignInId},
};
use uuid::Uuid;

use super::{Act, Needs, acts, reads};
use crate::{Actor, Fault};

fn person(permissions: &[Permission]) -> Actor {
    let permissions: Permissions = permissions.iter().copied().collect();
    Actor::person(AccountId(Uuid::nil()), SignInId(Uuid::nil()), permissions)
}

/// What nobody, a person who holds nothing, one who holds a permission, and a part of the program are told.
fn answers(needs: Needs, held: Permission) -> [&'static str; 4] {
    let act = Act { name: "act", needs, dangerous: false, enrolling: false };
    [Actor::Anonymous, person(&[]), person(&[held]), Actor::System("test")].map(|actor| match actor.allowed(&act) {
        Ok(()) => "may",
        Err(Fault::Unauthenticated) => "who?",
        Err(Fault::Forbidden) => "no",
        Err(other) => panic!("{other}"),
    })
}

#[test]
fn an_act_is_for_whoever_is_or_holds_what_it_needs() {
    use Permission::{Learn, ReadEvents};
    assert_eq!(answers(Needs::Nothing, Learn), ["may"; 4]);
    assert_eq!(answers(Needs::Person, Learn), ["who?", "may", "may", "may"]);
    assert_eq!(answers(Needs::OwnOr(ReadEvents), Learn), ["who?", "may", "may", "may"]);
    assert_eq!(answers(Needs::Permission(ReadEvents), ReadEvents), ["who?", "no", "may", "may"]);
    assert_eq!(answers(Needs::Permission(ReadEvents), Learn), ["who?", "no", "no", "may"]);
    assert_eq!(answers(Needs::OneOf(&[ReadEvents, Learn]), Learn), ["who?", "no", "may", "may"]);
    assert_eq!(answers(Needs::Program, Learn), ["who?", "no", "no", "may"]);
}

#[test]
fn what_is_permitted_in_another_network_is_refused_as_that() {
    let elsewhere = |scopes| Actor::Account {
        account: AccountId(Uuid::nil()),
        sign_in: SignInId(Uuid::nil()),
        permissions: [Permission::Learn].into(),
        elsewhere: [Permission::ReadEvents].into(),
        scopes,
    };
    let asked = |actor: Actor, needs| actor.allowed(&Act { name: "act", needs, dangerous: false, enrolling: false });
    let reads = Needs::Permission(Permission::ReadEvents);
    assert!(matches!(asked(elsewhere(None), reads), Err(Fault::NetworkNotAllowed)));
    assert!(matches!(asked(elsewhere(None), Needs::OneOf(&[Permission::ReadEvents])), Err(Fault::NetworkNotAllowed)));
    assert!(matches!(asked(elsewhere(None), Needs::Permission(Permission::ManageClusters)), Err(Fault::Forbidden)));
    assert!(asked(elsewhere(None), Needs::OneOf(&[Permission::ReadEvents, Permission::Learn])).is_ok());
    assert!(matches!(elsewhere(None).holds(Permission::ReadEvents), Err(Fault::NetworkNotAllowed)));
    let scopes = domain::identity::Scopes::try_new(["session:take"]).expect("scopes");
    assert!(matches!(asked(elsewhere(Some(scopes)), reads), Err(Fault::Forbidden)), "no scope of theirs");
}

#[test]
fn who_needs_a_second_factor_and_has_none_may_set_it_up_and_nothing_else() {
    let enrolling = |scopes| Actor::Enrolling { account: AccountId(Uuid::nil()), sign_in: SignInId(Uuid::nil()), scopes };
    let may: BTreeSet<&str> =
        ["signOut", "stepUp", "totpEnroll", "totpConfirm", "passkeyStepUp", "passkeyRegistrationBegin", "passkeyRegister"].into();
    for act in acts::ALL.iter().chain(reads::ALL) {
        let answer = enrolling(None).allowed(act);
        if act.needs == Needs::Nothing || may.contains(act.name) {
            assert!(answer.is_ok(), "{}", act.name);
        } else {
            assert!(matches!(answer, Err(Fault::SecondFactorRequired)), "{}", act.name);
        }
    }
    let scopes = domain::identity::Scopes::try_new(["session:take"]).expect("scopes");
    assert!(matches!(enrolling(Some(scopes)).allowed(&acts::TOTP_ENROLL), Err(Fault::SecondFactorRequired)), "no program does that");
    assert_eq!((enrolling(None).account(), enrolling(None).held()), (None, Some(Permissions::new())), "to all else they are nobody");
}

#[test]
fn what_is_ones_own_is_had_by_oneself_and_by_who_may_have_anybodys() {
    let act =
        Act { name: "act", needs: Needs::OneOf(&[Permission::Learn, Permission::ManageSessions]), dangerous: false, enrolling: false };
    let asked = |actor| crate::Request { actor, ..crate::Request::system("test") }.own_unless(Permission::ManageSessions, &act);
    assert_eq!(asked(person(&[Permission::Learn])).expect("their own"), Some(AccountId(Uuid::nil())));
    assert_eq!(asked(person(&[Permission::ManageSessions])).expect("anybody's"), None);
    assert_eq!(asked(Actor::System("test")).expect("anybody's"), None);
    assert!(matches!(asked(person(&[])), Err(Fault::Forbidden)));
    assert!(matches!(asked(Actor::Anonymous), Err(Fault::Unauthenticated)));
}

#[test]
fn an_act_is_declared_once() {
    for all in [acts::ALL, reads::ALL] {
        assert_eq!(all.iter().map(|act| act.name).collect::<BTreeSet<_>>().len(), all.len());
    }
}

#[test]
fn the_manual_lists_what_is_dangerous() {
    let manual = include_str!("../../../docs/security.md");
    let (_, section) = manual.split_once("\n## Dangerous acts\n").expect("a section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let listed = section.lines().filter(|line| line.starts_with("- `")).flat_map(|line| line.split('`').skip(1).step_by(2));
    let listed: BTreeSet<&str> = listed.collect();
    let declared: BTreeSet<&str> = acts::ALL.iter().filter(|act| act.dangerous).map(|act| act.name).collect();
    assert_eq!(listed, declared);
    assert!(reads::ALL.iter().all(|act| !act.dangerous), "nobody asks for a proof of who reads");
}
