//! The YAML of a workshop, in our own format and in that of Educates.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| importers::fuzzing::read_workshop(data));
