//! Streams and their snapshots, of which many are read at once.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use sqlx::{AssertSqlSafe, Row, postgres::PgRow};

use super::{CONNECT_LIMIT, Pool, READ_LIMIT, all, each, events, row};
use crate::{JournalError, Recorded, Snapshot, StreamId, batches::Batches, rows, stored::COLUMNS};

/// As long as whoever asks alone waits for a connection, and then for what is read.
const PATIENCE: Duration = CONNECT_LIMIT.saturating_add(READ_LIMIT);
/// Events of a stream that are read together with others. Whoever wants more reads the rest alone, and nobody waits for that.
const FIRST: usize = 256;

/// A stream, and after which of its events, or of which version.
type Wanted = (StreamId, i64);
/// What there is for one who asks.
type Found<T> = Result<T, JournalError>;
/// The version of a snapshot, and the state.
type State = (i64, String);
/// One statement for all of them.
type Statement<T> = fn(Pool, Vec<Wanted>) -> BoxFuture<'static, Result<Vec<Found<T>>, JournalError>>;

#[derive(Clone, Debug)]
pub(super) struct Streams {
    pool: Pool,
    events: Batches<Wanted, Found<Vec<Recorded>>>,
    snapshots: Batches<Wanted, Found<Option<State>>>,
}

impl Streams {
    pub(super) fn of(pool: &Pool) -> Self {
        Self {
            pool: pool.clone(),
            events: batches(pool.clone(), |pool, wanted| events_of(pool, wanted).boxed()),
            snapshots: batches(pool.clone(), |pool, wanted| snapshots_of(pool, wanted).boxed()),
        }
    }

    pub(super) async fn events(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        let mut events = self.events.get((stream.clone(), after)).await.unwrap_or_else(|| Err(JournalError::timed_out()))?;
        if events.len() == FIRST
            && let Some(last) = events.last()
        {
            let rest = self.rest(stream, last.sequence).await?;
            events.extend(rest);
        }
        Ok(events)
    }

    pub(super) async fn snapshot(&self, stream: &StreamId, version: u32) -> Result<Option<Snapshot>, JournalError> {
        let found = self.snapshots.get((stream.clone(), version.into())).await.unwrap_or_else(|| Err(JournalError::timed_out()))?;
        Ok(found.map(|state| rows::snapshot(stream, version, state)))
    }

    async fn rest(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        let sql =
            format!("SELECT {COLUMNS} FROM events WHERE aggregate_type = $1 AND aggregate_id = $2 AND sequence > $3 ORDER BY sequence");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(stream.kind.to_string()).bind(stream.id.to_string()).bind(after);
        events(&self.pool, query, rows::recorded).await
    }
}

fn batches<T: Send + 'static>(pool: Pool, statement: Statement<T>) -> Batches<Wanted, Found<T>> {
    Batches::new(PATIENCE, move |wanted| answers(pool.clone(), wanted, statement).boxed())
}

async fn answers<T>(pool: Pool, wanted: Vec<Wanted>, statement: Statement<T>) -> Vec<Found<T>> {
    let error = match statement(pool.clone(), wanted.clone()).await {
        Ok(found) => return found,
        Err(error) => error,
    };
    if !matches!(error, JournalError::Corrupt { .. }) || wanted.len() == 1 {
        return wanted.iter().map(|_| Err(error.same())).collect();
    }
    // A damaged page is no fault of those whose events are elsewhere.
    let mut answers = Vec::with_capacity(wanted.len());
    for one in wanted {
        let found = statement(pool.clone(), vec![one]).await;
        answers.push(found.and_then(|mut found| found.pop().unwrap_or_else(|| Err(error.same()))));
    }
    answers
}

async fn events_of(pool: Pool, wanted: Vec<Wanted>) -> Result<Vec<Found<Vec<Recorded>>>, JournalError> {
    // Sorted within, each stream is looked up by itself, in its index.
    let sql = format!(
        "SELECT found.*, wanted.place FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS wanted (kind, id, number, place)
         CROSS JOIN LATERAL (
             SELECT {COLUMNS} FROM events WHERE aggregate_type = wanted.kind AND aggregate_id = wanted.id AND sequence > wanted.number
             ORDER BY sequence LIMIT {FIRST}
         ) AS found"
    );
    let (kinds, ids, after) = columns(&wanted);
    let mut found: Vec<Found<Vec<Recorded>>> = wanted.iter().map(|_| Ok(Vec::new())).collect();
    let mut id = row::NO_ID;
    let query = sqlx::query(AssertSqlSafe(sql)).bind(kinds).bind(ids).bind(after);
    let take = |row: &PgRow| {
        let place: i64 = row.try_get_unchecked("place")?;
        // What is wrong with an event is told to who asked for its stream.
        match (at(&mut found, place), row::stored(row, &mut id)?.recorded()) {
            (Some(Ok(events)), Ok(event)) => events.push(event),
            (Some(found @ Ok(_)), Err(error)) => *found = Err(error),
            _ => {}
        }
        Ok(Ok(()))
    };
    each(&pool, query, take).await?;
    Ok(found)
}

async fn snapshots_of(pool: Pool, wanted: Vec<Wanted>) -> Result<Vec<Found<Option<State>>>, JournalError> {
    let (kinds, ids, versions) = columns(&wanted);
    let query = sqlx::query_as::<_, (i64, i64, String)>(
        "SELECT wanted.place, found.sequence, found.state
         FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS wanted (kind, id, number, place)
         CROSS JOIN LATERAL (
             SELECT sequence, state FROM snapshots WHERE aggregate_type = wanted.kind AND aggregate_id = wanted.id AND version = wanted.number
             LIMIT 1
         ) AS found",
    );
    let mut found: Vec<Found<Option<State>>> = wanted.iter().map(|_| Ok(None)).collect();
    for (place, sequence, state) in all(&pool, query.bind(kinds).bind(ids).bind(versions)).await? {
        if let Some(found) = at(&mut found, place) {
            *found = Ok(Some((sequence, state)));
        }
    }
    Ok(found)
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
