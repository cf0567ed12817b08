use std::{
    os::unix::fs::PermissionsExt,
    sync::{Mutex, PoisonError},
};

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use domain::identity::PhoneNumber;
use tokio::net::TcpListener;

use super::*;
use crate::config::TextProviderConfig;

fn message(language: Language) -> TextMessage {
    let to = PhoneNumber::try_new("+33 6 12 34 56 78").expect("a number");
    TextMessage { to, language, code: "012345".to_owned().into() }
}

#[derive(Default)]
struct Got(Mutex<Vec<(HeaderMap, String)>>);

/// A provider that answers with a status; its address, and what it got.
async fn provider(status: StatusCode) -> (String, Arc<Got>) {
    let got = Arc::new(Got::default());
    let take = move |State(got): State<Arc<Got>>, headers: HeaderMap, body: String| async move {
        got.0.lock().unwrap_or_else(PoisonError::into_inner).push((headers, body));
        status
    };
    let router = Router::new().route("/messages", post(take)).with_state(Arc::clone(&got));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/messages"), got)
}

fn settings(http: TextProviderConfig) -> TextsConfig {
    TextsConfig { transport: TextTransport::Http, http, ..TextsConfig::default() }
}

#[tokio::test]
async fn a_provider_gets_the_message_as_its_template_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, got) = provider(StatusCode::ACCEPTED).await;
    let file = folder.path().join("secret");
    std::fs::write(&file, "canary\n").expect("written");
    let json = TextProviderConfig { url: Some(url.clone().into()), secret_file: Some(file), ..TextProviderConfig::default() };
    let form = TextProviderConfig {
        url: Some(url.into()),
        content_type: "application/x-www-form-urlencoded".into(),
        body: "From=%2B1&To={to}&Body={text}".into(),
        ..TextProviderConfig::default()
    };
    for http in [json, form] {
        let texter = texter(&settings(http), folder.path()).expect("valid").expect("a provider");
        texter.deliver(&message(Language::En)).await.expect("taken");
    }
    let got = got.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let body: serde_json::Value = serde_json::from_str(&got[0].1).expect("JSON");
    assert_eq!((body["to"].as_str(), got[0].0["authorization"].to_str().ok()), (Some("+33612345678"), Some("Bearer canary")));
    assert!(body["text"].as_str().is_some_and(|text| text.starts_with("012345 ")), "{body}");
    assert!(got[1].1.starts_with("From=%2B1&To=%2B33612345678&Body=012345%20is%20your%20code"), "{}", got[1].1);
    assert!(got[1].0.get("authorization").is_none());
}

#[tokio::test]
async fn what_a_provider_refuses_or_never_hears_is_not_sent() {
    let (url, _) = provider(StatusCode::BAD_REQUEST).await;
    let refusing = TextProviderConfig { url: Some(url.into()), ..TextProviderConfig::default() };
    let nobody = TextProviderConfig { url: Some("http://127.0.0.1:1/".to_owned().into()), ..TextProviderConfig::default() };
    for http in [refusing, nobody] {
        let texter = texter(&settings(http), Path::new("/nowhere")).expect("valid").expect("a provider");
        assert_eq!(texter.deliver(&message(Language::En)).await, Err(NotTaken));
    }
}

#[tokio::test]
async fn files_are_their_owners_alone_and_in_the_language_of_who_gets_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = TextsConfig { transport: TextTransport::File, ..TextsConfig::default() };
    let texter = texter(&config, folder.path()).expect("valid").expect("files");
    texter.deliver(&message(Language::Fr)).await.expect("written");
    let directory = folder.path().join("texts");
    let files: Vec<_> = std::fs::read_dir(&directory).expect("a directory").map(|entry| entry.expect("an entry").path()).collect();
    let mode = |path: &Path| path.metadata().expect("metadata").permissions().mode() & 0o777;
    assert_eq!((files.len(), mode(&directory), mode(&files[0])), (1, 0o700, 0o600));
    let text = std::fs::read_to_string(&files[0]).expect("text");
    assert!(text.starts_with("To: +33612345678\n\n012345 est votre code"), "{text}");
}

#[test]
fn a_mistake_is_answered_with_the_setting_it_is_in_and_no_secret() {
    let right = || TextProviderConfig { url: Some("https://texts.example.org/".to_owned().into()), ..TextProviderConfig::default() };
    assert!(settings(right()).checked().is_ok());
    for (http, named) in [
        (TextProviderConfig { url: None, ..right() }, "url"),
        (TextProviderConfig { url: Some("http://canary.example.org/".to_owned().into()), ..right() }, "url"),
        (TextProviderConfig { content_type: "text/plain".into(), ..right() }, "content_type"),
        (TextProviderConfig { body: r#"{"to":"{to}"}"#.into(), ..right() }, "body"),
        (TextProviderConfig { body: "{to} {text}".into(), ..right() }, "body"),
        (TextProviderConfig { secret: Some("canary\nX-Evil: 1".to_owned().into()), ..right() }, "secret"),
        (TextProviderConfig { secret_file: Some("/nowhere/secret".into()), ..right() }, "secret_file"),
        (TextProviderConfig { timeout_seconds: 0, ..right() }, "timeout_seconds"),
    ] {
        let error = settings(http).checked().expect_err(named).to_string();
        assert!(error.contains(&format!("text_messages.http.{named}")) && !error.contains("canary"), "{error}");
    }
    let shown = format!("{:?}", TextProviderConfig { secret: Some("canary".to_owned().into()), ..right() }.checked().expect("valid"));
    assert!(!shown.contains("canary") && shown.contains("texts.example.org"), "{shown}");
    assert!(
        TextsConfig { http: TextProviderConfig { url: None, ..right() }, ..TextsConfig::default() }.checked().is_ok(),
        "nobody uses it"
    );
}
