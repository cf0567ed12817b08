//! What the fuzzer asks: it is not in any other build.

use crate::paging::{self, Cursor, Instant};

/// Reads a cursor as each kind of list does, and writes what was read.
///
/// # Panics
/// What was written is read as something else.
pub fn read_cursor(text: &str) {
    if let Ok(Some(after)) = paging::after(Some(text)) {
        let again = paging::instant(after).text();
        let read = Cursor::<Instant>::read("after", Some(&again)).ok().flatten();
        assert_eq!(read, Cursor::<Instant>::read("after", Some(text)).ok().flatten());
    }
    let _ = Cursor::<i64>::read("after", Some(text));
    let _ = Cursor::<String>::read("after", Some(text));
}
