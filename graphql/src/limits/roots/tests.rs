use async_graphql::parser::parse_query;

use super::{Roots, roots};

fn asked(source: &str, operation: Option<&str>) -> Roots {
    roots(&parse_query(source).expect("a document"), operation)
}

fn times(all: &[(&str, u32)]) -> Roots {
    all.iter().map(|(name, times)| ((*name).to_owned(), *times)).collect()
}

#[test]
fn aliases_count_each() {
    assert_eq!(asked("mutation { a: signIn { x } b: signIn { x } signOut { x } }", None), times(&[("signIn", 2), ("signOut", 1)]));
}

#[test]
fn fragments_count_where_they_are_spread() {
    let source = "{ ...F ... on Query { me { id } ...F } } fragment F on Query { a: me { id } node { id } }";
    assert_eq!(asked(source, None), times(&[("me", 3), ("node", 2)]));
}

#[test]
fn the_operation_that_is_executed_counts_alone() {
    let source = "query A { me { id } } query B { node { id } }";
    assert_eq!(asked(source, Some("B")), times(&[("node", 1)]));
    assert_eq!(asked(source, Some("C")), Roots::new());
    assert_eq!(asked(source, None), Roots::new());
}

#[test]
fn fragments_of_fragments_are_looked_at_once() {
    let fragment = |n: u8| format!("fragment F{n} on Query {{ ...F{next} ...F{next} }}", next = n + 1);
    let bomb: Vec<String> = (0..200).map(fragment).collect();
    let last = |body: &str| format!("{{ ...F0 }} {} fragment F200 on Query {{ {body} }}", bomb.join(" "));
    assert_eq!(asked(&last("me { id }"), None), times(&[("me", u32::MAX)]));
    assert_eq!(asked(&last("...Nowhere"), None), Roots::new());
}
