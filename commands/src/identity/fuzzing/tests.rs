use std::{fs, path::Path};

use super::*;

#[test]
fn tokens_that_were_tried_before() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/tokens");
    let cases: Vec<_> = fs::read_dir(corpus).expect("a corpus").map(|case| case.expect("a case").path()).collect();
    assert!(cases.len() >= 5, "cases: {}", cases.len());
    for case in cases {
        read_tokens(&fs::read(case).expect("a file"));
    }
}

#[test]
fn what_is_inside_is_reached() {
    let signed: [&[u8]; 2] =
        [include_bytes!("../../../../fuzz/corpus/tokens/signed"), include_bytes!("../../../../fuzz/corpus/tokens/door")];
    for case in signed {
        assert!(is_taken_if_signed(case));
        assert!(!is_taken_if_signed(&case[..case.len() - 2]));
    }
}
