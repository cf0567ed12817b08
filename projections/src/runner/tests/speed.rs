//! Measured by hand: `cargo test --release -p projections speed -- --ignored --nocapture`.

#![allow(clippy::print_stderr)] // That is what these are for.

use std::{sync::Arc, time::Instant};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{
    Decider,
    gamification::scorecard::{Scorecard, ScorecardEvent, Source},
    kernel::{AccountId, Points, WorkshopId},
};
use journal::{History, JournalError, Link, Position, RawEvent, Recorded, SignedCheckpoint, StreamId};
use sea_orm::{ConnectionTrait, TransactionTrait};
use tokio::sync::watch;
use uuid::Uuid;

use super::super::{PAGE, Projections};
use crate::{
    fixtures::{Engine, World, id, stored},
    gamification::leaderboard::{Board, Leaderboard, Period, rank_of},
    projector::Projector,
    store::Purpose,
};

/// Awards to so many accounts in turn, made up as they are read.
struct Awards {
    events: i64,
    accounts: u64,
}

#[async_trait::async_trait]
impl History for Awards {
    async fn read_raw(&self, after: Position, limit: u32) -> Result<Vec<RawEvent>, JournalError> {
        let last = self.events.min(after.0 + i64::from(limit));
        Ok((after.0 + 1..=last).map(|position| self.event(position)).collect())
    }

    async fn head(&self) -> Result<Position, JournalError> {
        Ok(Position(self.events))
    }

    fn id(&self) -> Uuid {
        id(1)
    }

    async fn load(&self, _: &StreamId, _: i64) -> Result<Vec<Recorded>, JournalError> {
        unreachable!("rebuilds read raw events")
    }

    async fn read(&self, _: Position, _: u32) -> Result<Vec<Recorded>, JournalError> {
        unreachable!("rebuilds read raw events")
    }

    async fn read_back(&self, _: Position, _: u32) -> Result<Vec<Recorded>, JournalError> {
        unreachable!("rebuilds read raw events")
    }

    async fn content(&self, _: &str) -> Result<Option<Vec<u8>>, JournalError> {
        unreachable!("rebuilds read no contents")
    }

    async fn signed_checkpoint(&self, _: Position) -> Result<Option<SignedCheckpoint>, JournalError> {
        unreachable!("rebuilds read no checkpoints")
    }

    async fn verify(&self, _: Link, _: u32) -> Result<Link, JournalError> {
        unreachable!("rebuilds verify nothing")
    }
}

impl Awards {
    /// An award a second, to an account that follows from the position.
    fn event(&self, position: i64) -> RawEvent {
        let mixed = position.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let learner = AccountId(Uuid::from_u128(u128::from((mixed >> 20) % self.accounts) + 1));
        let source = Source::Workshop { workshop: WorkshopId(Uuid::from_u128(u128::from((mixed >> 50) % 20) + 1)) };
        let points = Points(u32::try_from(mixed >> 60).expect("four bits") * 5 + 5);
        let payload = serde_json::to_string(&ScorecardEvent::Awarded { learner, source, points, total: points }).expect("JSON");
        RawEvent {
            position,
            event_id: Uuid::nil().to_string(),
            aggregate_type: Scorecard::STREAM.to_owned(),
            aggregate_id: learner.0.to_string(),
            sequence: 1,
            event_type: "PointsAwarded".into(),
            event_version: "1".into(),
            payload,
            metadata: "{}".into(),
            recorded_at: DateTime::<Utc>::UNIX_EPOCH.timestamp_micros() + position * 1_000_000,
            hash: vec![0; 32],
        }
    }
}

fn number(name: &str, otherwise: i64) -> i64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

/// `EVENTS` and `ACCOUNTS` say how many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn speed_of_a_rebuild_of_all_leaderboards() {
    let (events, accounts) = (number("EVENTS", 1_000_000), number("ACCOUNTS", 100_000).unsigned_abs());
    for engine in Engine::ALL {
        let world = World::on(engine).await;
        let (_, head) = watch::channel(Position(events));
        let source = (Arc::new(Awards { events, accounts }) as Arc<dyn History>, head);
        let models: Vec<Box<dyn Projector>> = vec![Box::new(Leaderboard::new(Tz::UTC))];
        let generation = world.generation("speed");
        let projections = Projections::open(source, models, generation, Tz::UTC, (2, PAGE), Purpose::Serving).await.expect("read models");
        let began = Instant::now();
        projections.fill(Position(events), |_| {}).await.expect("a rebuild");
        let seconds = began.elapsed().as_secs_f64();
        #[allow(clippy::cast_precision_loss)]
        let per_second = events as f64 / seconds;
        eprintln!("{engine:?}: {events} events in {seconds:.1} s: {per_second:.0} events/s, {:.0} row-folds/s", per_second * 8.0);
        projections.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn speed_of_a_rank_among_a_million() {
    const ACCOUNTS: u128 = 1_000_000;
    for engine in Engine::ALL {
        let (_place, store) = stored(engine).await;
        let tx = store.writer.begin().await.expect("a transaction");
        let model = Leaderboard::new(Tz::UTC);
        model.create(&tx).await.expect("tables");
        let (numbers, account) = match engine {
            Engine::Sqlite => {
                ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)", "unhex(printf('%032x', i))")
            }
            Engine::Postgres => ("WITH n AS (SELECT generate_series(1::bigint, 1000000) AS i)", "lpad(to_hex(i), 32, '0')::uuid"),
        };
        let (nil, day) = match engine {
            Engine::Sqlite => ("zeroblob(16)", "'1970-01-01'"),
            Engine::Postgres => ("'00000000-0000-0000-0000-000000000000'::uuid", "date '1970-01-01'"),
        };
        let points = "(i * 7919 % 1000003) * (i % 7)";
        tx.execute_unprepared(&format!("{numbers} INSERT INTO leaderboard SELECT 'all', {day}, {nil}, {account}, {points}, i FROM n"))
            .await
            .expect("entries");
        model.complete(&tx).await.expect("totals and indexes");
        tx.commit().await.expect("a commit");
        store.writer.execute_unprepared("ANALYZE").await.expect("statistics");
        let board = Board::on(Period::All, chrono::NaiveDate::default(), None);
        let mut times = Vec::new();
        for turn in 0..2000_u128 {
            let account = AccountId(id(turn * 7_368_787 % ACCOUNTS + 1));
            let began = Instant::now();
            rank_of(&store.reader, &board, account).await.expect("a rank").expect("an entry");
            times.push(began.elapsed());
        }
        times.sort_unstable();
        eprintln!("{engine:?}: rank median {:?}, p99 {:?}", times[1000], times[1980]);
        store.close().await;
    }
}
