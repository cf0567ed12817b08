//! The keys that access tokens are signed with are changed while people work.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    engines::Engine,
    people::{PASSWORD, Person},
    site::{PATIENCE, Server, Site, said},
};

crate::engines::on_each_engine! {
    a_new_key_takes_over_while_people_work,
    a_key_that_leaked_is_dropped_at_once_and_clients_refresh,
    tokens_and_keys_outlive_a_restart,
}

mod postgres_nodes {
    crate::engines::on_postgres! { every_node_takes_what_each_has_signed() }
}

/// Which key a token names.
fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().expect("a header")).expect("base64");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("a key").to_owned()
}

/// The keys that are published.
async fn published(server: &Server) -> Vec<String> {
    let response = reqwest::get(format!("http://{}/.well-known/jwks.json", server.address)).await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "application/jwk-set+json");
    assert_eq!(response.headers()["cache-control"], "public, max-age=300");
    let set: Value = response.json().await.expect("JSON");
    let keys = set["keys"].as_array().expect("keys");
    for key in keys {
        let fields = json!([key["kty"], key["crv"], key["alg"], key["use"]]);
        assert_eq!(fields, json!(["OKP", "Ed25519", "EdDSA", "sig"]));
        assert_eq!(key.as_object().expect("a key").len(), 6, "no private half: {key}");
    }
    keys.iter().map(|key| key["kid"].as_str().expect("an id").to_owned()).collect()
}

fn rotate(site: &Site, arguments: &[&str]) -> String {
    let output = site.run(&[&["keys", "rotate-signing", "--json"], arguments].concat());
    assert!(output.status.success(), "{}", said(&output));
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    told["id"].as_str().expect("an id").to_owned()
}

/// Signs in again and again until the token is by this key.
async fn signed_by(server: &Server, key: &str) -> Person {
    let began = Instant::now();
    loop {
        let person = Person::sign_in(server, "kit@example.org", PASSWORD).await;
        if kid(&person.tokens.access) == key {
            return person;
        }
        assert!(began.elapsed() < PATIENCE, "{key} does not sign");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Asks again and again until keys are as they should be.
async fn until_published(server: &Server, wanted: &[&str]) {
    let began = Instant::now();
    while published(server).await != wanted {
        assert!(began.elapsed() < PATIENCE, "{:?} instead of {wanted:?}", published(server).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A Python with `PyJWT` in it.
fn python() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let python = target.join("token-verifier/bin/python");
    assert!(python.exists(), "{} is missing: run scripts/test, which makes it", python.display());
    python
}

/// What somebody else makes of a token for an audience, who knows no more than where the keys are.
pub(crate) fn verified_elsewhere(server: &Server, audience: &str, token: &str) -> Output {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/nalabo/signing_keys/verify.py");
    let mut command = Command::new(python());
    command.arg(script).arg(format!("http://{}/.well-known/jwks.json", server.address)).arg(audience).env("NO_PROXY", "*");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    write!(child.stdin.take().expect("piped"), "{token}").expect("written");
    child.wait_with_output().expect("ended")
}

async fn a_new_key_takes_over_while_people_work(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let old = kid(&kit.tokens.access);
    assert_eq!(published(&server).await, std::slice::from_ref(&old));

    let new = rotate(&site, &["--after", "5"]);
    assert_ne!(old, new);
    assert_eq!(kid(&Person::sign_in(&server, "kit@example.org", PASSWORD).await.tokens.access), old, "made known first");
    assert_eq!(published(&server).await, [old.clone(), new.clone()], "before it signs anything");
    let again = site.run(&["keys", "rotate-signing"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(said(&again).contains(&format!("the key {new} is made known already")), "{}", said(&again));

    let later = signed_by(&server, &new).await;
    for person in [&kit, &later] {
        assert_eq!(person.query("{ me { id } }", Value::Null).await["me"]["id"], json!(kit.account));
        let output = verified_elsewhere(&server, "nalabo-api", &person.tokens.access);
        assert!(output.status.success(), "{}", said(&output));
        let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(found["claims"]["sub"], json!(kit.account));
        assert_eq!(found["header"]["kid"], json!(kid(&person.tokens.access)));
    }
    assert_eq!(published(&server).await, [old, new]);
    let altered =
        format!("{}A{}", &later.tokens.access[..later.tokens.access.len() - 9], &later.tokens.access[later.tokens.access.len() - 8..]);
    assert!(altered == later.tokens.access || !verified_elsewhere(&server, "nalabo-api", &altered).status.success());
    assert_eq!(server.client().get("/api/openapi.json").await.expect("a document").0, 200);
    server.stop();
}

async fn a_key_that_leaked_is_dropped_at_once_and_clients_refresh(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let new = rotate(&site, &["--at-once"]);
    until_published(&server, &[&new]).await;
    let refused = kit.client.graphql("{ me { id } }", Value::Null).await.expect_err("signed by a key that leaked");
    assert_eq!(refused.codes(), ["UNAUTHENTICATED"]);
    let refresh = json!({ "refreshToken": kit.tokens.refresh });
    let pair = server.client().mutate("tokenRefresh", refresh, "accessToken").await.expect("the sign-in is open");
    assert_eq!(kid(pair["accessToken"].as_str().expect("a token")), new);
    server.stop();
}

async fn tokens_and_keys_outlive_a_restart(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let before = published(&server).await;
    server.stop();
    // The command opens the stores by itself where no server runs.
    let new = rotate(&site, &["--after", "0"]);
    let server = site.serve();
    assert_eq!(published(&server).await, [before[0].clone(), new.clone()]);
    let client = server.client().with_token(&kit.tokens.access);
    assert_eq!(client.graphql("{ me { id } }", Value::Null).await.expect("answered")["me"]["id"], json!(kit.account));
    signed_by(&server, &new).await;
    server.stop();
}

async fn every_node_takes_what_each_has_signed() {
    let site = Site::on(Engine::Postgres);
    let beside = site.beside();
    let (one, two) = (site.serve(), beside.serve());
    let kit = Person::register(&one, "kit").await;
    let old = kid(&kit.tokens.access);
    let new = rotate(&site, &["--after", "6"]);
    until_published(&two, &[&old, &new]).await;
    for (signer, other) in [(&one, &two), (&two, &one)] {
        let person = signed_by(signer, &new).await;
        let client = other.client().with_token(&person.tokens.access);
        assert_eq!(client.graphql("{ me { id } }", Value::Null).await.expect("answered")["me"]["id"], json!(kit.account));
    }
    one.stop();
    two.stop();
}
