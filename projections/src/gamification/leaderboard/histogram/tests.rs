use chrono::NaiveDate;
use chrono_tz::Tz;
use proptest::prelude::*;
use sea_orm::{EntityTrait, PaginatorTrait, QueryFilter, TransactionTrait, entity::prelude::*};

use super::{Board, Period, above, total};
use crate::{
    column::Word,
    fixtures::{Engine, id, seeds::seeded, stored},
    gamification::leaderboard::{Column, Entity, Leaderboard, Model},
    projector::Projector,
    rows,
    tally::{Kept, Totals},
};

fn board() -> Board {
    Board::on(Period::All, NaiveDate::default(), None)
}

fn entry(account: u128, points: i64) -> Model {
    let (period, period_start) = (Word(Period::All), NaiveDate::default());
    Model { period, period_start, workshop: uuid::Uuid::nil(), account: id(account), points, reached: 1 }
}

/// Points at the edges of buckets, close together, and anywhere.
fn points() -> impl Strategy<Value = i64> {
    let edge = (-3..4_i64, prop_oneof![Just(8), Just(16), Just(40), Just(62)], -2..3_i64)
        .prop_map(|(times, width, beside)| (times << width).wrapping_add(beside));
    prop_oneof![4 => -20..20_i64, 3 => edge, 1 => any::<i64>(), 1 => prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0)]]
}

/// What accounts have in turn; several times the same account.
fn history() -> impl Strategy<Value = Vec<(u128, i64)>> {
    proptest::collection::vec((1..15_u128, points()), 1..40)
}

async fn ranks_agree(engine: Engine, history: &[(u128, i64)]) {
    let model = Leaderboard::new(Tz::UTC);
    let (_place, store) = stored(engine).await;
    let tx = store.writer.begin().await.expect("a transaction");
    model.create(&tx).await.expect("tables");
    let histogram: Box<dyn Totals<Model>> = Kept::<super::Entity>::boxed();
    let mut entries = std::collections::BTreeMap::new();
    for chunk in history.chunks(7) {
        let mut changes = std::collections::BTreeMap::new();
        for (account, points) in chunk {
            let before = entries.insert(*account, *points);
            changes.entry(*account).or_insert((before.map(|points| entry(*account, points)), None)).1 = Some(entry(*account, *points));
        }
        let rows: Vec<_> = changes.values().filter_map(|(_, after)| after.clone()).collect();
        rows::upsert::<Entity>(&tx, &rows).await.expect("rows");
        let mut sum = histogram.begin();
        for (before, after) in changes.values() {
            for (row, times) in before.iter().map(|row| (row, -1)).chain(after.iter().map(|row| (row, 1))) {
                sum.add(row, times);
            }
        }
        sum.write(&tx, false).await.expect("totals");
    }
    tx.commit().await.expect("a commit");
    let asked = entries.values().copied().chain([i64::MIN, -1, 0, 255, 256, 1 << 16, i64::MAX]);
    for points in asked {
        let counted = Entity::find().filter(Column::Points.gt(points)).count(&store.reader).await.expect("a count");
        assert_eq!(above(&store.reader, &board(), points).await.expect("a sum"), counted, "above {points} of {entries:?}");
    }
    assert_eq!(total(&store.reader, &board()).await.expect("a sum"), entries.len() as u64);
    store.close().await;
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

proptest! {
    #![proptest_config(seeded(24))]

    #[test]
    fn a_rank_by_histogram_is_the_rank_by_counting(history in history()) {
        block_on(ranks_agree(Engine::Sqlite, &history));
    }
}

proptest! {
    #![proptest_config(seeded(20))]

    #[test]
    fn a_rank_by_histogram_is_the_rank_by_counting_on_postgres(history in history()) {
        block_on(ranks_agree(Engine::Postgres, &history));
    }
}
