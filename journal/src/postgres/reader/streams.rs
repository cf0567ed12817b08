//! Streams and their snapshots, of which many are read at once.

use futures_util::FutureExt;
use sqlx::{AssertSqlSafe, Row};

use super::{Pool, all, each, row};
use crate::{JournalError, Recorded, Snapshot, StreamId, batches::Batches, rows, stored::COLUMNS};

/// A stream, and after which of its events, or of which version.
type Wanted = (StreamId, i64);

#[derive(Clone, Debug)]
pub(super) struct Streams {
    events: Batches<Wanted, Result<Vec<Recorded>, JournalError>>,
    snapshots: Batches<Wanted, Result<Option<(i64, String)>, JournalError>>,
}

impl Streams {
    pub(super) fn of(pool: &Pool) -> Self {
        let [events, snapshots] = [pool.clone(), pool.clone()];
        Self {
            events: Batches::new(move |wanted| events_of(events.clone(), wanted).boxed()),
            snapshots: Batches::new(move |wanted| snapshots_of(snapshots.clone(), wanted).boxed()),
        }
    }

    pub(super) async fn events(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        self.events.get((stream.clone(), after)).await.unwrap_or_else(|| Err(given_up()))
    }

    pub(super) async fn snapshot(&self, stream: &StreamId, version: u32) -> Result<Option<Snapshot>, JournalError> {
        let found = self.snapshots.get((stream.clone(), version.into())).await.unwrap_or_else(|| Err(given_up()))?;
        Ok(found.map(|row| rows::snapshot(stream, version, row)))
    }
}

fn given_up() -> JournalError {
    JournalError::Unavailable(sqlx::Error::WorkerCrashed)
}

async fn events_of(pool: Pool, wanted: Vec<Wanted>) -> Vec<Result<Vec<Recorded>, JournalError>> {
    // Sorted within, each stream is looked up by itself, in its index.
    let sql = format!(
        "SELECT found.*, wanted.place FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS wanted (kind, id, number, place)
         CROSS JOIN LATERAL (
             SELECT {COLUMNS} FROM events WHERE aggregate_type = wanted.kind AND aggregate_id = wanted.id AND sequence > wanted.number
             ORDER BY sequence
         ) AS found"
    );
    let (kinds, ids, after) = columns(&wanted);
    let mut found: Vec<Result<Vec<Recorded>, JournalError>> = wanted.iter().map(|_| Ok(Vec::new())).collect();
    let mut id = row::NO_ID;
    let query = sqlx::query(AssertSqlSafe(sql)).bind(kinds).bind(ids).bind(after);
    let read = each(&pool, query, |row| {
        let place: i64 = row.try_get_unchecked("place")?;
        let event = rows::recorded(&row::stored(row, &mut id)?);
        // What is wrong with one stream is not the fault of the others.
        match (at(&mut found, place), event) {
            (Some(Ok(events)), Ok(event)) => events.push(event),
            (Some(found @ Ok(_)), Err(error)) => *found = Err(error),
            _ => {}
        }
        Ok(Ok(()))
    });
    let read = read.await;
    for_each(found, read)
}

async fn snapshots_of(pool: Pool, wanted: Vec<Wanted>) -> Vec<Result<Option<(i64, String)>, JournalError>> {
    let (kinds, ids, versions) = columns(&wanted);
    let query = sqlx::query_as(
        "SELECT wanted.place, found.sequence, found.state
         FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS wanted (kind, id, number, place)
         JOIN snapshots AS found ON aggregate_type = wanted.kind AND aggregate_id = wanted.id AND version = wanted.number",
    );
    let read = all(&pool, query.bind(kinds).bind(ids).bind(versions)).await;
    let mut found: Vec<_> = wanted.iter().map(|_| Ok(None)).collect();
    let read = read.map(|rows: Vec<(i64, i64, String)>| {
        for (place, sequence, state) in rows {
            if let Some(found) = at(&mut found, place) {
                *found = Ok(Some((sequence, state)));
            }
        }
    });
    for_each(found, read)
}

fn columns(wanted: &[Wanted]) -> (Vec<String>, Vec<String>, Vec<i64>) {
    let kinds = wanted.iter().map(|(stream, _)| stream.kind.to_string());
    let ids = wanted.iter().map(|(stream, _)| stream.id.to_string());
    (kinds.collect(), ids.collect(), wanted.iter().map(|(_, number)| *number).collect())
}

/// What was found for the one at a place, counted from 1.
fn at<T>(found: &mut [T], place: i64) -> Option<&mut T> {
    usize::try_from(place).ok()?.checked_sub(1).and_then(|place| found.get_mut(place))
}

/// If they could not be read to the end, nobody has anything.
fn for_each<T>(found: Vec<Result<T, JournalError>>, read: Result<(), JournalError>) -> Vec<Result<T, JournalError>> {
    match read {
        Ok(()) => found,
        Err(error) => found.iter().map(|_| Err(error.same())).collect(),
    }
}
