use std::{fs, path::Path};

use super::*;

#[test]
fn bookings_that_were_tried_before() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/bookings");
    let cases: Vec<_> = fs::read_dir(corpus).expect("a corpus").map(|case| case.expect("a case").path()).collect();
    assert!(cases.len() >= 6, "cases: {}", cases.len());
    for case in cases {
        read_bookings(&fs::read(case).expect("a file"));
    }
}

#[test]
fn what_is_inside_is_reached() {
    assert!(are_times(include_bytes!("../../../../fuzz/corpus/bookings/once")));
    assert!(are_times(include_bytes!("../../../../fuzz/corpus/bookings/series")));
    assert!(!are_times(include_bytes!("../../../../fuzz/corpus/bookings/gap")));
}
