//! A second factor, with a program for the telephone that is not ours.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::{
    engines::{Engine, on_each_engine},
    people::{PASSWORD, Person, text},
    site::Site,
};

on_each_engine! {
    codes_of_another_program_sign_in_and_each_of_them_once,
}

/// What `oathtool` makes of a secret by now; none, if it is not installed.
fn shown(secret: &str) -> Option<String> {
    let output = Command::new("oathtool").args(["--totp", "--base32", secret]).stderr(Stdio::inherit()).output().ok()?;
    assert!(output.status.success(), "oathtool: {:?}", output.status);
    Some(String::from_utf8(output.stdout).expect("digits").trim().to_owned())
}

async fn codes_of_another_program_sign_in_and_each_of_them_once(engine: Engine) {
    if shown("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").is_none() {
        println!("skipped: oathtool is not installed; apt-get install oathtool");
        return;
    }
    let site = Site::on(engine);
    let server = site.serve();
    let kit = Person::register(&server, "kit").await;
    let enrolment = kit.mutate("totpEnroll", json!({ "currentPassword": PASSWORD }), "secret").await;
    let secret = text(&enrolment["secret"]);
    let confirmed = shown(&secret).expect("a code");
    let codes = kit.mutate("totpConfirm", json!({ "code": confirmed }), "recoveryCodes").await;
    let sign_in = async |code: &str| {
        let input = json!({ "email": "kit@example.org", "password": PASSWORD, "code": code });
        server.client().mutate("signIn", input, "accessToken").await
    };
    assert_eq!(sign_in(&confirmed).await.expect_err("used up").codes(), ["CODE_WRONG"]);
    let recovery = text(&codes["recoveryCodes"][0]);
    let signed_in = sign_in(&recovery).await.expect("signed in");
    assert_eq!(sign_in(&recovery).await.expect_err("used up").codes(), ["CODE_WRONG"]);
    let client = server.client().with_token(text(&signed_in["accessToken"]));
    let me = client.graphql("{ me { hasSecondFactor } }", Value::Null).await.expect("answered");
    assert_eq!(me["me"]["hasSecondFactor"], true);
    // The next step of time, which may be half a minute away.
    let next = loop {
        let code = shown(&secret).expect("a code");
        if code != confirmed {
            break code;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    };
    sign_in(&next).await.expect("signed in");
    assert_eq!(sign_in(&next).await.expect_err("used up").codes(), ["CODE_WRONG"]);
}
