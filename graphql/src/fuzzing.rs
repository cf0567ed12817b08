//! What the fuzzer asks; its corpus is asked with the tests.

pub use crate::booking::fuzzing::read_bookings;
use crate::paging::{self, Cursor, Instant};

/// Reads a cursor as each kind of list does, and writes what was read.
///
/// # Panics
/// What was written is read as something else.
pub fn read_cursors(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(Some(after)) = paging::after(Some(text)) {
        let again = paging::instant(after).text();
        let read = Cursor::<Instant>::read("after", Some(&again)).ok().flatten();
        assert_eq!(read, Cursor::<Instant>::read("after", Some(text)).ok().flatten());
    }
    let _ = Cursor::<i64>::read("after", Some(text));
    let _ = Cursor::<(i64, i64)>::read("after", Some(text));
    let _ = Cursor::<String>::read("after", Some(text));
}

#[cfg(test)]
mod tests;
