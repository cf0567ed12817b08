use std::{fs, path::Path};

use super::*;

fn each(corpus: &str, least: usize, read: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(corpus);
    let cases: Vec<_> = fs::read_dir(corpus).expect("a corpus").map(|case| case.expect("a case").path()).collect();
    assert!(cases.len() >= least, "cases: {}", cases.len());
    for case in cases {
        read(&fs::read(case).expect("a file"));
    }
}

#[test]
fn workshops_that_were_tried_before() {
    each("workshop", 3, read_workshop);
}

#[test]
fn pages_that_were_tried_before() {
    each("actions", 2, read_page);
}

#[test]
fn what_surrounds_a_page_is_understood() {
    for (definition, page, yaml) in PLACES {
        assert!(imported((definition, yaml), (page, PAGE)).content.is_some(), "{definition}");
    }
}
