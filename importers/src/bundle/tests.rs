use super::{Bundle, MAX_FILE_BYTES, MAX_FILES};
use crate::diagnostic::Findings;

fn refused(bundle: &Bundle) -> Vec<String> {
    let mut findings = Findings::default();
    bundle.report_refused(&mut findings);
    findings.into_diagnostics().iter().map(ToString::to_string).collect()
}

#[test]
fn a_byte_order_mark_is_no_text() {
    let mut bundle = Bundle::new("w");
    bundle.insert("a.md", b"\xef\xbb\xbf# Hello".to_vec());
    assert_eq!(bundle.text("a.md", &mut Findings::default()), Some("# Hello"));
}

#[test]
fn a_file_that_is_no_utf8_is_reported_with_its_line() {
    let mut bundle = Bundle::new("w");
    bundle.insert("a.md", b"one\ntwo\nthr\xffee".to_vec());
    let mut findings = Findings::default();
    assert_eq!(bundle.text("a.md", &mut findings), None);
    let diagnostics = findings.into_diagnostics();
    assert_eq!((diagnostics[0].file.as_str(), diagnostics[0].line), ("a.md", Some(3)));
}

#[test]
fn scripts_lose_their_carriage_returns() {
    let mut bundle = Bundle::new("w");
    bundle.insert("a.sh", b"true\r\nfalse\r\n".to_vec());
    assert_eq!(bundle.script("a.sh", &mut Findings::default()).as_deref(), Some("true\nfalse\n"));
}

#[test]
fn paths_that_leave_the_folder_are_refused() {
    let mut bundle = Bundle::new("w");
    for path in ["../a", "/a", "a/../../b", "a//b", "./a", "a\\..\\b", "", "a\0"] {
        bundle.insert(path, Vec::new());
        assert!(!bundle.has(path), "{path:?}");
    }
    assert_eq!(refused(&bundle).len(), 8);
}

#[test]
fn a_file_may_be_as_large_as_the_bound_and_no_larger() {
    let mut bundle = Bundle::new("w");
    bundle.insert("fits", vec![b'a'; MAX_FILE_BYTES]);
    bundle.insert("large", vec![b'a'; MAX_FILE_BYTES + 1]);
    assert!(bundle.has("fits"));
    assert_eq!(refused(&bundle), ["error: large: not read: a file may have at most 1048576 bytes"]);
}

#[test]
fn the_number_of_files_and_their_sum_are_bounded() {
    let mut many = Bundle::new("w");
    (0..=MAX_FILES).for_each(|n| many.insert(&format!("f{n}"), Vec::new()));
    assert_eq!(refused(&many).len(), 1);
    let mut heavy = Bundle::new("w");
    (0..40).for_each(|n| heavy.insert(&format!("f{n}"), vec![b'a'; MAX_FILE_BYTES]));
    assert_eq!(refused(&heavy).len(), 8);
}
