//! Whatever comes as a token: access tokens, refresh tokens, those of links. None that was not made here is taken.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| commands::identity::fuzzing::read_tokens(data));
