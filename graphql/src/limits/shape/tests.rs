use async_graphql::parser::parse_query;

use super::{Shape, of};

fn shape(source: &str) -> Result<Shape, String> {
    of(&parse_query(source).expect("a document"))
}

#[test]
fn fields_within_fields_are_depth() {
    assert_eq!(shape("{ a { b { c } d } e }"), Ok(Shape { depth: 3, fields: 5, roots: 2, introspects: false, travels: false }));
}

#[test]
fn fragments_count_where_they_are_spread() {
    let source = "{ a { ...F } b { ... on B { ...F } } } fragment F on A { c { d } }";
    assert_eq!(shape(source), Ok(Shape { depth: 3, fields: 6, roots: 2, introspects: false, travels: false }));
}

#[test]
fn fragments_of_fragments_are_looked_at_once() {
    let fragment = |n: u8| format!("fragment F{n} on A {{ ...F{next} ...F{next} }}", next = n + 1);
    let bomb: Vec<String> = (0..200).map(fragment).collect();
    let source = format!("{{ ...F0 }} {} fragment F200 on A {{ a }}", bomb.join(" "));
    assert_eq!(shape(&source).map(|shape| shape.fields), Ok(usize::MAX));
}

#[test]
fn a_fragment_does_not_include_itself() {
    let source = "{ ...A } fragment A on T { a { ...B } } fragment B on T { ...A }";
    assert_eq!(shape(source), Err("fragment A includes itself".into()));
}

#[test]
fn what_is_asked_of_the_schema_has_no_depth() {
    assert_eq!(shape("{ __schema { a { b { c } } } }"), Ok(Shape { depth: 1, fields: 4, roots: 1, introspects: true, travels: false }));
}

#[test]
fn several_operations_are_weighed_one_by_one() {
    let source = "query A { a b } query B { c { d } }";
    assert_eq!(shape(source), Ok(Shape { depth: 2, fields: 2, roots: 3, introspects: false, travels: false }));
}

#[test]
fn a_subscription_follows_one_field() {
    assert!(shape("subscription { a { b c } }").is_ok());
    for source in ["subscription { a b }", "subscription { a ...F } fragment F on T { b }", "subscription { x: a { b } y: a { b } }"] {
        assert!(shape(source).is_err(), "{source}");
    }
}

#[test]
fn a_look_into_the_past_stands_alone() {
    assert!(shape("{ asOf(at: \"2026-01-01T00:00:00Z\") { position } }").is_ok());
    for source in [
        "{ asOf { position } me { id } }",
        "{ a: asOf { position } b: asOf { position } }",
        "{ ...Past me { id } } fragment Past on Query { asOf { position } }",
    ] {
        let error = shape(source).expect_err("two things");
        assert!(error.starts_with("asOf is the only field"), "{error}");
    }
}
