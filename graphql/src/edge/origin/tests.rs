use axum::http::{HeaderMap, HeaderValue};

use super::is_allowed;

fn headers(origin: Option<&'static str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("api.example.org:8080"));
    if let Some(origin) = origin {
        headers.insert("origin", HeaderValue::from_static(origin));
    }
    headers
}

#[test]
fn pages_of_this_host_and_those_allowed_may() {
    let allowed = ["https://app.example.org".to_owned()];
    for origin in [None, Some("http://api.example.org:8080"), Some("https://app.example.org")] {
        assert!(is_allowed(&headers(origin), &allowed), "{origin:?}");
    }
}

#[test]
fn other_pages_may_not() {
    let allowed = ["https://app.example.org".to_owned()];
    for origin in [
        "null",
        "https://api.example.org",
        "http://api.example.org:8080.evil.org",
        "https://evil.org/?http://api.example.org:8080",
        "http://app.example.org",
        "https://app.example.org.evil.org",
        "javascript://api.example.org:8080",
        "data://api.example.org:8080",
    ] {
        assert!(!is_allowed(&headers(Some(origin)), &allowed), "{origin}");
    }
}

#[test]
fn a_page_has_one_origin() {
    let mut headers = headers(Some("http://api.example.org:8080"));
    headers.append("origin", HeaderValue::from_static("https://evil.org"));
    assert!(!is_allowed(&headers, &[]));
}
