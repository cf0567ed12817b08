//! Both stores, as their documentation sets them up, but for what makes the comparison fair: as many connections as
//! clients, and commits that are flushed.

use std::{collections::HashMap, str::FromStr, sync::Arc, time::Duration};

use cqrs_es::{
    AggregateContext, AggregateError, CqrsFramework, EventStore,
    persist::{PersistedEventRepository, PersistedEventStore},
};
use load::{CounterCommand, CounterRejection, Fault, Figures, Order, Streams, drive, serve};
use postgres_es::{PostgresEventRepository, postgres_cqrs};
use sqlite_es::sqlite_cqrs;
use sqlx::{
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use uuid::Uuid;

use crate::aggregate::Counting;

type Framework<R> = Arc<CqrsFramework<Counting, PersistedEventStore<R, Counting>>>;

/// How often a command that met another one is tried again, as a caller would.
const TRIES: u32 = 100;

pub(crate) async fn postgres(url: &str, connections: u32) -> Result<(), Fault> {
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(60)).connect(url).await?;
    let framework = Arc::new(postgres_cqrs(pool.clone(), vec![], ()));
    run(framework, async |clients| {
        // Connections are made before anything is counted.
        let mut held = Vec::new();
        for _ in 0..clients {
            held.push(pool.acquire().await?);
        }
        Ok(())
    })
    .await
}

pub(crate) async fn sqlite(path: &str) -> Result<(), Fault> {
    let options = SqliteConnectOptions::from_str(&format!("sqlite://{path}"))?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(60))
        .foreign_keys(true);
    // Ten is what sqlite-es itself takes; more only wait for each other.
    let pool = SqlitePoolOptions::new().max_connections(10).acquire_timeout(Duration::from_secs(60)).connect_with(options).await?;
    sqlx::raw_sql(include_str!("sqlite.sql")).execute(&pool).await?;
    run(Arc::new(sqlite_cqrs(pool, vec![], ())), async |_| Ok(())).await
}

/// Loads one aggregate through the stock event store, and says how often and how much it has counted.
pub(crate) async fn load(url: &str, id: &str) -> Result<(), Fault> {
    let pool = PgPoolOptions::new().max_connections(1).connect(url).await?;
    let store = PersistedEventStore::<_, Counting>::new_event_store(PostgresEventRepository::new(pool));
    let mut context = store.load_aggregate(id).await?;
    let counter = context.aggregate().0.clone();
    let events = store.load_events(id).await?;
    if events.iter().zip(1..).any(|(event, sequence)| event.sequence != sequence) || events.len() as u64 != counter.times {
        return Err(format!("{} events were loaded for a counter at {}", events.len(), counter.times).into());
    }
    // The totals travel as figures: how often in `done`, how much in `seconds`.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let figures = Figures { done: counter.times as f64, seconds: counter.total as f64, ..Figures::default() };
    serve(|_| async { Ok(figures) }).await
}

async fn run<R: PersistedEventRepository + Send + Sync + 'static>(
    framework: Framework<R>,
    prepare: impl AsyncFn(usize) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let (framework, prepare) = (&framework, &prepare);
    serve(|order: Order| async move {
        prepare(order.clients).await?;
        let framework = Arc::clone(framework);
        let streams = Streams::of(&order)?;
        drive(&order, move |_, _| {
            let framework = Arc::clone(&framework);
            let id = streams.pick().to_string();
            async move { command(&framework, &id).await }
        })
        .await
    })
    .await
}

async fn command<R: PersistedEventRepository>(framework: &Framework<R>, id: &str) -> Result<(), Fault> {
    for _ in 0..TRIES {
        let ran = framework.execute_with_metadata(id, CounterCommand::Count { by: 1 }, metadata()).await;
        match ran {
            Err(AggregateError::AggregateConflict) => {}
            Err(error) => return Err(told(&error)),
            Ok(()) => return Ok(()),
        }
    }
    Err(format!("{id} was contended {TRIES} times").into())
}

/// What a caller keeps with an event, and ours does too.
fn metadata() -> HashMap<String, String> {
    let (command, correlation) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
    HashMap::from([("command".into(), command), ("correlation".into(), correlation), ("actor".into(), "system:bench".into())])
}

fn told(error: &AggregateError<CounterRejection>) -> Fault {
    format!("{error}: {error:?}").into()
}
