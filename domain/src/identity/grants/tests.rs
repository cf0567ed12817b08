use chrono::TimeDelta;
use uuid::Uuid;

use super::{Grant, Grants, GrantsWithin, Role};
use crate::kernel::{CommunityId, Timestamp};

const ONE: CommunityId = CommunityId(Uuid::from_u128(1));
const TWO: CommunityId = CommunityId(Uuid::from_u128(2));

fn held(role: Role, hours: Option<i64>) -> Grant {
    Grant { role: role.into(), until: hours.map(|hours| Timestamp::UNIX_EPOCH + TimeDelta::hours(hours)) }
}

#[test]
fn what_is_held_within_a_community_is_known_by_it() {
    let mut within = GrantsWithin::default();
    within.add(ONE, held(Role::Moderator, None));
    within.add(ONE, held(Role::Support, Some(1)));
    within.add(TWO, held(Role::Moderator, Some(2)));
    assert_eq!((within.count(Timestamp::UNIX_EPOCH), within.get(ONE, Role::Moderator.into())), (3, Some(held(Role::Moderator, None))));
    within.add(ONE, held(Role::Moderator, Some(3)));
    assert_eq!(
        (within.count(Timestamp::UNIX_EPOCH), within.get(ONE, Role::Moderator.into())),
        (3, Some(held(Role::Moderator, Some(3)))),
        "until another instant"
    );
    let after = |hours| within.count(Timestamp::UNIX_EPOCH + TimeDelta::hours(hours));
    assert_eq!([after(1), after(2), after(3)], [2, 1, 0], "what has run out is none");
    within.remove(ONE, Role::Moderator.into());
    assert_eq!((within.get(ONE, Role::Moderator.into()), within.get(TWO, Role::Moderator.into()).is_some()), (None, true));
    within.remove(ONE, Role::Support.into());
    within.remove(TWO, Role::Moderator.into());
    within.remove(TWO, Role::Moderator.into());
    assert!(within.is_empty());
}

#[test]
fn all_that_somebody_is_trusted_with_is_held_as_long_as_it_is_anywhere() {
    let everywhere: Grants = [held(Role::Learner, None), held(Role::Support, Some(5)), held(Role::Analyst, Some(1))].into_iter().collect();
    let mut within = GrantsWithin::default();
    within.add(ONE, held(Role::Moderator, Some(1)));
    within.add(TWO, held(Role::Moderator, Some(2)));
    within.add(ONE, held(Role::Support, Some(3)));
    within.add(ONE, held(Role::Analyst, None));
    let all: Grants = [held(Role::Learner, None), held(Role::Support, Some(5)), held(Role::Analyst, None), held(Role::Moderator, Some(2))]
        .into_iter()
        .collect();
    assert_eq!(everywhere.and_within(Some(&within)), all);
    assert_eq!(everywhere.and_within(None), everywhere);
    assert_eq!(within.of(TWO).collect::<Vec<_>>(), [held(Role::Moderator, Some(2))]);
    let there = everywhere.and(within.of(TWO));
    assert!(there.has(Role::Moderator) && !everywhere.has(Role::Moderator));
    assert_eq!(there.get(Role::Analyst.into()), Some(held(Role::Analyst, Some(1))), "what is held in one is not held in another");
}

#[test]
fn it_is_stored_by_community() {
    let mut within = GrantsWithin::default();
    within.add(ONE, held(Role::Moderator, None));
    let stored = serde_json::to_value(&within).expect("JSON");
    assert_eq!(stored, serde_json::json!({ "00000000-0000-0000-0000-000000000001": [{ "role": "moderator" }] }));
    assert_eq!(serde_json::from_value::<GrantsWithin>(stored).expect("grants"), within);
}
