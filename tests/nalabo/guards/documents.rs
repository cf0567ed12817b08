//! Documents of first-party clients.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{answer, post};
use crate::{
    people::Person,
    site::{Server, Site, said},
};

const ME: &str = "query Me { me { displayName } }";
const BOARD: &str = "subscription Board { leaderboardChanged { totalCount } }";
const OTHER: &str = "query Me { me { id } }";

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// The code of an error, or what is told.
async fn told(server: &Server, token: &str, body: Value) -> Value {
    let (status, _, answered) = answer(post(server, &[]).bearer_auth(token).json(&body)).await;
    match &answered["errors"][0]["extensions"]["code"] {
        Value::Null => answered["data"]["me"]["displayName"].clone(),
        code => json!([status, code]),
    }
}

/// A folder of what clients ask for.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("me.graphql", ME), ("board.graphql", BOARD)] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

#[tokio::test]
async fn a_document_that_is_known_goes_by_its_digest() {
    let (site, folder) = (Site::new(), folder());
    let server = site.serve_with(&[("NALABO_GRAPHQL__TRUSTED_DOCUMENTS", &folder.path().display().to_string())]);
    let kit = Person::register(&server, "kit").await;
    let asked = async |body| told(&server, &kit.tokens.access, body).await;
    let persisted = |digest: &str| json!({ "persistedQuery": { "version": 1, "sha256Hash": digest } });
    assert_eq!(asked(json!({ "documentId": digest(ME) })).await, "kit");
    assert_eq!(asked(json!({ "documentId": format!("sha256:{}", digest(ME)) })).await, "kit");
    assert_eq!(asked(json!({ "extensions": persisted(&digest(ME)) })).await, "kit");
    assert_eq!(asked(json!({ "query": ME, "extensions": persisted(&digest(ME)) })).await, "kit");
    assert_eq!(asked(json!({ "query": OTHER })).await, Value::Null, "others are answered too");
    assert_eq!(asked(json!({ "extensions": persisted(&digest(OTHER)) })).await, json!([200, "PERSISTED_QUERY_NOT_FOUND"]));
    // And sending it does not make it known.
    asked(json!({ "query": OTHER, "extensions": persisted(&digest(OTHER)) })).await;
    assert_eq!(asked(json!({ "extensions": persisted(&digest(OTHER)) })).await, json!([200, "PERSISTED_QUERY_NOT_FOUND"]));
    for body in [
        json!({ "query": OTHER, "extensions": persisted(&digest(ME)) }),
        json!({ "documentId": "ME" }),
        json!({ "documentId": digest(ME).to_uppercase() }),
        json!({ "documentId": digest(OTHER), "extensions": persisted(&digest(ME)) }),
        json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": digest(ME) } } }),
        json!({ "extensions": {} }),
    ] {
        assert_eq!(asked(body.clone()).await[1], "BAD_USER_INPUT", "{body}");
    }
    server.stop();
}

#[tokio::test]
async fn where_only_known_documents_are_taken_others_are_refused_by_http_and_by_socket() {
    let (site, folder) = (Site::new(), folder());
    // Signs in before the door is closed: the tests' client sends documents of its own.
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    server.stop();
    let path = folder.path().display().to_string();
    let server = site.serve_with(&[("NALABO_GRAPHQL__TRUSTED_DOCUMENTS", &path), ("NALABO_GRAPHQL__DOCUMENTS", "trusted")]);
    let asked = async |body| told(&server, &kit.tokens.access, body).await;
    assert_eq!(asked(json!({ "query": ME })).await, "kit");
    assert_eq!(asked(json!({ "documentId": digest(ME) })).await, "kit");
    for query in [OTHER, "{ __typename }", "query Me { me { displayName } } ", "{"] {
        assert_eq!(asked(json!({ "query": query })).await, json!([200, "DOCUMENT_NOT_TRUSTED"]), "{query}");
    }
    let client = server.client().with_token(&kit.tokens.access);
    let mut board = client.subscribe(BOARD, Value::Null).await.expect("a socket");
    assert!(board.next().await.expect("told").is_some());
    let mut other = client.subscribe("subscription { leaderboardChanged { totalCount } }", Value::Null).await.expect("a socket");
    assert_eq!(other.next().await.expect_err("refused").codes(), ["DOCUMENT_NOT_TRUSTED"]);
    server.stop();
}

#[test]
fn a_server_does_not_start_with_documents_that_are_none() {
    let (site, folder) = (Site::new(), folder());
    std::fs::write(folder.path().join("broken.graphql"), "query {").expect("written");
    let mut serve = site.command(&["serve", "--listen", "127.0.0.1:0"]);
    let output = serve.env("NALABO_GRAPHQL__TRUSTED_DOCUMENTS", folder.path()).output().expect("the binary runs");
    assert!(!output.status.success() && said(&output).contains("broken.graphql"), "{}", said(&output));
}
