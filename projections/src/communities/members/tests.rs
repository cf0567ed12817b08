use domain::{
    Decider,
    communities::{
        CommunityDescription, CommunityName,
        community::{Community, CommunityEvent as Did},
    },
    kernel::{AccountId, CommunityId},
};

use super::{Entity, Model, of_people, page};
use crate::fixtures::{World, catch_up, id, recorded, rows, second};

const ADA: AccountId = AccountId(id(1));
const BOB: AccountId = AccountId(id(2));
const EVE: AccountId = AccountId(id(3));

fn founded() -> Did {
    let name = CommunityName::try_new("Gophers").expect("a name");
    Did::Founded { founder: ADA, name, description: CommunityDescription::default() }
}

const fn joined(account: AccountId) -> Did {
    Did::Joined { account, members: 2 }
}

#[test]
fn people_are_there_until_they_leave_or_are_removed() {
    let left = Did::Left { account: BOB, members: 1 };
    let removed = Did::Removed { account: EVE, members: 1 };
    let history = [founded(), joined(BOB), left, joined(EVE), removed, joined(BOB), Did::Closed];
    let events: Vec<_> = (1..).zip(history).map(|(position, event)| recorded(position, id(7), event)).collect();
    let row = |account, at| Model { community: id(7), account, joined_at: second(at) };
    assert_eq!(rows(&Entity, &events), [row(id(1), 1), row(id(2), 6)]);
}

#[tokio::test]
async fn each_community_has_its_own() {
    let world = World::new().await;
    world.append(Community::STREAM, id(7), &[founded(), joined(BOB), joined(EVE)]).await;
    world.append(Community::STREAM, id(8), &[founded()]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();
    let (one, other) = (CommunityId(id(7)), CommunityId(id(8)));
    let first = page(db, one, None, 2).await.expect("a page");
    let next = page(db, one, first.rows.last().map(Model::after), 2).await.expect("a page");
    let mut people: Vec<_> = first.rows.iter().chain(&next.rows).map(|row| row.account).collect();
    people.sort_unstable();
    assert_eq!((people, first.more, next.more), (vec![id(1), id(2), id(3)], true, false));
    let mut found: Vec<_> =
        of_people(db, &[ADA, BOB], &[one, other]).await.expect("rows").into_iter().map(|row| (row.community, row.account)).collect();
    found.sort_unstable();
    assert_eq!(found, [(id(7), id(1)), (id(7), id(2)), (id(8), id(1))]);
    assert_eq!(page(db, other, None, 9).await.expect("a page").rows.len(), 1);
}
