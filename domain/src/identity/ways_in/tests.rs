use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Link, MOST, Rejection, WaysIn, WaysInCommand as Command, WaysInEvent as Happened};
use crate::{
    Decider, given,
    identity::{AnyRole, ProviderName, Role},
    kernel::{AccountId, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const THERE: Uuid = Uuid::from_u128(7);
const ELSEWHERE: Uuid = Uuid::from_u128(8);

fn corp() -> ProviderName {
    ProviderName::try_new("corp").expect("a name")
}

fn link(identity: Uuid) -> Link {
    Link { identity, provider: corp(), shown: None }
}

fn linked(identity: Uuid) -> Happened {
    Happened::Linked { account: ADA, identity, provider: corp(), shown: None, linked_at: Timestamp::UNIX_EPOCH }
}

fn unlinked(identity: Uuid) -> Happened {
    Happened::Unlinked { account: ADA, identity, provider: corp() }
}

fn without_password() -> Happened {
    Happened::OpenedWithoutPassword { account: ADA }
}

fn roles(all: &[Role]) -> BTreeSet<AnyRole> {
    all.iter().map(|role| (*role).into()).collect()
}

fn when(history: &[Happened], command: Command) -> Result<Vec<Happened>, Rejection> {
    given::<WaysIn>(history.to_vec()).decide(command, Timestamp::UNIX_EPOCH)
}

#[test]
fn who_comes_by_a_provider_has_no_password_until_one_is_set() {
    let opened = when(&[], Command::Open { account: ADA, link: link(THERE) });
    assert_eq!(opened, Ok(vec![without_password(), linked(THERE)]));
    let history = [without_password(), linked(THERE)];
    assert!(!given::<WaysIn>(history.to_vec()).has_password());
    let set = when(&history, Command::SetPassword { account: ADA, alone: false });
    assert_eq!(set, Ok(vec![Happened::PasswordSet { account: ADA }]));
    assert_eq!(when(&[], Command::SetPassword { account: ADA, alone: false }), Ok(vec![]), "who registered has had one all along");
}

#[test]
fn linking_twice_is_no_mistake_and_ends_somewhere() {
    assert_eq!(when(&[], Command::Link { account: ADA, link: link(THERE) }), Ok(vec![linked(THERE)]));
    assert_eq!(when(&[linked(THERE)], Command::Link { account: ADA, link: link(THERE) }), Ok(vec![]));
    let full: Vec<_> = (0..MOST).map(|number| linked(Uuid::from_u128(100 + number as u128))).collect();
    assert_eq!(when(&full, Command::Link { account: ADA, link: link(THERE) }), Err(Rejection::TooManyLinked));
    assert_eq!(when(&full[1..], Command::Link { account: ADA, link: link(THERE) }), Ok(vec![linked(THERE)]));
}

#[test]
fn one_way_in_is_always_left() {
    let unlink = |identity| Command::Unlink { account: ADA, identity };
    let (none, one) = ([without_password(), linked(THERE)], [linked(THERE)]);
    assert_eq!(when(&none, unlink(THERE)), Err(Rejection::LastWayIn));
    assert_eq!(when(&one, unlink(THERE)), Ok(vec![unlinked(THERE)]), "there is a password");
    let two = [without_password(), linked(THERE), linked(ELSEWHERE)];
    assert_eq!(when(&two, unlink(THERE)), Ok(vec![unlinked(THERE)]));
    let then = [two.as_slice(), &[unlinked(THERE)]].concat();
    assert_eq!(when(&then, unlink(ELSEWHERE)), Err(Rejection::LastWayIn));
    assert_eq!(when(&then, unlink(THERE)), Err(Rejection::IdentityNotFound));
}

#[test]
fn what_a_provider_gave_is_known_to_be_its_own() {
    let map =
        |given: &[Role], taken: &[Role]| Command::MapRoles { account: ADA, identity: THERE, given: roles(given), taken: roles(taken) };
    let mapped = |given: &[Role], taken: &[Role]| Happened::RolesMapped {
        account: ADA,
        identity: THERE,
        provider: corp(),
        given: roles(given),
        taken: roles(taken),
    };
    assert_eq!(when(&[linked(THERE)], map(&[Role::Author], &[])), Ok(vec![mapped(&[Role::Author], &[])]));
    assert_eq!(when(&[linked(THERE)], map(&[], &[])), Ok(vec![]));
    assert_eq!(when(&[], map(&[Role::Author], &[])), Err(Rejection::IdentityNotFound));
    let held = |history: &[Happened]| {
        let state = given::<WaysIn>(history.to_vec());
        state.linked().next().map(|(_, linked)| linked.roles.clone()).expect("linked")
    };
    let history = [linked(THERE), mapped(&[Role::Author, Role::Analyst], &[]), mapped(&[Role::Support], &[Role::Author])];
    assert_eq!(held(&history), roles(&[Role::Analyst, Role::Support]));
}

#[test]
fn whoever_reads_the_address_at_last_has_the_account_alone() {
    let history = [without_password(), linked(THERE)];
    let set = when(&history, Command::SetPassword { account: ADA, alone: true });
    assert_eq!(set, Ok(vec![unlinked(THERE), Happened::PasswordSet { account: ADA }]));
    assert_eq!(when(&[linked(THERE)], Command::SetPassword { account: ADA, alone: true }), Ok(vec![unlinked(THERE)]));
}

#[test]
fn who_takes_an_account_back_leaves_nobody_a_way_in() {
    let reason = crate::identity::ErasureReason::try_new("the address was taken back").expect("a reason");
    let take_back = || Command::TakeBack { account: ADA, reason: reason.clone() };
    let history = [without_password(), linked(THERE), linked(ELSEWHERE)];
    assert_eq!(when(&history, take_back()), Ok(vec![unlinked(THERE), unlinked(ELSEWHERE)]));
    assert_eq!(when(&[], take_back()), Ok(vec![]));
}
