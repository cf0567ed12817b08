use domain::{
    Decider,
    communities::{
        CommunityDescription, CommunityName,
        community::{Community, CommunityEvent as Did},
    },
    kernel::{AccountId, CommunityId},
};

use super::{Entity, Model, find_many, page, total};
use crate::fixtures::{World, catch_up, id, recorded, rows, second};

const ADA: AccountId = AccountId(id(1));
const BOB: AccountId = AccountId(id(2));

fn founded(name: &str) -> Did {
    let name = CommunityName::try_new(name).expect("a name");
    Did::Founded { founder: ADA, name, description: CommunityDescription::default() }
}

#[test]
fn a_community_says_how_many_are_of_it_until_it_is_closed() {
    let revised = Did::Revised {
        name: CommunityName::try_new("Rustaceans").expect("a name"),
        description: CommunityDescription::try_new("Rust, together.").expect("a description"),
    };
    let history = [founded("Gophers"), Did::Joined { account: BOB, members: 2 }, revised];
    let seen = |more: &[Did]| {
        let events: Vec<_> =
            (1..).zip(history.iter().chain(more)).map(|(position, event)| recorded(position, id(7), event.clone())).collect();
        rows(&Entity, &events)
    };
    let expected = Model {
        community: id(7),
        founder: id(1),
        name: "Rustaceans".into(),
        description: "Rust, together.".into(),
        members: 2,
        founded_at: second(1),
        closed_at: None,
    };
    assert_eq!(seen(&[]), std::slice::from_ref(&expected));
    assert_eq!(seen(&[Did::Removed { account: BOB, members: 1 }]), [Model { members: 1, ..expected.clone() }]);
    assert_eq!(seen(&[Did::Left { account: BOB, members: 1 }]), [Model { members: 1, ..expected.clone() }]);
    assert_eq!(seen(&[Did::Closed]), [Model { members: 0, closed_at: Some(second(4)), ..expected }]);
}

#[tokio::test]
async fn those_that_are_open_are_listed_latest_first() {
    let world = World::new().await;
    for (nth, name) in [(1, "one"), (2, "two"), (3, "three")] {
        world.append(Community::STREAM, id(nth), &[founded(name)]).await;
    }
    world.append(Community::STREAM, id(4), &[founded("four"), Did::Closed]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();
    let first = page(db, None, 2).await.expect("a page");
    let next = page(db, first.rows.last().map(Model::after), 2).await.expect("a page");
    let names: Vec<_> = first.rows.iter().chain(&next.rows).map(|row| row.name.as_str()).collect();
    assert_eq!((names.len(), first.more, next.more), (3, true, false));
    assert!(!names.contains(&"four"));
    assert_eq!(total(db).await.expect("a number"), 3);
    let found = find_many(db, &[CommunityId(id(4)), CommunityId(id(9))]).await.expect("rows");
    assert_eq!(found.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["four"]);
}
