use std::{fs, path::Path};

use super::*;

#[test]
fn kubeconfigs_that_were_tried_before() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/kubeconfig");
    let cases: Vec<_> = fs::read_dir(corpus).expect("a corpus").map(|case| case.expect("a case").path()).collect();
    assert!(cases.len() >= 3, "cases: {}", cases.len());
    for case in cases {
        read_kubeconfig(&fs::read(case).expect("a file"));
    }
}

#[test]
fn the_best_of_them_is_a_kubeconfig() {
    assert!(kubeconfig::read(include_str!("../../../../fuzz/corpus/kubeconfig/token.yaml"), None).is_ok());
}
