//! The boards with a transaction for each event: its rows are loaded, folded, written, and the checkpoint is moved.
//!
//! The fold is the product's; all statements are prepared.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use chrono::NaiveDate;
use domain::fact::Fact;
use journal::Position;
use load::{Fault, Figures, Order, serve};
use projections::{
    Tz,
    column::Word,
    gamification::leaderboard::{Leaderboard, Model, Period},
    read_model::{Origin, ReadModel, Recorded},
};
use sqlx::{
    ConnectOptions, Connection, PgConnection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use uuid::Uuid;

use crate::store::{Engine, Store};

/// Rows that an event touches.
pub(crate) const FOLDS: usize = 8;
/// The order to load and to save all rows of an event by one statement each; otherwise each row has its own, as views of
/// stock cqrs-es have.
pub(crate) const AT_ONCE: &str = "at once";

const TABLES: &str = "CREATE TABLE leaderboard (period TEXT NOT NULL, period_start TEXT NOT NULL, workshop TEXT NOT NULL, \
     account TEXT NOT NULL, points BIGINT NOT NULL, reached BIGINT NOT NULL, PRIMARY KEY (period, period_start, workshop, account)); \
     CREATE INDEX leaderboard_by_rank ON leaderboard (period, period_start, workshop, points DESC, reached, account); \
     CREATE TABLE checkpoints (name TEXT PRIMARY KEY, position BIGINT NOT NULL); INSERT INTO checkpoints VALUES ('leaderboard', 0);";

type Key = (Word<Period>, NaiveDate, Uuid, Uuid);

pub(super) async fn run(store: &Store, into: &Store) -> Result<(), Fault> {
    let history = store.history().await?;
    let history = &*history;
    serve(|order: Order| async move {
        let mut rows = Rows::init(into).await?;
        let at_once = if order.work == AT_ONCE { FOLDS } else { 1 };
        let model = Leaderboard::new(Tz::UTC);
        let (mut after, mut done) = (Position(0), 0);
        let begun = Instant::now();
        let most = Duration::from_millis(order.run_ms);
        while begun.elapsed() < most {
            let page = history.read(after, 1000).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for event in page {
                let fact = Fact::read(&event.stream.kind, &event.name, event.version, event.payload.as_str())?;
                let event = Recorded { position: event.position, stream: event.stream, at: event.recorded_at, fact, origin: nobody() };
                rows.take(&model, &event, at_once).await?;
                done += 1;
                if begun.elapsed() >= most {
                    break;
                }
            }
        }
        Ok(Figures::of(done, begun.elapsed()))
    })
    .await
}

/// Boards do not ask who has caused an event.
fn nobody() -> Origin {
    Origin {
        command: Uuid::nil(),
        correlation: Uuid::nil(),
        causation: None,
        actor: String::new(),
        via: None,
        on_behalf_of: None,
        address: None,
        address_digest: None,
        operation: None,
    }
}

enum Rows {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// The same few statements in both dialects; a macro, because the connections have no type in common.
macro_rules! take {
    ($connection:expr, $model:expr, $event:expr, $at_once:expr, $number:expr) => {{
        let keys = $model.keys($event);
        let mut transaction = $connection.begin().await?;
        for keys in keys.chunks($at_once) {
            let mut load = sqlx::query(sqlx::AssertSqlSafe(load(keys.len(), $number)));
            for key in keys {
                let [period, start, workshop, account] = words(key)?;
                load = load.bind(period).bind(start).bind(workshop).bind(account);
            }
            let mut found = HashMap::new();
            for row in load.fetch_all(&mut *transaction).await? {
                let key: [String; 4] = [row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?];
                found.insert(key, (row.try_get::<i64, _>(4)?, row.try_get::<i64, _>(5)?));
            }
            let mut save = sqlx::query(sqlx::AssertSqlSafe(save(keys.len(), $number)));
            for key in keys {
                let row = found.get(&words(key)?).map(|(points, reached)| row(key, *points, *reached));
                let row = $model.fold(key, row, $event)?.ok_or("a row that is removed")?;
                let [period, start, workshop, account] = words(key)?;
                save = save.bind(period).bind(start).bind(workshop).bind(account).bind(row.points).bind(row.reached);
            }
            save.execute(&mut *transaction).await?;
        }
        let moved =
            sqlx::query(sqlx::AssertSqlSafe(format!("UPDATE checkpoints SET position = {} WHERE name = 'leaderboard'", $number(1))));
        moved.bind($event.position.0).execute(&mut *transaction).await?;
        transaction.commit().await?;
    }};
}

impl Rows {
    /// Empty tables.
    async fn init(into: &Store) -> Result<Self, Fault> {
        Ok(match into.engine {
            Engine::Postgres => {
                let mut connection = PgConnection::connect(&into.url).await?;
                sqlx::raw_sql("DROP TABLE IF EXISTS leaderboard; DROP TABLE IF EXISTS checkpoints").execute(&mut connection).await?;
                sqlx::raw_sql(TABLES).execute(&mut connection).await?;
                Self::Postgres(connection)
            }
            Engine::Sqlite => {
                let file = into.directory.join("event-by-event.db");
                for end in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{end}", file.display()));
                }
                let options = SqliteConnectOptions::new().filename(file).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
                let mut connection = options.synchronous(SqliteSynchronous::Full).connect().await?;
                sqlx::raw_sql(TABLES).execute(&mut connection).await?;
                Self::Sqlite(connection)
            }
        })
    }

    async fn take(&mut self, model: &Leaderboard, event: &Recorded, at_once: usize) -> Result<(), Fault> {
        match self {
            Self::Postgres(connection) => take!(connection, model, event, at_once, |number: usize| format!("${number}")),
            Self::Sqlite(connection) => take!(connection, model, event, at_once, |number: usize| format!("?{number}")),
        }
        Ok(())
    }
}

fn words((period, start, workshop, account): &Key) -> Result<[String; 4], Fault> {
    let period = serde_json::to_value(period.0)?.as_str().ok_or("a period is a word")?.to_owned();
    Ok([period, start.to_string(), workshop.to_string(), account.to_string()])
}

fn row((period, period_start, workshop, account): &Key, points: i64, reached: i64) -> Model {
    Model { period: *period, period_start: *period_start, workshop: *workshop, account: *account, points, reached }
}

fn tuples(rows: usize, columns: usize, number: impl Fn(usize) -> String) -> String {
    let tuple = |row: usize| (1..=columns).map(|column| number(row * columns + column)).collect::<Vec<_>>().join(", ");
    (0..rows).map(|row| format!("({})", tuple(row))).collect::<Vec<_>>().join(", ")
}

fn load(rows: usize, number: impl Fn(usize) -> String) -> String {
    format!(
        "SELECT period, period_start, workshop, account, points, reached FROM leaderboard \
         WHERE (period, period_start, workshop, account) IN (VALUES {})",
        tuples(rows, 4, number)
    )
}

fn save(rows: usize, number: impl Fn(usize) -> String) -> String {
    format!(
        "INSERT INTO leaderboard (period, period_start, workshop, account, points, reached) VALUES {} \
         ON CONFLICT (period, period_start, workshop, account) DO UPDATE SET points = excluded.points, reached = excluded.reached",
        tuples(rows, 6, number)
    )
}
