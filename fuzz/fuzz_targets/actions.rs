//! A page of a workshop: Markdown, front matter, and the actions in its fenced blocks.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| importers::fuzzing::read_page(data));
