use async_graphql::{Variables, parser::parse_query};
use serde_json::{Value, json};

use super::have_nul;

fn found(source: &str, variables: Value) -> bool {
    have_nul(&parse_query(source).expect("a document"), &Variables::from_json(variables), true)
}

#[test]
fn it_is_found_wherever_a_text_is() {
    for source in [
        r#"{ a(x: "b\u0000") }"#,
        "{ a(x: \"b\u{0}\") }",
        r#"{ a { b(x: [{ y: ["\u0000"] }]) } }"#,
        r#"query($x: String = "\u0000") { a }"#,
        r#"query @d(x: "\u0000") { a }"#,
        r#"{ a @d(x: "\u0000") }"#,
        r#"{ ... @d(x: "\u0000") { a } }"#,
        r#"{ ...F } fragment F on T { a(x: "\u0000") }"#,
        r#"{ a(x: $y, z: "\u0000") }"#,
    ] {
        assert!(found(source, Value::Null), "{source}");
    }
    assert!(found("{ a }", json!({ "x": [{ "y": "\u{0}" }] })));
}

#[test]
fn what_only_looks_like_it_is_none() {
    for source in [r#"{ a(x: "\\u0000 \u0001", y: $z) }"#, r#"{ a(x: """\u0000""") }"#, "{ a(x: A) }"] {
        assert!(!found(source, json!({ "x": "\\u0000" })), "{source}");
    }
}
