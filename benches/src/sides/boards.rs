//! All read models, folded from the first event on.

use std::{sync::Arc, time::Instant};

use journal::Journal;
use load::{Fault, Figures, serve};
use projections::{Place, ProjectionOptions, Projections};
use sqlx::{Connection, PgConnection};

use crate::store::{Engine, Store};

/// Longer than any rebuild takes.
const PATIENCE: std::time::Duration = std::time::Duration::from_hours(1);

pub(super) async fn rebuild(store: &Store) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let journal = store.journal(&vault).await?;
    let journal = &journal;
    serve(|_| async move {
        discard(store).await?;
        let begun = Instant::now();
        let projections = open(store, journal).await?;
        let head = journal.head().await?;
        let level = projections.clone();
        let stop = async move {
            // Who is not there by then is told below.
            let _ = level.reached(head, PATIENCE).await;
        };
        projections.clone().run(stop).await;
        let taken = begun.elapsed();
        if let Some(parked) = projections.status().into_iter().find(|status| status.position != head) {
            return Err(format!("{} stands at {} of {head}: {:?}", parked.name, parked.position, parked.parked).into());
        }
        projections.close().await;
        Ok(Figures::of(u64::try_from(head.0)?, taken))
    })
    .await?;
    journal.close().await;
    Ok(())
}

/// The read models of a store, where they are.
pub(super) async fn open(store: &Store, journal: &Arc<dyn Journal>) -> Result<Arc<Projections>, Fault> {
    let place = match store.engine {
        Engine::Sqlite => Place::Directory(store.models()),
        Engine::Postgres => Place::Postgres { url: store.url.clone() },
    };
    let options = ProjectionOptions { readers: 8, ..ProjectionOptions::new(place) };
    Ok(Arc::new(Projections::init(Arc::clone(journal), &options).await?))
}

/// `PostgreSQL`'s schema of the read models.
pub(super) const SCHEMA: &str = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'read\\_models\\_%'";

async fn discard(store: &Store) -> Result<(), Fault> {
    match store.engine {
        Engine::Sqlite => match std::fs::remove_dir_all(store.models()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        },
        Engine::Postgres => {
            let mut connection = PgConnection::connect(&store.url).await?;
            let schemas: Vec<String> = sqlx::query_scalar(SCHEMA).fetch_all(&mut connection).await?;
            for schema in schemas {
                sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"))).execute(&mut connection).await?;
            }
            Ok(connection.close().await?)
        }
    }
}
