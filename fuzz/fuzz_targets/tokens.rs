//! Whatever comes as a token: access tokens, refresh tokens, those of links and of programs. None that was not made here is taken.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|token: &str| assert!(!commands::identity::fuzzing::is_taken(token), "a token was taken that nobody made"));
