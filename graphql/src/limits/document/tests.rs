use super::{Measure, measure};

#[test]
fn tokens_are_counted_as_the_grammar_says() {
    let measured = measure("query Q($a: Int = -1.5e3) { b: a(x: $a, y: \"s # {\") @skip(if: false) { ...F } } # }}}");
    assert_eq!(measured, Measure { tokens: 35, aliases: 1, directives: 1, nesting: 2 });
}

#[test]
fn what_is_inside_strings_and_comments_is_not_counted() {
    let strings = r#"{ a(x: "@ : { \" [", y: """ @ { \""" [ """) } # @ { : "#;
    assert_eq!(measure(strings), Measure { tokens: 11, aliases: 0, directives: 0, nesting: 2 });
}

#[test]
fn only_aliases_have_a_colon_outside_of_parentheses() {
    assert_eq!(measure("{ a: b c: d(e: {f: 1}) }").aliases, 2);
}

#[test]
fn what_is_malformed_is_measured_too() {
    for source in ["\"", "\"\"\"", ")))]]}", "\u{0}é🦀", "..", "{{{{"] {
        assert!(measure(source).tokens <= source.len(), "{source}");
    }
    assert_eq!(measure(&"[".repeat(100_000)).nesting, 100_000);
}

#[test]
fn a_string_without_an_end_does_not_hide_the_next_line() {
    assert_eq!(measure("{ a(x: \"open\n) @b @c }").directives, 2);
}
