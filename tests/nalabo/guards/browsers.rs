//! What browsers are told of what they get, and of who may ask for it.

use reqwest::Method;
use serde_json::json;

use super::{answer, header, post};
use crate::site::{Server, Site};

const APP: &str = "https://app.example.org";

/// Sends something else than a query.
fn ask(server: &Server, method: Method, path: &str, headers: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let request = reqwest::Client::new().request(method, format!("http://{}{path}", server.address));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

#[tokio::test]
async fn every_answer_says_how_little_may_be_done_with_it() {
    let site = Site::new();
    let server = site.serve();
    for path in
        ["/healthz", "/readyz", "/metrics", "/graphql", "/api/openapi.json", "/api/admin/infrastructures", "/terminal/env_1", "/nowhere"]
    {
        let (_, headers, _) = answer(ask(&server, Method::GET, path, &[])).await;
        let policy = header(&headers, "content-security-policy").unwrap_or_default();
        for part in ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header(&headers, name), Some(value), "{path}");
        }
        assert!(header(&headers, "permissions-policy").is_some_and(|policy| policy.contains("camera=()")), "{path}");
        // Nothing is said of encryption where there is none, nor of what serves.
        for name in ["strict-transport-security", "server", "x-powered-by"] {
            assert_eq!(header(&headers, name), None, "{path}");
        }
    }
    server.stop();
}

#[tokio::test]
async fn the_page_of_development_may_load_what_it_needs_and_is_framed_by_nobody() {
    let site = Site::new();
    let server = site.serve_with(&[("NALABO_DEVELOPMENT", "true")]);
    let (status, headers, _) = answer(ask(&server, Method::GET, "/graphql", &[])).await;
    let policy = header(&headers, "content-security-policy").unwrap_or_default();
    assert!(status == 200 && !policy.contains("default-src") && policy.contains("frame-ancestors 'none'"), "{policy}");
    server.stop();
}

#[tokio::test]
async fn pages_of_the_origins_that_are_listed_may_ask_and_no_others() {
    let site = Site::new();
    let server = site.serve_with(&[("NALABO_ORIGINS", "[\"https://app.example.org\"]")]);
    let preflight = [("access-control-request-method", "POST"), ("access-control-request-headers", "authorization,content-type")];
    for (origin, allowed) in [
        (APP, true),
        ("https://evil.example.org", false),
        ("https://app.example.org.evil.org", false),
        ("http://app.example.org", false),
        ("null", false),
    ] {
        for path in ["/graphql", "/api/admin/infrastructures"] {
            let sent = [&[("origin", origin)][..], &preflight].concat();
            let (_, headers, _) = answer(ask(&server, Method::OPTIONS, path, &sent)).await;
            assert_eq!(header(&headers, "access-control-allow-origin"), allowed.then_some(origin), "{origin} {path}");
            assert!(header(&headers, "vary").is_some_and(|vary| vary.contains("origin")), "{origin} {path}");
            let named = header(&headers, "access-control-allow-headers").unwrap_or_default();
            assert!(named.contains("authorization") && !named.contains('*'), "{named}");
        }
        let (_, headers, _) = answer(post(&server, &[("origin", origin)]).json(&json!({ "query": "{ __typename }" }))).await;
        assert_eq!(header(&headers, "access-control-allow-origin"), allowed.then_some(origin), "{origin}");
    }
    server.stop();
}

#[tokio::test]
async fn without_a_list_no_page_of_another_origin_may_ask() {
    let site = Site::new();
    let server = site.serve();
    let (_, headers, _) = answer(post(&server, &[("origin", APP)]).json(&json!({ "query": "{ __typename }" }))).await;
    assert_eq!(header(&headers, "access-control-allow-origin"), None);
    server.stop();
}
