//! Asking too often.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{answer, header, post};
use crate::{
    people::Person,
    site::{Server, Site},
};

const TRUSTED: (&str, &str) = ("NALABO_TRUSTED_PROXIES", "[\"127.0.0.1\"]");

fn from(server: &Server, address: &str, query: &str) -> RequestBuilder {
    post(server, &[("x-forwarded-for", address)]).json(&json!({ "query": query }))
}

/// Sees that a request is refused as one that came too often: soon, since what may be asked grows again while it is asked for.
async fn refused(request: impl Fn() -> RequestBuilder) {
    let mut tries = 0;
    let (headers, body) = loop {
        let (status, headers, body) = answer(request()).await;
        if status == 429 {
            break (headers, body);
        }
        tries += 1;
        assert!(tries < 50, "{status} {body}");
    };
    let wait: u64 = header(&headers, "retry-after").expect("a time").parse().expect("seconds");
    // As GraphQL has it, as RFC 9457 has it, or as terminals do.
    let error = if body["errors"].is_array() { &body["errors"][0]["extensions"] } else { &body };
    let error = if body["error"].is_object() { &body["error"] } else { error };
    assert_eq!((&error["code"], &error["retryAfter"]), (&json!("RATE_LIMITED"), &json!(wait)), "{body}");
    assert!((1..=60).contains(&wait), "{wait}");
}

async fn answered(request: RequestBuilder) {
    let (status, _, body) = answer(request).await;
    assert_eq!((status, &body["errors"]), (200, &Value::Null), "{body}");
}

#[tokio::test]
async fn an_address_may_ask_so_often_and_others_go_on() {
    let site = Site::new();
    let server = site.serve_with(&[TRUSTED, ("NALABO_RATES__ADDRESS_PER_MINUTE", "5")]);
    for _ in 0..5 {
        answered(from(&server, "198.51.100.1", "{ me { id } }")).await;
    }
    refused(|| from(&server, "198.51.100.1", "{ me { id } }")).await;
    refused(|| from(&server, "1.1.1.1, 198.51.100.1", "{ me { id } }")).await;
    answered(from(&server, "198.51.100.2", "{ me { id } }")).await;
    let upgrade = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("sec-websocket-protocol", "graphql-transport-ws"),
    ];
    for path in ["/api/admin/infrastructures", "/terminal/env_1", "/graphql/ws"] {
        refused(|| {
            let request = reqwest::Client::new().get(format!("http://{}{path}", server.address)).header("x-forwarded-for", "198.51.100.1");
            upgrade.iter().fold(request, |request, (name, value)| request.header(*name, *value))
        })
        .await;
    }
    // What looks after the server is not counted.
    for _ in 0..20 {
        assert_eq!(server.client().get("/healthz").await.expect("alive").0, 200);
    }
    let (_, metrics) = server.client().get("/metrics").await.expect("an answer");
    assert!(metrics.contains("nalabo_rate_limited_total{by=\"address\"}"), "{metrics}");
    server.stop();
}

#[tokio::test]
async fn each_root_field_counts_whatever_it_is_called() {
    let site = Site::new();
    let server = site.serve_with(&[TRUSTED, ("NALABO_RATES__OPERATIONS_PER_MINUTE", "{signIn=10, me=3}")]);
    let aliased = |count: usize| {
        let all: Vec<String> = (0..count)
            .map(|n| format!("a{n}: signIn(input: {{ email: \"nobody@example.org\", password: \"x\" }}) {{ errors {{ code }} }}"))
            .collect();
        format!("mutation {{ {} }}", all.join(" "))
    };
    answered(from(&server, "198.51.100.1", &aliased(9))).await;
    answered(from(&server, "198.51.100.1", &aliased(1))).await;
    refused(|| from(&server, "198.51.100.1", &aliased(2))).await;
    answered(from(&server, "198.51.100.2", &aliased(1))).await;
    // More than may ever be asked at once, and in fragments; what is refused is not counted.
    refused(|| from(&server, "198.51.100.3", &aliased(11))).await;
    answered(from(&server, "198.51.100.3", &aliased(10))).await;
    refused(|| from(&server, "198.51.100.3", "{ ...F ...F } fragment F on Query { a: me { id } b: me { id } }")).await;
    answered(from(&server, "198.51.100.3", "{ a: me { id } b: me { id } c: me { id } d: __typename }")).await;
    answered(from(&server, "198.51.100.3", "{ __typename }")).await;
    server.stop();
}

