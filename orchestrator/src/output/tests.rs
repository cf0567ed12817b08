use std::time::Duration;

use super::{Output, TAIL};
use crate::driver::ScriptEnd;

#[test]
fn output_beyond_the_limit_is_refused_and_not_hashed() {
    let mut output = Output::new(3);
    assert!(output.push(b"ab"));
    assert!(!output.push(b"cd"));
    let outcome = output.outcome(ScriptEnd::OutputLimit, Duration::ZERO);
    assert_eq!(outcome.tail, "abc");
    assert_eq!(outcome.digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn the_tail_is_the_end_and_survives_a_split_character() {
    let mut output = Output::new(u64::MAX);
    assert!(output.push("é".repeat(TAIL).as_bytes()));
    assert!(output.push(b"!"));
    let tail = output.outcome(ScriptEnd::Exited(0), Duration::ZERO).tail;
    assert!(tail.starts_with('\u{fffd}') && tail.ends_with("é!"), "{tail}");
}
