//! Connections in Relay's form: bounded pages, opaque cursors.

use async_graphql::connection::{Connection, Edge, EmptyFields};
use async_graphql::{ObjectType, OutputType};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use projections::{After, Page};
use serde::{Serialize, de::DeserializeOwned};

use crate::failure::{Failure, Result};

/// How many items a page has if nothing is said.
pub(crate) const DEFAULT_FIRST: i32 = 20;
/// How many it may have.
pub(crate) const MAX_FIRST: i32 = 100;

/// How many items are asked for.
///
/// # Errors
/// More than there may be, or fewer than none.
pub(crate) fn bounded(argument: &str, first: Option<i32>) -> Result<u64> {
    let first = first.unwrap_or(DEFAULT_FIRST);
    let within = u64::try_from(first).ok().filter(|_| first <= MAX_FIRST);
    within.ok_or_else(|| Failure::expected(argument, &format!("a number from 0 to {MAX_FIRST}, got {first}")))
}

/// What a page costs: each item as much as one. Bounded, whatever is asked for: it is summed up before it is refused.
pub(crate) fn cost(first: Option<i32>, each: usize) -> usize {
    let items = usize::try_from(first.unwrap_or(DEFAULT_FIRST)).unwrap_or(0).clamp(1, 1000);
    each.saturating_mul(items).saturating_add(1).min(1 << 32)
}

/// A place in a list, which callers hand back without looking into it.
pub(crate) struct Cursor<T>(pub(crate) T);

impl<T: Serialize> Cursor<T> {
    pub(crate) fn text(&self) -> String {
        // A key of a list is numbers and ids: there is nothing in it that JSON could not take.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&self.0).unwrap_or_default())
    }
}

impl<T: DeserializeOwned> Cursor<T> {
    /// # Errors
    /// It is not a cursor of this list.
    pub(crate) fn read(argument: &str, text: Option<&str>) -> Result<Option<T>> {
        let read = |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        let malformed = || Failure::expected(argument, "a cursor of this list, as an edge gives it");
        text.map(|text| read(text).ok_or_else(malformed)).transpose()
    }
}

impl<T: Serialize + DeserializeOwned> async_graphql::connection::CursorType for Cursor<T> {
    type Error = serde_json::Error;

    fn decode_cursor(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap_or_default()).map(Self)
    }

    fn encode_cursor(&self) -> String {
        self.text()
    }
}

/// The key of lists that are ordered by an instant: microseconds, and the id among those of one instant.
pub(crate) type Instant = (i64, uuid::Uuid);

/// The row that a page comes after, as a cursor says.
///
/// # Errors
/// It is not a cursor of this list.
pub(crate) fn after(text: Option<&str>) -> Result<Option<After>> {
    let Some((micros, id)) = Cursor::<Instant>::read("after", text)? else { return Ok(None) };
    let at = chrono::DateTime::from_timestamp_micros(micros);
    Ok(Some(After { at: at.ok_or_else(|| Failure::expected("after", "a cursor of this list"))?, id }))
}

/// The cursor of a row of such a list.
pub(crate) fn instant(row: After) -> Cursor<Instant> {
    Cursor((row.at.timestamp_micros(), row.id))
}

/// A list of pages with fields of its own, such as a total.
pub(crate) type List<K, N, F = EmptyFields> = Connection<Cursor<K>, N, F>;

/// One page of a list.
pub(crate) fn list<R, K, N, F>(page: Page<R>, comes_after: bool, fields: F, cursor: impl Fn(&R) -> Cursor<K>) -> List<K, N, F>
where
    N: OutputType + From<R>,
    K: Serialize + DeserializeOwned + Send + Sync,
    F: ObjectType,
{
    let mut list = Connection::with_additional_fields(comes_after, page.more, fields);
    list.edges.extend(page.rows.into_iter().map(|row| Edge::new(cursor(&row), N::from(row))));
    list
}
