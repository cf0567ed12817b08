//! Ranks on the board of all time.

use std::sync::Arc;

use chrono::{NaiveDate, Utc};
use domain::kernel::AccountId;
use load::{Fault, Order, drive, serve, streams};
use projections::gamification::leaderboard::{Board, Period, rank_of};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use super::boards;
use crate::store::{Engine, Store};

/// The rank of any account, as the API asks for it.
pub(super) async fn ours(store: &Store, accounts: u64) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let journal = store.journal(&vault).await?;
    let projections = boards::open(store, &journal).await?;
    if projections.status().iter().any(|status| status.position.0 == 0) {
        return Err("there are no read models: rebuild them first".into());
    }
    let board = Board::on(Period::All, Utc::now().date_naive(), None);
    let projections = &projections;
    serve(|order: Order| {
        let projections = Arc::clone(projections);
        async move {
            drive(&order, move |_, _| {
                let projections = Arc::clone(&projections);
                async move {
                    let account = AccountId(streams::stream(rand::random_range(0..accounts)));
                    rank_of(projections.db(), &board, account).await?.ok_or("an account without a rank")?;
                    Ok(())
                }
            })
            .await
        }
    })
    .await?;
    projections.close().await;
    journal.close().await;
    Ok(())
}

const HIGHER: &str = "SELECT count(*) FROM leaderboard WHERE period = ? AND period_start = ? AND workshop = ? AND points > ?";
const MIDDLE: &str = "SELECT points FROM leaderboard WHERE period = ? AND period_start = ? AND workshop = ? \
                      ORDER BY points DESC LIMIT 1 OFFSET (SELECT count(*) / 2 FROM leaderboard WHERE period = ? AND period_start = ? AND workshop = ?)";

/// How many stand higher than the one in the middle, counted with the index by points.
pub(super) async fn counts(store: &Store) -> Result<(), Fault> {
    match store.engine {
        Engine::Sqlite => counts_in_sqlite(store).await,
        Engine::Postgres => Err("the read models have no PostgreSQL yet".into()),
    }
}

async fn counts_in_sqlite(store: &Store) -> Result<(), Fault> {
    let models = std::fs::read_dir(boards::directory(store))?.flatten().map(|entry| entry.path());
    let file = models.into_iter().find(|path| path.extension().is_some_and(|end| end == "db")).ok_or("no read models")?;
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let pool: SqlitePool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await?;
    let (period, start, workshop) = ("all", NaiveDate::default().to_string(), uuid::Uuid::nil().as_bytes().to_vec());
    let middle = sqlx::query_scalar(MIDDLE).bind(period).bind(&start).bind(&workshop).bind(period).bind(&start).bind(&workshop);
    let middle: i64 = middle.fetch_optional(&pool).await?.ok_or("nobody is on the board of all time")?;
    let (pool, start, workshop) = (&pool, &start, &workshop);
    serve(|order: Order| {
        let (pool, start, workshop) = (pool.clone(), start.clone(), workshop.clone());
        async move {
            drive(&order, move |_, _| {
                let (pool, start, workshop) = (pool.clone(), start.clone(), workshop.clone());
                async move {
                    let higher: i64 =
                        sqlx::query_scalar(HIGHER).bind(period).bind(start).bind(workshop).bind(middle).fetch_one(&pool).await?;
                    if higher == 0 { Err("nobody stands higher than the middle".into()) } else { Ok(()) }
                }
            })
            .await
        }
    })
    .await
}
