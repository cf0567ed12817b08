//! Ranks on the board of all time.

use std::{str::FromStr, sync::Arc};

use chrono::Utc;
use domain::kernel::AccountId;
use load::{Fault, Order, drive, serve, streams};
use projections::gamification::leaderboard::{Board, Period, rank_of};
use sqlx::{
    Connection, PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
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

/// How many stand higher than the one in the middle, counted with the index by points.
pub(super) async fn counts(store: &Store) -> Result<(), Fault> {
    match store.engine {
        Engine::Sqlite => {
            let options = SqliteConnectOptions::new().filename(store.model()?).read_only(true);
            let pool = SqlitePoolOptions::new().max_connections(8).connect_with(options).await?;
            let board = board(&format!("x'{}'", "00".repeat(16)));
            let middle = sqlx::query_scalar(sqlx::AssertSqlSafe(middle(&board))).fetch_one(&pool).await?;
            counting(higher(&board, "?"), middle, move |statement, middle| {
                let pool = pool.clone();
                async move { Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).bind(middle).fetch_one(&pool).await?) }
            })
            .await
        }
        Engine::Postgres => {
            let schema: String = sqlx::query_scalar(boards::SCHEMA).fetch_one(&mut PgConnection::connect(&store.url).await?).await?;
            let options = PgConnectOptions::from_str(&store.url)?.options([("search_path", schema)]);
            let pool = PgPoolOptions::new().max_connections(8).connect_with(options).await?;
            let board = board("'00000000-0000-0000-0000-000000000000'");
            let middle = sqlx::query_scalar(sqlx::AssertSqlSafe(middle(&board))).fetch_one(&pool).await?;
            counting(higher(&board, "$1"), middle, move |statement, middle| {
                let pool = pool.clone();
                async move { Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).bind(middle).fetch_one(&pool).await?) }
            })
            .await
        }
    }
}

/// The board of all time over all workshops, as a condition.
fn board(no_workshop: &str) -> String {
    format!("period = 'all' AND period_start = '1970-01-01' AND workshop = {no_workshop}")
}

fn middle(board: &str) -> String {
    format!(
        "SELECT points FROM leaderboard WHERE {board} ORDER BY points DESC LIMIT 1 \
         OFFSET (SELECT count(*) / 2 FROM leaderboard WHERE {board})"
    )
}

fn higher(board: &str, points: &str) -> String {
    format!("SELECT count(*) FROM leaderboard WHERE {board} AND points > {points}")
}

async fn counting<C, F>(statement: String, middle: i64, count: C) -> Result<(), Fault>
where
    C: Fn(String, i64) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<i64, Fault>> + Send,
{
    serve(|order: Order| {
        let (statement, count) = (statement.clone(), count.clone());
        async move {
            drive(&order, move |_, _| {
                let counted = count(statement.clone(), middle);
                async move { if counted.await? == 0 { Err("nobody stands higher than the middle".into()) } else { Ok(()) } }
            })
            .await
        }
    })
    .await
}
