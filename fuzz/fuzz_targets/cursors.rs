//! Cursors of lists: read, or refused. What was read is written as it was meant.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| graphql::fuzzing::read_cursors(data));
