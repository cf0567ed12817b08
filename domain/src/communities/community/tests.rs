use uuid::Uuid;

use super::{By, Community, CommunityCommand as Do, CommunityDescription, CommunityEvent as Did, CommunityName, Rejection as No};
use crate::{
    Decider, given,
    kernel::{AccountId, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));
const EVE: AccountId = AccountId(Uuid::from_u128(3));

fn name(text: &str) -> CommunityName {
    CommunityName::try_new(text).expect("a name")
}

fn description(text: &str) -> CommunityDescription {
    CommunityDescription::try_new(text).expect("a description")
}

fn founded() -> Did {
    Did::Founded { founder: ADA, name: name("Gophers"), description: description("Go, together.") }
}

const fn joined(account: AccountId, members: u32) -> Did {
    Did::Joined { account, members }
}

fn when<const N: usize>(history: [Did; N], command: Do) -> Result<Vec<Did>, No> {
    given::<Community>(history).decide(command, Timestamp::UNIX_EPOCH)
}

fn revise(by: By, to: &str) -> Do {
    Do::Revise { by, name: Some(name(to)), description: None }
}

#[test]
fn whoever_founds_a_community_is_of_it() {
    let found = Do::Found { founder: ADA, name: name("Gophers"), description: description("Go, together.") };
    assert_eq!(when([], found), Ok(vec![founded()]));
    let community = given::<Community>([founded()]);
    assert!(community.has(ADA) && !community.has(BOB) && community.is_open());
    assert_eq!((community.founder(), Community::Absent.founder()), (Some(ADA), None));
    let again = Do::Found { founder: ADA, name: name("Others"), description: CommunityDescription::default() };
    assert_eq!(when([founded()], again), Ok(vec![]));
}

#[test]
fn it_is_changed_by_who_founded_it_and_by_moderators() {
    let revised = |to: &str| Did::Revised { name: name(to), description: description("Go, together.") };
    assert_eq!(when([founded()], revise(By::Account(ADA), "Rust")), Ok(vec![revised("Rust")]));
    assert_eq!(when([founded()], revise(By::Moderator, "Rust")), Ok(vec![revised("Rust")]));
    assert_eq!(when([founded(), joined(BOB, 2)], revise(By::Account(BOB), "Rust")), Err(No::NotFound), "a member");
    assert_eq!(when([founded(), revised("Rust")], revise(By::Account(ADA), "Rust")), Ok(vec![]), "the same again");
    let emptied = Do::Revise { by: By::Moderator, name: None, description: Some(CommunityDescription::default()) };
    let expected = Did::Revised { name: name("Gophers"), description: CommunityDescription::default() };
    assert_eq!(when([founded()], emptied), Ok(vec![expected]));
    assert_eq!(when([], revise(By::Moderator, "Rust")), Err(No::NotFound));
}

#[test]
fn people_join_once_and_leave() {
    assert_eq!(when([founded()], Do::Join { account: BOB }), Ok(vec![joined(BOB, 2)]));
    assert_eq!(when([founded(), joined(BOB, 2)], Do::Join { account: BOB }), Ok(vec![]));
    let left = Did::Left { account: BOB, members: 1 };
    assert_eq!(when([founded(), joined(BOB, 2)], Do::Leave { account: BOB }), Ok(vec![left.clone()]));
    assert_eq!(when([founded()], Do::Leave { account: BOB }), Ok(vec![]));
    assert_eq!(when([founded(), joined(BOB, 2), left], Do::Join { account: BOB }), Ok(vec![joined(BOB, 2)]), "who left may come back");
    assert_eq!(when([founded()], Do::Leave { account: ADA }), Err(No::FounderStays));
    assert_eq!(when([], Do::Join { account: BOB }), Err(No::NotFound));
}

#[test]
fn who_was_removed_does_not_come_back() {
    let remove = |by, account| Do::Remove { by, account };
    let removed = Did::Removed { account: BOB, members: 1 };
    assert_eq!(when([founded(), joined(BOB, 2)], remove(By::Account(ADA), BOB)), Ok(vec![removed.clone()]));
    assert_eq!(when([founded(), joined(BOB, 2)], remove(By::Moderator, BOB)), Ok(vec![removed.clone()]));
    assert_eq!(when([founded(), joined(BOB, 2)], remove(By::Account(BOB), ADA)), Err(No::NotFound));
    assert_eq!(when([founded()], remove(By::Moderator, ADA)), Err(No::FounderStays));
    assert_eq!(when([founded()], remove(By::Account(ADA), BOB)), Err(No::NotMember));
    assert_eq!(when([founded(), joined(BOB, 2), removed.clone()], Do::Join { account: BOB }), Err(No::Removed));
    assert_eq!(when([founded(), joined(BOB, 2), removed.clone()], Do::Leave { account: BOB }), Ok(vec![]));
    assert_eq!(when([founded(), joined(BOB, 2), removed], Do::Join { account: EVE }), Ok(vec![joined(EVE, 2)]));
}

#[test]
fn there_is_room_for_so_many() {
    let others = (0..u128::from(Community::MOST - 1)).map(|nth| joined(AccountId(Uuid::from_u128(100 + nth)), 0));
    let full: Community = given([founded()].into_iter().chain(others));
    let join = |account| full.decide(Do::Join { account }, Timestamp::UNIX_EPOCH);
    assert_eq!(join(BOB), Err(No::Full { most: Community::MOST }));
    assert_eq!(join(AccountId(Uuid::from_u128(100))), Ok(vec![]), "who is of it already");
}

#[test]
fn a_closed_community_stays_closed() {
    let close = |by| Do::Close { by };
    assert_eq!(when([founded()], close(By::Account(ADA))), Ok(vec![Did::Closed]));
    assert_eq!(when([founded()], close(By::Moderator)), Ok(vec![Did::Closed]));
    assert_eq!(when([founded(), joined(BOB, 2)], close(By::Account(BOB))), Err(No::NotFound));
    let closed = [founded(), joined(BOB, 2), Did::Closed];
    assert_eq!(when(closed.clone(), close(By::Account(ADA))), Ok(vec![]), "the same again");
    assert_eq!(when(closed.clone(), revise(By::Account(ADA), "Rust")), Err(No::Closed));
    assert_eq!(when(closed.clone(), revise(By::Account(BOB), "Rust")), Err(No::NotFound));
    assert_eq!(when(closed.clone(), Do::Remove { by: By::Moderator, account: BOB }), Err(No::Closed));
    assert_eq!(when(closed.clone(), Do::Join { account: EVE }), Err(No::Closed));
    assert_eq!(when(closed.clone(), Do::Leave { account: BOB }), Ok(vec![]));
    let community = given::<Community>(closed);
    assert_eq!((community.founder(), community.has(BOB), community.is_open()), (Some(ADA), false, false));
}

#[test]
fn who_is_erased_is_of_no_community_even_if_they_founded_it() {
    let forget = |account| Do::Forget { account };
    assert_eq!(when([founded()], forget(ADA)), Ok(vec![Did::Left { account: ADA, members: 0 }]));
    assert_eq!(when([founded(), joined(BOB, 2)], forget(BOB)), Ok(vec![Did::Left { account: BOB, members: 1 }]));
    assert_eq!(when([founded()], forget(BOB)), Ok(vec![]));
    assert_eq!(when([founded(), Did::Closed], forget(ADA)), Ok(vec![]));
}
