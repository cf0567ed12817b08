//! Fills the audit's tables, past the journal: ten million commands would take hours, and their events as much room again.

use futures_util::{StreamExt, stream};
use load::{Fault, Figures, serve};
use projections::{
    audit::{entries, subjects},
    read_model::ReadModel,
};
use sea_orm::{
    ActiveModelBehavior, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, EntityTrait, IntoActiveModel, Iterable,
    QueryTrait, Statement, TransactionTrait,
    sqlx::{
        Connection, PgConnection,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{super::boards, entry};
use crate::store::{Engine, Store};

/// Bound values in one statement; `SQLite` takes 32 766.
const VARIABLES: usize = 30_000;
/// Rows in one transaction.
const ROWS: usize = 100_000;
/// Statements that are made while one is executed.
const AHEAD: usize = 2;

pub(crate) async fn fill(store: &Store, entries: u64) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let journal = store.journal(&vault).await?;
    // They make their tables.
    boards::open(store, &journal).await?.close().await;
    journal.close().await;
    let db = open(store).await?;
    let numbers: Vec<u64> = (0..entries).collect();
    write::<entries::Entity, _>(&db, numbers, entry::entry).await?;
    // In the order of their key: a table that is a tree of it is filled from one end.
    let mut links: Vec<_> = (0..entries).map(|number| (entry::subject_of(number), number)).collect();
    links.sort_unstable();
    write::<subjects::Entity, _>(&db, links, |(subject, number)| {
        let entries::Model { entry, position, actor, action, verdict, .. } = entry::entry(number)?;
        Ok(subjects::Model { subject: subject.into(), entry, position, actor, action: Some(action), verdict })
    })
    .await?;
    db.close().await?;
    serve(|_| async { Ok(Figures::default()) }).await
}

/// The read models, to be written to by nobody else. What a loss of power would take is filled in again.
async fn open(store: &Store) -> Result<DatabaseConnection, Fault> {
    let mut options = match store.engine {
        Engine::Sqlite => ConnectOptions::new(format!("sqlite://{}", store.model()?.display())),
        Engine::Postgres => {
            let schemas = sea_orm::sqlx::query_scalar(boards::SCHEMA);
            let schema: String = schemas.fetch_one(&mut PgConnection::connect(&store.url).await?).await?;
            let mut options = ConnectOptions::new(&store.url);
            options.map_sqlx_postgres_opts(move |postgres| {
                postgres.options([("search_path", schema.as_str()), ("synchronous_commit", "off"), ("maintenance_work_mem", "512MB")])
            });
            options
        }
    };
    options.max_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite.journal_mode(SqliteJournalMode::Memory).synchronous(SqliteSynchronous::Off).pragma("cache_size", "-131072")
    });
    Ok(Database::connect(options).await?)
}

/// Rows of a read model, made of what they come from. Its indexes are made afterwards, each at once.
async fn write<M, R>(db: &DatabaseConnection, from: Vec<R>, row: fn(R) -> Result<<M as EntityTrait>::Model, Fault>) -> Result<(), Fault>
where
    M: ReadModel<Table = M> + EntityTrait,
    M::Model: IntoActiveModel<M::ActiveModel>,
    M::ActiveModel: ActiveModelBehavior<Entity = M> + Send,
    R: Copy + Send + 'static,
{
    let backend = db.get_database_backend();
    let indexes = M::indexes();
    for index in &indexes {
        let name = index.get_index_spec().get_name().ok_or("an index without a name")?;
        db.execute_unprepared(&format!("DROP INDEX IF EXISTS \"{name}\"")).await?;
    }
    let width = VARIABLES / M::Column::iter().count();
    for rows in from.chunks(ROWS) {
        let tx = db.begin().await?;
        let chunks: Vec<Vec<R>> = rows.chunks(width).map(<[R]>::to_vec).collect();
        let made = stream::iter(chunks).map(|chunk| tokio::task::spawn_blocking(move || statement::<M, R>(backend, chunk, row)));
        let mut made = made.buffered(AHEAD);
        while let Some(statement) = made.next().await {
            tx.execute_raw(statement??).await?;
        }
        tx.commit().await?;
    }
    for index in &indexes {
        db.execute(index).await?;
    }
    Ok(())
}

fn statement<M, R>(backend: DbBackend, from: Vec<R>, row: fn(R) -> Result<<M as EntityTrait>::Model, Fault>) -> Result<Statement, Fault>
where
    M: EntityTrait,
    M::Model: IntoActiveModel<M::ActiveModel>,
    M::ActiveModel: ActiveModelBehavior<Entity = M> + Send,
{
    let rows = from.into_iter().map(|from| Ok(row(from)?.into_active_model())).collect::<Result<Vec<_>, Fault>>()?;
    Ok(M::insert_many(rows).build(backend))
}
