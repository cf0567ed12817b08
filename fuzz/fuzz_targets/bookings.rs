//! What a run is scheduled with: local times and their zone, rules of recurrence, shares, degrees and currencies.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| graphql::fuzzing::read_bookings(data));
