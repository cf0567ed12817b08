use uuid::Uuid;

use super::{Circle, CircleCommand as Do, CircleEvent as Did, Rejection as No};
use crate::{
    Decider, given,
    kernel::{CommunityId, Plan, Timestamp},
};

const ONE: CommunityId = CommunityId(Uuid::from_u128(1));
const TWO: CommunityId = CommunityId(Uuid::from_u128(2));

const fn founded(community: CommunityId, open: u32) -> Did {
    Did::Founded { community, open }
}

const fn found(community: CommunityId) -> Do {
    Do::Found { community, plan: Plan::Free, cap: 2 }
}

fn when<const N: usize>(history: [Did; N], command: Do) -> Result<Vec<Did>, No> {
    given::<Circle>(history).decide(command, Timestamp::UNIX_EPOCH)
}

#[test]
fn it_has_what_was_founded_and_joined_once_each() {
    assert_eq!(when([], found(ONE)), Ok(vec![founded(ONE, 1)]));
    assert_eq!(when([founded(ONE, 1)], Do::Enter { community: ONE }), Ok(vec![]));
    assert_eq!(when([founded(ONE, 1)], Do::Enter { community: TWO }), Ok(vec![Did::Entered { community: TWO }]));
    let circle = given::<Circle>([founded(ONE, 1), Did::Entered { community: TWO }]);
    assert_eq!((circle.communities().collect::<Vec<_>>(), circle.open()), (vec![ONE, TWO], 1));
}

#[test]
fn what_is_left_or_closed_is_in_it_no_more() {
    assert_eq!(when([Did::Entered { community: TWO }], Do::Leave { community: TWO }), Ok(vec![Did::Left { community: TWO }]));
    assert_eq!(when([], Do::Leave { community: TWO }), Ok(vec![]));
    assert_eq!(when([founded(ONE, 1), founded(TWO, 2)], Do::Free { community: ONE }), Ok(vec![Did::Freed { community: ONE, open: 1 }]));
    assert_eq!(when([Did::Entered { community: TWO }], Do::Free { community: TWO }), Ok(vec![]), "somebody else founded it");
    let circle = given::<Circle>([founded(ONE, 1), founded(TWO, 2), Did::Freed { community: ONE, open: 1 }]);
    assert_eq!((circle.communities().collect::<Vec<_>>(), circle.open()), (vec![TWO], 1));
}

#[test]
fn nobody_is_of_communities_without_number() {
    let many = (0..u128::from(Circle::MOST)).map(|nth| Did::Entered { community: CommunityId(Uuid::from_u128(100 + nth)) });
    let full: Circle = given([founded(ONE, 1)].into_iter().chain(many));
    let refused = full.decide(Do::Enter { community: TWO }, Timestamp::UNIX_EPOCH);
    assert_eq!(refused, Err(No::TooManyJoined { most: Circle::MOST }));
    assert_eq!(full.decide(found(TWO), Timestamp::UNIX_EPOCH), Ok(vec![founded(TWO, 2)]));
}

#[test]
fn nothing_is_added_once_the_person_is_erased_and_what_is_there_can_be_left() {
    assert_eq!(when([founded(ONE, 1)], Do::Dissolve), Ok(vec![Did::Dissolved]));
    assert_eq!(when([founded(ONE, 1), Did::Dissolved], Do::Dissolve), Ok(vec![]));
    assert_eq!(when([Did::Dissolved], Do::Enter { community: TWO }), Err(No::Erased));
    assert_eq!(when([Did::Dissolved], found(TWO)), Err(No::Erased));
    assert_eq!(when([founded(ONE, 1), Did::Dissolved], Do::Leave { community: ONE }), Ok(vec![Did::Left { community: ONE }]));
    let circle = given::<Circle>([founded(ONE, 1), Did::Dissolved]);
    assert_eq!(circle.communities().collect::<Vec<_>>(), [ONE], "those are left one after the other");
}

#[test]
fn nobody_has_more_open_ones_than_their_plan_allows() {
    let three = CommunityId(Uuid::from_u128(3));
    let refused = No::CommunitiesExceeded { limit: 2, used: 2, plan: Plan::Free };
    assert_eq!(when([founded(ONE, 1), founded(TWO, 2)], found(three)), Err(refused));
    assert_eq!(when([founded(ONE, 1), founded(TWO, 2)], found(TWO)), Ok(vec![]), "the same again");
    assert_eq!(when([founded(ONE, 1), Did::Entered { community: TWO }], found(three)), Ok(vec![founded(three, 2)]), "others' do not count");
    let closed = [founded(ONE, 1), founded(TWO, 2), Did::Freed { community: ONE, open: 1 }];
    assert_eq!(when(closed, found(three)), Ok(vec![founded(three, 2)]), "nor do those that were closed");
    assert_eq!(when([founded(ONE, 1), founded(TWO, 2)], Do::Enter { community: three }), Ok(vec![Did::Entered { community: three }]));
}
