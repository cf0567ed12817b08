//! What was tried before is tried again by the targets themselves.

use std::{path::Path, process::Command};

const TARGETS: [(&str, &str); 6] = [
    ("actions", env!("CARGO_BIN_EXE_actions")),
    ("bookings", env!("CARGO_BIN_EXE_bookings")),
    ("cursors", env!("CARGO_BIN_EXE_cursors")),
    ("kubeconfig", env!("CARGO_BIN_EXE_kubeconfig")),
    ("tokens", env!("CARGO_BIN_EXE_tokens")),
    ("workshop", env!("CARGO_BIN_EXE_workshop")),
];

#[test]
fn targets_withstand_their_corpora_and_count_what_is_executed() {
    for (name, program) in TARGETS {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let output = Command::new(program).arg("-runs=0").arg(&corpus).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
        assert!(said.contains("inline 8-bit counters"), "{name} was built without counters: {said}");
        let files = corpus.read_dir().expect("a corpus").count();
        assert!(files > 0 && said.contains(&format!("seed corpus: files: {files} ")), "{name} with {files} files: {said}");
    }
}
