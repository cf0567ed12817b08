use domain::{
    Decider,
    audit::trail::{Note, Trail, TrailEvent},
};

use super::*;
use crate::fixtures::{Engine, World, catch_up, id};

/// Fewer than there are, and more.
const LOOKED_AT: [u64; 4] = [1, 3, 4, MOST];

/// Of every third the verdict is another, of every second the actor; each is about one of five.
fn note(number: u32) -> TrailEvent {
    TrailEvent::Noted(Box::new(Note {
        entry: id(1000 + u128::from(number)),
        at: crate::fixtures::second(number.into()),
        actor: if number.is_multiple_of(2) { "anonymous".into() } else { "acc_1".into() },
        via: None,
        on_behalf_of: None,
        operation: if number == 7 { "roleGrant".into() } else { "signIn".into() },
        verdict: if number.is_multiple_of(3) { Verdict::Refused } else { Verdict::Accepted },
        reason: None,
        subjects: vec![format!("acc_{:032x}", number % 5)],
        correlation: id(u128::from(number)),
        address: None,
        address_digest: Some(if number < 10 { "early".into() } else { "late".into() }),
        user_agent: None,
        times: 1,
    }))
}

/// All pages of two one after the other, as the numbers of their notes, where so many are looked at for each.
async fn pages(db: &DatabaseConnection, filter: &Filter, order: Order, most: u64) -> Vec<u128> {
    let (mut all, mut from) = (Vec::new(), None);
    loop {
        let found = bounded(db, filter, order, from, (2, most)).await.expect("a page");
        assert!(found.rows.len() <= 2);
        all.extend(found.rows.iter().map(|row| row.entry.as_u128() - 1000));
        if !found.more {
            return all;
        }
        from = found.reached;
    }
}

async fn both_ways(db: &DatabaseConnection, filter: &Filter, wanted: impl Fn(u32) -> bool) {
    let mut expected: Vec<u128> = (1..=20_u32).filter(|number| wanted(*number)).map(u128::from).collect();
    for most in LOOKED_AT {
        assert_eq!(pages(db, filter, Order::EarliestFirst, most).await, expected, "{filter:?}, {most}");
        expected.reverse();
        assert_eq!(pages(db, filter, Order::LatestFirst, most).await, expected, "{filter:?}, {most}");
        expected.reverse();
    }
}

#[tokio::test]
async fn entries_are_found_by_each_condition_and_by_several_in_both_directions() {
    for engine in Engine::ALL {
        let world = World::on(engine).await;
        let mut head = world.head().await;
        for number in 1..=20 {
            head = world.append(Trail::STREAM, id(u128::from(number)), &[note(number)]).await;
        }
        let projections = world.open("rows.db", 7).await;
        catch_up(&projections, head).await;
        let (db, any) = (projections.db(), Filter::default());
        both_ways(db, &any, |_| true).await;
        both_ways(db, &Filter { actor: Some("anonymous".into()), ..any.clone() }, |number| number % 2 == 0).await;
        both_ways(db, &Filter { action: Some("roleGrant".into()), ..any.clone() }, |number| number == 7).await;
        both_ways(db, &Filter { verdict: Some(Verdict::Refused), ..any.clone() }, |number| number % 3 == 0).await;
        both_ways(db, &Filter { subject: Some(id(3)), ..any.clone() }, |number| number % 5 == 3).await;
        both_ways(db, &Filter { correlation: Some(id(4)), ..any.clone() }, |number| number == 4).await;
        let addresses = |all: &[&str]| Some(all.iter().map(|digest| (*digest).to_owned()).collect());
        both_ways(db, &Filter { addresses: addresses(&["early"]), ..any.clone() }, |number| number < 10).await;
        both_ways(db, &Filter { addresses: addresses(&["late", "early"]), ..any.clone() }, |_| true).await;
        let several = Filter { actor: Some("acc_1".into()), verdict: Some(Verdict::Refused), ..any.clone() };
        both_ways(db, &several, |number| number % 2 == 1 && number % 3 == 0).await;
        let about = Filter { subject: Some(id(3)), actor: Some("acc_1".into()), ..any.clone() };
        both_ways(db, &about, |number| number % 5 == 3 && number % 2 == 1).await;
        let refused = Filter { subject: Some(id(3)), verdict: Some(Verdict::Refused), ..any.clone() };
        both_ways(db, &refused, |number| number % 5 == 3 && number % 3 == 0).await;
        let early = Filter { subject: Some(id(3)), addresses: addresses(&["early"]), ..any.clone() };
        both_ways(db, &early, |number| number % 5 == 3 && number < 10).await;
        let granted = Filter { subject: Some(id(2)), action: Some("roleGrant".into()), ..any.clone() };
        both_ways(db, &granted, |number| number == 7).await;
        let late = Filter { addresses: addresses(&["late", "early"]), actor: Some("acc_1".into()), ..any.clone() };
        both_ways(db, &late, |number| number % 2 == 1).await;
        both_ways(db, &Filter { actor: Some("acc_9".into()), ..any.clone() }, |_| false).await;

        let all = search(db, &any, Order::EarliestFirst, None, 20).await.expect("a page").rows;
        let between = Filter { since: Some(all[4].at), until: Some(all[9].at), ..any.clone() };
        let expected = all.iter().filter(|row| row.at >= all[4].at && row.at < all[9].at).map(|row| row.entry.as_u128() - 1000);
        assert_eq!(pages(db, &between, Order::EarliestFirst, MOST).await, expected.collect::<Vec<_>>());
        let past = Filter { until: Some(Timestamp::UNIX_EPOCH), ..any };
        assert!(pages(db, &past, Order::LatestFirst, MOST).await.is_empty());
    }
}