#[tokio::test]
async fn an_account_is_counted_from_wherever_it_asks_by_http_and_by_socket() {
    let site = Site::new();
    let server = site.serve_with(&[TRUSTED, ("NALABO_RATES__ACCOUNT_PER_MINUTE", "6")]);
    let (kit, ada) = (Person::register(&server, "kit").await, Person::register(&server, "ada").await);
    // Signing in asked once for oneself.
    for n in 0..5 {
        answered(from(&server, &format!("198.51.100.{n}"), "{ me { id } }").bearer_auth(&kit.tokens.access)).await;
    }
    refused(|| from(&server, "198.51.100.9", "{ me { id } }").bearer_auth(&kit.tokens.access)).await;
    answered(from(&server, "198.51.100.9", "{ me { id } }").bearer_auth(&ada.tokens.access)).await;
    let mut tries = 0;
    let error = loop {
        let mut board = kit.client.subscribe("subscription { leaderboardChanged { totalCount } }", Value::Null).await.expect("a socket");
        tries += 1;
        match board.next().await {
            Err(error) => break error,
            Ok(_) => assert!(tries < 50, "it is never refused"),
        }
    };
    assert_eq!(error.codes(), ["RATE_LIMITED"], "{error}");
    server.stop();
}

#[tokio::test]
async fn an_operation_counts_by_rest_as_it_does_by_graphql() {
    let site = Site::new();
    let server = site.serve_with(&[TRUSTED, ("NALABO_RATES__OPERATIONS_PER_MINUTE", "{clusterTest=3, guestWithdraw=3}")]);
    let (kit, ada) = (Person::register(&server, "kit").await, Person::register(&server, "ada").await);
    let request = |method: reqwest::Method, path: &str, address: &str| {
        reqwest::Client::new().request(method, format!("http://{}{path}", server.address)).header("x-forwarded-for", address)
    };
    let test = |who: &Person, address: &str| {
        let path = "/api/admin/infrastructures/cls_00000000000000000000000000000001/test";
        request(reqwest::Method::POST, path, address).bearer_auth(&who.tokens.access)
    };
    assert_eq!(answer(test(&kit, "198.51.100.1")).await.0, 403, "what somebody may not counts, too");
    refused(|| test(&kit, "198.51.100.1")).await;
    refused(|| test(&kit, "198.51.100.2")).await;
    refused(|| test(&ada, "198.51.100.1")).await;
    let mutation = "mutation { clusterTest(input: { clusterId: \"cls_00000000000000000000000000000001\" }) { errors { code } } }";
    refused(|| from(&server, "198.51.100.3", mutation).bearer_auth(&kit.tokens.access)).await;
    answered(from(&server, "198.51.100.3", "{ me { id } }").bearer_auth(&kit.tokens.access)).await;
    let bob = Person::register(&server, "bob").await;
    assert_eq!(answer(test(&bob, "198.51.100.4")).await.0, 403, "another, from elsewhere");
    // Who has no account is counted by the address.
    let withdraw = |address: &str| request(reqwest::Method::DELETE, "/api/guest/registration", address).bearer_auth("nothing");
    assert_eq!(answer(withdraw("198.51.100.5")).await.2["code"], "GUEST_LINK_INVALID");
    refused(|| withdraw("198.51.100.5")).await;
    assert_eq!(answer(withdraw("198.51.100.6")).await.2["code"], "GUEST_LINK_INVALID");
    server.stop();
}

#[tokio::test]
async fn an_account_that_asks_too_often_at_a_route_is_in_the_audit() {
    let site = Site::new();
    let server = site.serve_with(&[("NALABO_RATES__OPERATIONS_PER_MINUTE", "{clusters=3}")]);
    let kit = Person::register(&server, "kit").await;
    let path = format!("http://{}/api/admin/infrastructures", server.address);
    refused(|| reqwest::Client::new().get(&path).bearer_auth(&kit.tokens.access)).await;
    let query = "query($filter: AuditFilter) { auditTrail(filter: $filter, last: 1) { nodes { action reason } } }";
    let filter = json!({ "filter": { "actor": kit.account, "action": "clusters" } });
    let is_told = |data: &Value| data["auditTrail"]["nodes"][0]["reason"] == "RATE_LIMITED";
    let administrator = Person::administrator(&server).await;
    administrator.until(query, filter, is_told).await;
    server.stop();
}

#[tokio::test]
async fn where_it_is_switched_off_nothing_is_counted() {
    let site = Site::new();
    let settings = [("NALABO_RATES__LIMITED", "false"), ("NALABO_RATES__ADDRESS_PER_MINUTE", "1")];
    let server = site.serve_with(&settings);
    for _ in 0..20 {
        answered(from(&server, "198.51.100.1", "{ me { id } }")).await;
    }
    server.stop();
}
