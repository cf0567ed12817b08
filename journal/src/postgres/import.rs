//! A whole history into an empty journal, in one transaction.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use super::{
    access::{Access, fault},
    setup,
};
use crate::{Durability, Import, JournalError, RawEvent, SignedCheckpoint, rows::TIP, rows::Tip};

/// Rows of one statement.
const PAGE: usize = 1000;
/// How long others may take to let go of the database, such as a connection that has just been closed.
const ALONE: Duration = Duration::from_secs(3);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Connections of servers and commands, as far as this role may see them.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'nalabo%'";

/// An import into a database. Use [`PostgresImport::begin`]. What was taken is gone if it is dropped: the transaction ends with
/// the connection.
#[derive(Debug)]
pub struct PostgresImport {
    connection: PgConnection,
}

impl PostgresImport {
    /// Begins in a database whose journal is empty or not there yet, and that no server has open. Its tables and the role
    /// are made if need be. The connecting role must own the tables: the application's may not change the journal's id.
    ///
    /// # Errors
    /// [`JournalError::Malformed`] if it has events, [`JournalError::Unusable`] if a server has it open or the rights do not
    /// suffice, what [`super::PostgresJournal::init`] says, or a fault.
    pub async fn begin(url: &str, durability: Durability, journal: Uuid) -> Result<Self, JournalError> {
        let access = Access::new(url)?;
        setup::prepare(&access, durability).await?;
        let mut connection = access.plain().await?;
        alone(&mut connection).await?;
        // Whoever comes now finds the tables locked, and waits until it is done or gives up.
        connection
            .execute(
                "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL search_path = journal; SET LOCAL lock_timeout = '5s';
                 LOCK TABLE journal, events IN ACCESS EXCLUSIVE MODE",
            )
            .await
            .map_err(fault)?;
        let tip: Option<Tip> = sqlx::query_as(TIP).fetch_optional(&mut connection).await.map_err(fault)?;
        if let Some(Tip { position, .. }) = tip {
            let what = format!("{} has {position} events, and an import needs an empty journal", access.place);
            return Err(JournalError::Malformed(what));
        }
        let name = sqlx::query("UPDATE journal SET id = $1::uuid").bind(journal.to_string());
        name.execute(&mut connection).await.map_err(fault)?;
        Ok(Self { connection })
    }
}

/// Who has the journal open would go on under its old id.
async fn alone(connection: &mut PgConnection) -> Result<(), JournalError> {
    let begun = Instant::now();
    loop {
        let others: i64 = sqlx::query_scalar(OTHERS).fetch_one(&mut *connection).await.map_err(fault)?;
        if others == 0 {
            return Ok(());
        }
        if begun.elapsed() > ALONE {
            return Err(JournalError::Unusable("another nalabo process has it open, and an import needs it alone".into()));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

#[async_trait::async_trait]
impl Import for PostgresImport {
    async fn take(&mut self, events: Vec<RawEvent>) -> Result<(), JournalError> {
        for page in events.chunks(PAGE) {
            insert(&mut self.connection, page).await.map_err(fault)?;
        }
        Ok(())
    }

    async fn content(&mut self, bytes: Vec<u8>) -> Result<(), JournalError> {
        let put = sqlx::query("INSERT INTO contents (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(hex::encode(Sha256::digest(&bytes)))
            .bind(bytes);
        put.execute(&mut self.connection).await.map(drop).map_err(fault)
    }

    async fn signed_checkpoint(&mut self, checkpoint: SignedCheckpoint) -> Result<(), JournalError> {
        let put = sqlx::query(
            "INSERT INTO signed_checkpoints (position, hash, signed_at, note) VALUES ($1, $2, $3, $4) ON CONFLICT (position) DO NOTHING",
        );
        put.bind(checkpoint.link.position.0)
            .bind(checkpoint.link.hash.to_vec())
            .bind(checkpoint.signed_at.timestamp_micros())
            .bind(checkpoint.note)
            .execute(&mut self.connection)
            .await
            .map(drop)
            .map_err(fault)
    }

    async fn finish(mut self: Box<Self>) -> Result<(), JournalError> {
        self.connection.execute("COMMIT").await.map_err(fault)?;
        self.connection.close().await.map_err(fault)
    }
}

async fn insert(connection: &mut PgConnection, events: &[RawEvent]) -> Result<(), sqlx::Error> {
    fn texts<'e>(events: &'e [RawEvent], column: impl Fn(&'e RawEvent) -> &'e str) -> Vec<&'e str> {
        events.iter().map(column).collect()
    }
    sqlx::query(
        "INSERT INTO events (
            position, event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, recorded_at, hash)
         SELECT position, event_id::uuid, aggregate_type, aggregate_id, sequence, event_type, event_version, payload::json,
            metadata::json, recorded_at, hash
         FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS e (
            position, event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, recorded_at, hash)",
    )
    .bind(events.iter().map(|event| event.position).collect::<Vec<_>>())
    .bind(texts(events, |event| &event.event_id))
    .bind(texts(events, |event| &event.aggregate_type))
    .bind(texts(events, |event| &event.aggregate_id))
    .bind(events.iter().map(|event| event.sequence).collect::<Vec<_>>())
    .bind(texts(events, |event| &event.event_type))
    .bind(texts(events, |event| &event.event_version))
    .bind(texts(events, |event| &event.payload))
    .bind(texts(events, |event| &event.metadata))
    .bind(events.iter().map(|event| event.recorded_at).collect::<Vec<_>>())
    .bind(events.iter().map(|event| event.hash.as_slice()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map(drop)
}
