use std::{fs, path::Path};

use super::*;

#[test]
fn cursors_that_were_tried_before() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/cursors");
    let cases: Vec<_> = fs::read_dir(corpus).expect("a corpus").map(|case| case.expect("a case").path()).collect();
    assert!(cases.len() >= 4, "cases: {}", cases.len());
    for case in cases {
        read_cursors(&fs::read(case).expect("a file"));
    }
}
