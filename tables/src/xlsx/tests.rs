use super::{LONGEST, plain, workbook};
use crate::Cell;

#[test]
fn a_workbook_is_an_archive() {
    let rows = [vec![Cell::Text("=1+1".into()), Cell::Number(3)], vec![Cell::Empty, Cell::Decimal { units: 1250, scale: 2 }]];
    let file = workbook(&["name", "paid"], rows.iter().map(Vec::as_slice)).expect("a workbook");
    assert!(file.starts_with(b"PK\x03\x04"));
    assert!(file.ends_with(&[0, 0]), "an archive without a comment");
}

#[test]
fn what_no_file_may_hold_is_left_out() {
    assert_eq!(plain("a\u{0}b\u{1b}c\nd\u{ffff}"), "abc\nd");
    assert_eq!(plain(&"x".repeat(LONGEST + 5)).len(), LONGEST);
    assert_eq!(plain(&"😀".repeat(LONGEST)).chars().count(), LONGEST / 2);
}
