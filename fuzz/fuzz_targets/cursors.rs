//! Cursors of lists: read, or refused. What was read is written as it was meant.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|cursor: &str| graphql::fuzzing::read_cursor(cursor));
