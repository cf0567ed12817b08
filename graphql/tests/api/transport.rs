//! What comes by HTTP and is not as it should be.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::platform::Platform;

async fn status_and_code(request: reqwest::RequestBuilder) -> (StatusCode, String) {
    let response = request.send().await.expect("an answer");
    let status = response.status();
    let body: Value = response.json().await.expect("JSON");
    let code = body["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("no error in {body}"));
    (status, code.to_owned())
}

fn bad(status: StatusCode) -> (StatusCode, String) {
    (status, "BAD_USER_INPUT".into())
}

#[tokio::test]
async fn only_json_by_post_is_taken() {
    let platform = Platform::start().await;
    let query = json!({ "query": "{ me { id } }" }).to_string();
    for media_type in ["text/plain", "application/graphql", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let request = platform.http().header("content-type", media_type).body(query.clone());
        assert_eq!(status_and_code(request).await, bad(StatusCode::UNSUPPORTED_MEDIA_TYPE), "{media_type}");
    }
    assert_eq!(status_and_code(platform.http().body(query.clone())).await, bad(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    let charset = platform.http().header("content-type", "Application/JSON; charset=utf-8").body(query).send().await;
    assert_eq!(charset.expect("an answer").status(), StatusCode::OK);
    let request = platform.http_get("?query=%7Bme%7Bid%7D%7D");
    assert_eq!(status_and_code(request).await, bad(StatusCode::METHOD_NOT_ALLOWED));
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let platform = Platform::start().await;
    let limit = graphql::Limits::default().body;
    let of_length = |length: usize| {
        let blank = json!({ "query": "{ me { id } }", "variables": { "x": "" } }).to_string();
        let body = json!({ "query": "{ me { id } }", "variables": { "x": "x".repeat(length - blank.len()) } }).to_string();
        assert_eq!(body.len(), length);
        platform.http().header("content-type", "application/json").body(body)
    };
    for length in [limit - 1, limit] {
        assert_eq!(of_length(length).send().await.expect("an answer").status(), StatusCode::OK);
    }
    for length in [limit + 1, limit * 40] {
        assert_eq!(status_and_code(of_length(length)).await, bad(StatusCode::PAYLOAD_TOO_LARGE));
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let platform = Platform::with(|options| options.limits.arrival = std::time::Duration::from_millis(50)).await;
    let mut connection = tokio::net::TcpStream::connect(platform.address).await.expect("a connection");
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"q";
    connection.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(std::str::from_utf8(&answer), Ok("HTTP/1.1 408"));
}

#[tokio::test]
async fn malformed_requests_are_named() {
    let platform = Platform::start().await;
    for body in [
        "",
        "nonsense",
        "{}",
        "\"text\"",
        "[]",
        "[{\"query\":\"{ me { id } }\"}]",
        " \n[{\"query\":\"{ me { id } }\"},{\"query\":\"{ me { id } }\"}]",
        "{\"query\":1}",
        "{\"query\":\"{ me { id } }\",\"variables\":[]}",
        "{\"query\":\"{ me { id } }\",\"unknown\":1}",
    ] {
        let request = platform.http().header("content-type", "application/json").body(body);
        assert_eq!(status_and_code(request).await, bad(StatusCode::BAD_REQUEST), "{body}");
    }
}

#[tokio::test]
async fn documents_that_are_not_right_are_answered_with_errors() {
    let platform = Platform::start().await;
    for query in [
        "",
        "{",
        "{ nowhere }",
        "{ me { nowhere } }",
        "{ me }",
        "query($x: Nowhere) { me { id } }",
        "{ workshops(nowhere: 1) { totalCount } }",
        "{ ...F } fragment F on Query { ...F }",
        "query A { me { id } } query B { me { id } }",
        "subscription { events { id } }",
        "mutation { signIn(input: { email: \"a\", password: \"b\", unknown: 1 }) { errors { code } } }",
    ] {
        assert_eq!(platform.code(None, query, json!({})).await, "BAD_USER_INPUT", "{query}");
    }
}

#[tokio::test]
async fn nothing_is_suggested_outside_of_development() {
    let platform = Platform::start().await;
    let message = async |platform: &Platform| platform.answer(None, "{ workshop_ }", json!({})).await["errors"][0]["message"].to_string();
    assert!(!message(&platform).await.contains("Did you mean"));
    let development = Platform::with(|options| options.development = true).await;
    assert!(message(&development).await.contains("Did you mean"));
}

#[tokio::test]
async fn the_schema_is_shown_in_development_only() {
    let platform = Platform::start().await;
    for query in [
        "{ __schema { queryType { name } } }",
        "{ __type(name: \"Query\") { name } }",
        "{ ...F } fragment F on Query { __schema { queryType { name } } }",
    ] {
        assert_eq!(platform.code(None, query, json!({})).await, "BAD_USER_INPUT");
    }
    assert_eq!(platform.data(None, "{ __typename }", json!({})).await["__typename"], "Query");

    let development = Platform::with(|options| options.development = true).await;
    let data = development.data(None, INTROSPECTION, json!({})).await;
    assert_eq!(data["__schema"]["queryType"]["name"], "Query");
    let page = development.http_get("").send().await.expect("an answer");
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.expect("text").contains("GraphiQL"));
}

/// As deep as what `GraphiQL` asks.
const INTROSPECTION: &str = "query { __schema { queryType { name } types { ...T } directives { name args { ...I } } } }
    fragment T on __Type { kind name fields(includeDeprecated: true) { name args { ...I } type { ...R } } inputFields { ...I } }
    fragment I on __InputValue { name type { ...R } defaultValue }
    fragment R on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
        ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }";
