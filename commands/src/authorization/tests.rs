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
    Actor::Account { account: AccountId(Uuid::nil()), sign_in: SignInId(Uuid::nil()), permissions, scopes: None }
}

/// What nobody, a person who holds nothing, one who holds a permission, and a part of the program are told.
fn answers(needs: Needs, held: Permission) -> [&'static str; 4] {
    let act = Act { name: "act", needs, dangerous: false };
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
fn what_is_ones_own_is_had_by_oneself_and_by_who_may_have_anybodys() {
    let act = Act { name: "act", needs: Needs::OneOf(&[Permission::Learn, Permission::ManageSessions]), dangerous: false };
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
