//! Passkeys of a device that is not ours, at the running server.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use nalabo::client::{Client, ClientError};
use serde_json::{Value, json};

use crate::{
    engines::Engine,
    people::{PASSWORD, Person, text},
    site::{Server, Site, said},
};

crate::engines::on_each_engine! {
    somebody_signs_in_by_a_passkey_and_by_nothing_else,
    a_page_of_another_site_gets_nobody_in,
    passkeys_outlive_a_restart_and_a_copy_is_found_out,
}

/// Where browsers would reach it: what is served is at a port that was free.
const SITE: &str = "http://localhost:8080";
const BEGUN: &str = "options challenge";

/// A Python with Yubico's library in it.
fn python() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let python = target.join("passkey-device/bin/python");
    assert!(python.exists(), "{} is missing: run scripts/test, which makes it", python.display());
    python
}

/// A device, by what it knows.
#[derive(Clone)]
struct Device(Value);

impl Device {
    fn new(origin: &str) -> Self {
        Self(json!({ "origin": origin, "counter": 1 }))
    }

    /// What `navigator.credentials` answers to what was begun.
    fn answer(&mut self, how: &str, begun: &Value) -> Value {
        self.0["options"] = begun["options"].clone();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/nalabo/passkeys/device.py");
        let mut command = Command::new(python());
        let piped = command.arg(script).arg(how).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("started");
        write!(child.stdin.take().expect("piped"), "{}", self.0).expect("written");
        let output = child.wait_with_output().expect("ended");
        assert!(output.status.success(), "{}", said(&output));
        self.0 = serde_json::from_slice(&output.stdout).expect("JSON");
        json!({ "challenge": begun["challenge"], "credential": self.0["credential"].take() })
    }

    async fn shown(&mut self, server: &Server) -> Value {
        let begun = server.client().graphql("mutation { passkeySignInBegin { options challenge } }", Value::Null).await.expect("begun");
        self.answer("get", &begun["passkeySignInBegin"])
    }

    async fn sign_in(&mut self, server: &Server) -> Result<Value, ClientError> {
        let shown = self.shown(server).await;
        server.client().mutate("passkeySignIn", shown, "accessToken account { id }").await
    }
}

fn serve(site: &Site) -> Server {
    site.serve_with(&[("NALABO_PASSKEYS__SITE", SITE), ("NALABO_TELEMETRY__LOG", "debug")])
}

async fn register(client: &Client, device: &mut Device, name: &str) -> Result<Value, ClientError> {
    let begun = client.graphql(&format!("mutation {{ passkeyRegistrationBegin {{ {BEGUN} }} }}"), Value::Null).await?;
    let mut input = device.answer("create", &begun["passkeyRegistrationBegin"]);
    input["name"] = name.into();
    client.mutate("passkeyRegister", input, "passkeyId").await
}

async fn somebody_signs_in_by_a_passkey_and_by_nothing_else(engine: Engine) {
    let site = Site::on(engine);
    let server = serve(&site);
    let kit = Person::register(&server, "kit").await;
    let mut device = Device::new(SITE);
    let id = register(&kit.client, &mut device, "My very own key").await.expect("registered")["passkeyId"].clone();
    let shown = device.shown(&server).await;
    let signed_in = server.client().mutate("passkeySignIn", shown.clone(), "accessToken account { id }").await.expect("signed in");
    assert_eq!(signed_in["account"]["id"], json!(kit.account));
    let again = server.client().mutate("passkeySignIn", shown.clone(), "accessToken").await.expect_err("played back");
    assert_eq!(again.codes(), ["PASSKEY_CHALLENGE_INVALID"]);
    let client = server.client().with_token(text(&signed_in["accessToken"]));
    let mine = client.graphql("{ passkeys { id name isCopied } }", Value::Null).await.expect("answered");
    assert_eq!(mine["passkeys"], json!([{ "id": id, "name": "My very own key", "isCopied": false }]));
    let proven = client.mutate("passkeyStepUp", device.shown(&server).await, "provenUntil").await.expect("proven");
    assert!(proven["provenUntil"].is_string());
    client.mutate("passkeyRemove", json!({ "passkeyId": id }), "removed").await.expect("removed");
    assert_eq!(device.sign_in(&server).await.expect_err("it was removed").codes(), ["PASSKEY_INVALID"]);
    server.client().sign_in("kit@example.org", PASSWORD).await.expect("a password does as before");
    let printed = server.printed();
    server.stop();
    let events = format!("{:?}", site.events());
    for secret in ["My very own key", device.0["id"].as_str().expect("an id"), shown["challenge"].as_str().expect("a challenge")] {
        assert!(!printed.contains(secret) && !events.contains(secret), "{secret} is in the log or the journal");
    }
}

async fn a_page_of_another_site_gets_nobody_in(engine: Engine) {
    let site = Site::on(engine);
    let server = serve(&site);
    let kit = Person::register(&server, "kit").await;
    let mut elsewhere = Device::new("http://localhost:8081");
    let refused = register(&kit.client, &mut elsewhere, "key").await.expect_err("another origin");
    assert_eq!(refused.codes(), ["PASSKEY_INVALID"]);
    let mut device = Device::new(SITE);
    register(&kit.client, &mut device, "key").await.expect("registered");
    let mut phished = device.clone();
    phished.0["origin"] = "http://localhost.example.org".into();
    assert_eq!(phished.sign_in(&server).await.expect_err("another origin").codes(), ["PASSKEY_INVALID"]);
    device.sign_in(&server).await.expect("signed in");
    server.stop();
    // Where nobody has said for which site, there are none.
    let server = site.serve();
    let begun =
        server.client().graphql("mutation { passkeySignInBegin { options errors { code } } }", Value::Null).await.expect("answered");
    assert_eq!(begun["passkeySignInBegin"], json!({ "options": null, "errors": [{ "code": "PASSKEYS_OFF" }] }));
}

async fn passkeys_outlive_a_restart_and_a_copy_is_found_out(engine: Engine) {
    let site = Site::on(engine);
    let server = serve(&site);
    let kit = Person::register(&server, "kit").await;
    let mut device = Device::new(SITE);
    register(&kit.client, &mut device, "key").await.expect("registered");
    let mut copy = device.clone();
    device.sign_in(&server).await.expect("signed in");
    server.stop();
    let server = serve(&site);
    device.sign_in(&server).await.expect("signed in");
    assert_eq!(copy.sign_in(&server).await.expect_err("it is behind").codes(), ["PASSKEY_COPIED"]);
    assert_eq!(device.sign_in(&server).await.expect_err("nobody knows which is which").codes(), ["PASSKEY_COPIED"]);
    server.stop();
    let found = site.events().iter().filter(|event| event["type"] == "PasskeyCounterWentBack").count();
    assert_eq!(found, 1);
}
