use std::collections::{BTreeMap, BTreeSet};

use domain::{
    identity::{Permission, Permissions, Scopes, Standing},
    kernel::{AccountId, CommunityId, SignInId},
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
    let act = Act { name: "act", needs, dangerous: false, takes_password: false, enrolling: false };
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
        within: BTreeMap::new(),
        scopes,
    };
    let asked = |actor: Actor, needs| actor.allowed(&Act { name: "act", needs, dangerous: false, takes_password: false, enrolling: false });
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
    let act = Act {
        name: "act",
        needs: Needs::OneOf(&[Permission::Learn, Permission::ManageSessions]),
        dangerous: false,
        takes_password: false,
        enrolling: false,
    };
    let asked = |actor| crate::Request { actor, ..crate::Request::system("test") }.own_unless(Permission::ManageSessions, &act);
    assert_eq!(asked(person(&[Permission::Learn])).expect("their own"), Some(AccountId(Uuid::nil())));
    assert_eq!(asked(person(&[Permission::ManageSessions])).expect("anybody's"), None);
    assert_eq!(asked(Actor::System("test")).expect("anybody's"), None);
    assert!(matches!(asked(person(&[])), Err(Fault::Forbidden)));
    assert!(matches!(asked(Actor::Anonymous), Err(Fault::Unauthenticated)));
}

const HERE: CommunityId = CommunityId(Uuid::from_u128(1));
const THERE: CommunityId = CommunityId(Uuid::from_u128(2));

/// A learner who holds something within a community.
fn within(standing: Standing, scopes: Option<Scopes>) -> Actor {
    Actor::Account {
        account: AccountId(Uuid::nil()),
        sign_in: SignInId(Uuid::nil()),
        permissions: [Permission::Learn].into(),
        elsewhere: Permissions::new(),
        within: BTreeMap::from([(HERE, standing)]),
        scopes,
    }
}

fn gives_roles() -> Standing {
    Standing { permissions: [Permission::GrantRoles, Permission::ModerateCommunities].into(), ..Standing::default() }
}

#[test]
fn what_is_held_within_a_community_counts_there_and_nowhere_else() {
    let actor = within(gives_roles(), None);
    assert!(actor.may_within(Permission::ModerateCommunities, HERE) && actor.may_within(Permission::Learn, THERE));
    assert!(!actor.may_within(Permission::ModerateCommunities, THERE) && !actor.may_within(Permission::ManageWorkshops, HERE));
    assert!(!actor.may(Permission::ModerateCommunities) && !actor.may(Permission::GrantRoles));
    let learns: Permissions = [Permission::Learn].into();
    assert_eq!((actor.held(), actor.held_within(THERE)), (Some(learns.clone()), Some(learns)));
    assert_eq!(actor.held_within(HERE).map(|held| held.len()), Some(3));
    assert_eq!(Actor::System("test").held_within(HERE), None, "everything");
    let request = crate::Request { actor, ..crate::Request::system("test") };
    let moderates = |community| request.own_unless_within(Permission::ModerateCommunities, community, &acts::COMMUNITY_REVISE);
    assert_eq!(moderates(HERE).expect("there"), None);
    assert_eq!(moderates(THERE).expect("for themselves"), Some(AccountId(Uuid::nil())));
}

#[test]
fn of_all_acts_those_alone_are_done_within_a_community_that_declare_so() {
    let everything = Standing { permissions: Permission::ALL.iter().copied().collect(), ..Standing::default() };
    let (actor, learner) = (within(everything, None), person(&[Permission::Learn]));
    for act in acts::ALL.iter().chain(reads::ALL) {
        let is_for_it = matches!(act.needs, Needs::PermissionWithin(_));
        assert_eq!(is_for_it, ["roleGrant", "roleRevoke"].contains(&act.name), "{}", act.name);
        assert_eq!(actor.allowed_within(act, Some(HERE)).is_ok(), is_for_it || learner.allowed(act).is_ok(), "{}", act.name);
        for community in [None, Some(THERE)] {
            assert_eq!(actor.allowed_within(act, community).is_ok(), learner.allowed(act).is_ok(), "{}", act.name);
        }
        assert_eq!(actor.allowed(act).is_ok(), learner.allowed(act).is_ok(), "{}", act.name);
    }
}

#[test]
fn no_program_has_anything_of_what_its_owner_holds_within_a_community() {
    let scopes = Scopes::try_new(["role:grant", "community:moderate", "session:take"]).expect("scopes");
    let program = within(gives_roles(), Some(scopes));
    assert!(!program.may_within(Permission::ModerateCommunities, HERE));
    assert_eq!(program.held_within(HERE), Some([Permission::Learn].into()));
    assert!(matches!(program.allowed_within(&acts::ROLE_GRANT, Some(HERE)), Err(Fault::Forbidden)));
}

#[test]
fn what_a_role_asks_it_asks_within_a_community_as_well() {
    let no_factor = within(Standing { second_factor: true, ..gives_roles() }, None);
    assert!(!no_factor.may_within(Permission::ModerateCommunities, HERE));
    assert_eq!(no_factor.held_within(HERE), Some([Permission::Learn].into()));
    assert!(matches!(no_factor.allowed_within(&acts::ROLE_GRANT, Some(HERE)), Err(Fault::SecondFactorRequired)));
    assert!(matches!(no_factor.allowed_within(&acts::ROLE_GRANT, Some(THERE)), Err(Fault::Forbidden)));
    assert!(no_factor.allowed(&acts::SESSION_START).is_ok(), "what is done elsewhere goes on");
    let Standing { permissions: elsewhere, .. } = gives_roles();
    let outside = within(Standing { elsewhere, ..Standing::default() }, None);
    assert!(!outside.may_within(Permission::ModerateCommunities, HERE));
    assert!(matches!(outside.allowed_within(&acts::ROLE_GRANT, Some(HERE)), Err(Fault::NetworkNotAllowed)));
    assert!(matches!(outside.allowed_within(&acts::ROLE_GRANT, None), Err(Fault::Forbidden)));
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
    let beside = ["passwordChange", "emailChange"];
    let taking: Vec<&str> = acts::ALL.iter().filter(|act| act.takes_password).map(|act| act.name).collect();
    assert_eq!(taking, beside);
    assert!(beside.iter().all(|name| section.contains(&format!("`{name}`"))), "{section}");
    assert!(reads::ALL.iter().all(|act| !act.dangerous), "nobody asks for a proof of who reads");
}
