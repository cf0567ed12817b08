//! Each limit: what is below it and at it is answered, what is above it is not.

use graphql::Limits;
use serde_json::{Value, json};

use crate::platform::Platform;

/// Asks for something of a size one below the limit, at it and one above.
async fn around(limit: usize, mentions: &str, query: impl Fn(usize) -> String) {
    let platform = Platform::start().await;
    for size in [limit - 1, limit] {
        let answer = platform.answer(None, &query(size), json!({})).await;
        assert_eq!(answer.get("errors"), None, "{size}");
    }
    let answer = platform.answer(None, &query(limit + 1), json!({})).await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    assert!(error["message"].as_str().is_some_and(|message| message.contains(mentions)), "{error}");
    assert_eq!(answer["data"], Value::Null);
}

#[tokio::test]
async fn depth() {
    let limit = Limits::default().depth;
    around(limit, "levels of fields", |levels| {
        // node > session or environment > … > id
        let mut inner = "id".to_owned();
        for level in (1..levels - 1).rev() {
            inner = if level % 2 == 1 { format!("environment {{ {inner} }}") } else { format!("session {{ {inner} }}") };
        }
        format!("{{ node(id: \"ses_{}\") {{ ... on Session {{ {inner} }} }} }}", "0".repeat(32))
    })
    .await;
}

#[tokio::test]
async fn complexity_counts_lists_by_their_length() {
    let limit = Limits::default().complexity;
    // The list, its nodes `first` times with a field each: 1 + first × (1 + fields); and single fields to fill up.
    around(limit, "complex", |size| {
        let fill = size - 1 - 90 * 11;
        let fields = ["id", "slug", "title", "summary", "category", "difficulty", "tags", "languages", "visibility", "state"];
        let single = (1..fill).map(|n| format!("f{n}: id")).collect::<Vec<_>>().join(" ");
        format!("{{ workshops(first: 90) {{ nodes {{ {} }} }} me {{ {single} }} }}", fields.join(" "))
    })
    .await;
}

#[tokio::test]
async fn aliases() {
    around(Limits::default().aliases, "aliases", |count| {
        let all: Vec<String> = (0..count).map(|n| format!("a{n}: __typename")).collect();
        format!("{{ {} }}", all.join(" "))
    })
    .await;
}

#[tokio::test]
async fn tokens() {
    around(Limits::default().tokens, "tokens", |count| format!("{{ {} }}", "__typename ".repeat(count - 2))).await;
}

#[tokio::test]
async fn directives() {
    around(Limits::default().directives, "directives", |count| {
        let all: Vec<String> = (0..count).map(|_| "... @include(if: true) { __typename }".to_owned()).collect();
        format!("{{ {} }}", all.join(" "))
    })
    .await;
}

#[tokio::test]
async fn nesting() {
    around(Limits::default().nesting, "levels of brackets", |levels| {
        let inner = levels - 1;
        format!("{{ {}__typename{} }}", "... { ".repeat(inner), " }".repeat(inner))
    })
    .await;
}

#[tokio::test]
async fn brackets_within_brackets() {
    let platform = Platform::start().await;
    for brackets in ["{", "[", "(", "{a(b:[", "{a(b:{c:"] {
        for times in [100, 300, 100_000 / brackets.len()] {
            let query = format!("{{ workshops(filter: {}", brackets.repeat(times));
            assert_eq!(platform.code(None, &query, json!({})).await, "BAD_USER_INPUT");
        }
    }
}

#[tokio::test]
async fn fragments_of_fragments_are_weighed_before_they_are_walked() {
    let platform = Platform::start().await;
    let fragment = |n: u8| format!("fragment F{n} on Query {{ ...F{next} ...F{next} ...F{next} }}", next = n + 1);
    let bomb: Vec<String> = (0..30).map(fragment).collect();
    let query = format!("{{ ...F0 }} {} fragment F30 on Query {{ __typename }}", bomb.join(" "));
    let answer = platform.answer(None, &query, json!({})).await;
    assert!(answer["errors"][0]["message"].as_str().is_some_and(|message| message.contains("too many fields")), "{answer}");
}

#[tokio::test]
async fn a_list_cannot_be_asked_for_so_long_that_numbers_run_over() {
    let platform = Platform::start().await;
    let query = "query($n: Int) { workshops(first: $n) { nodes { versions(first: $n) { nodes { number } } } } }";
    for n in [i32::MAX, i32::MIN, -1, 0, 101] {
        let answer = platform.answer(None, query, json!({ "n": n })).await;
        assert_eq!(answer["errors"].is_null(), n == 0, "{n}: {answer}");
    }
}
