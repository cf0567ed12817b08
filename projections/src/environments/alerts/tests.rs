use domain::{
    Decider,
    environments::cluster::{Cluster, ClusterEvent as Did, Resource},
    kernel::ClusterId,
};

use super::{AlertKind, Entity, Model, page, since};
use crate::{
    column::Word,
    fixtures::{World, catch_up, id, recorded, rows, second},
};

#[test]
fn every_change_for_the_worse_or_the_better_is_an_alert() {
    let events = [
        Did::Unreachable { reason: "no answer".into(), since: second(0) },
        Did::Cordoned,
        Did::CapacityShort { resource: Resource::Pods, percent: 91 },
        Did::Recovered { since: second(3) },
    ];
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    let alert = |position: i64, kind, since| Model {
        position,
        cluster: id(1),
        kind: Word(kind),
        reason: None,
        resource: None,
        percent: None,
        since: second(since),
        at: second(position),
    };
    let expected = [
        Model { reason: Some("no answer".into()), ..alert(1, AlertKind::Unreachable, 0) },
        Model { resource: Some(Word(Resource::Pods)), percent: Some(91), ..alert(3, AlertKind::CapacityShort, 3) },
        alert(4, AlertKind::Recovered, 3),
    ];
    assert_eq!(rows(&Entity, &events), expected);
}

#[tokio::test]
async fn alerts_are_listed_back_and_followed_on() {
    let world = World::new().await;
    let short = |percent| Did::CapacityShort { resource: Resource::Cpu, percent };
    let regained = Did::CapacityRegained { resource: Resource::Cpu, percent: 3 };
    world.append(Cluster::STREAM, id(1), &[short(90), regained, short(91)]).await;
    world.append(Cluster::STREAM, id(2), &[short(92)]).await;
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();
    let percents = |rows: &[Model]| rows.iter().map(|row| row.percent.unwrap_or_default()).collect::<Vec<_>>();
    let first = page(db, None, None, 3).await.expect("a page");
    let second = page(db, None, first.rows.last().map(|row| row.position), 3).await.expect("a page");
    assert_eq!((percents(&first.rows), first.more), (vec![92, 91, 3], true));
    assert_eq!((percents(&second.rows), second.more), (vec![90], false));
    assert_eq!(percents(&page(db, Some(ClusterId(id(2))), None, 9).await.expect("a page").rows), [92]);
    assert_eq!(percents(&since(db, second.rows[0].position, 2).await.expect("rows")), [3, 91]);
}
