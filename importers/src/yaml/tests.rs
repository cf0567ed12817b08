use std::fmt::Write;

use proptest::prelude::*;

use super::{MAX_DEPTH, Node, Value, document, documents};

fn failure(text: &str) -> (u32, String) {
    let error = document(text, 1).expect_err("refused");
    (error.line, error.message)
}

#[test]
fn values_know_their_lines() {
    let node = document("a: 1\nb:\n  - x\n  - c: |\n      long\n      text\nd: ''\ne:\n", 10).expect("valid");
    assert_eq!(node.get("a").and_then(Node::as_text), Some("1"));
    let items = node.get("b").expect("b").items();
    assert_eq!((items[0].line, items[1].line), (12, 13));
    assert_eq!(items[1].get("c").and_then(Node::as_text), Some("long\ntext\n"));
    assert_eq!(node.entries()[2].line, 16);
    assert_eq!(node.get("d").map(|node| &node.value), Some(&Value::Scalar(String::new())));
    assert_eq!(node.get("e").map(|node| &node.value), Some(&Value::Null));
    assert_eq!(node.at(&["b", "c"]), None);
}

#[test]
fn carriage_returns_do_not_end_up_in_values() {
    let node = document("a: one\r\nb: two\r\n", 1).expect("valid");
    assert_eq!(node.get("a").and_then(Node::as_text), Some("one"));
    assert_eq!(node.entries()[1].line, 2);
}

#[test]
fn several_documents_are_read_where_they_are_allowed() {
    let all = documents("---\na: 1\n---\nb: 2\n", 1).expect("valid");
    assert_eq!(all.len(), 2);
    assert_eq!(failure("a: 1\n---\nb: 2\n").0, 3);
    assert_eq!(document("", 7).expect("empty"), Node::null(7));
    assert_eq!(document("# a comment\n", 7).expect("empty").value, Value::Null);
}

#[test]
fn broken_yaml_names_its_line() {
    assert_eq!(failure("a: 1\nb: [1, 2\nc: 3\n").0, 3);
    assert_eq!(failure("a: 1\nb: c: d\n").0, 2);
    assert_eq!(failure("a: 1\na: 2\n"), (2, "`a` is given twice".into()));
    assert_eq!(failure("a: 1\n? [x]\n: 2\n").0, 2);
}

#[test]
fn a_few_aliases_are_fine() {
    let node = document("a: &x [1, 2]\nb: *x\n", 1).expect("valid");
    assert_eq!(node.get("b").expect("b").items().len(), 2);
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for n in 1..10 {
        let alias = vec![format!("*a{}", n - 1); 9].join(", ");
        writeln!(bomb, "a{n}: &a{n} [{alias}]").expect("text");
    }
    let (line, message) = failure(&bomb);
    assert_eq!(line, 3);
    assert!(message.contains("at most 16 aliases"), "{message}");
}

#[test]
fn aliases_of_something_large_count_for_what_they_repeat() {
    let text = format!("a: &a [{}]\nb: [*a, *a, *a, *a, *a, *a]\n", vec!["x"; 2_000].join(", "));
    let (line, message) = failure(&text);
    assert_eq!(line, 2);
    assert!(message.contains("at most 10000 values"), "{message}");
}

#[test]
fn an_alias_inside_of_its_own_anchor_is_refused() {
    assert!(document("a: &a [*a]\n", 1).is_err());
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(document(&nested(MAX_DEPTH), 1).is_ok());
    assert!(failure(&nested(MAX_DEPTH + 2)).1.contains("nested at most 32 deep"));
    assert!(document(&"[".repeat(1 << 20), 1).is_err());
    assert!(document(&"- ".repeat(1 << 19), 1).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "[-a-c0-2:,\\[\\]{}&*!|>'\"#%@` \t\r\n?]{0,60}") {
        let _ = documents(&text, 1);
    }
}
