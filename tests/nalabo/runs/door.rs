//! Codes at the door: verified by somebody else, offline, and good once.

use chrono::{TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ask, noted, published, published_with, refused, registered, text};
use crate::{
    engines::Engine,
    people::Person,
    signing_keys::verified_elsewhere,
    site::{Site, said},
};

crate::engines::on_each_engine! {
    a_code_is_verified_by_somebody_else_with_the_published_keys_and_lets_in_once,
}

/// In time for people to be checked in.
fn tomorrow() -> Value {
    let clock = |hours: i64| (Utc::now() + TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M").to_string();
    json!({ "startsAt": clock(20), "endsAt": clock(28), "timeZone": "UTC" })
}

async fn a_code_is_verified_by_somebody_else_with_the_published_keys_and_lets_in_once(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let (grace, ada) = (Person::with_role(&server, "grace", "organiser").await, Person::register(&server, "ada").await);
    let run = published_with(&grace, 1, 0, &tomorrow()).await;
    let registration = registered(&ada, &run).await;
    let (hers, organisers) = (Some(ada.tokens.access.as_str()), Some(grace.tokens.access.as_str()));
    let path = format!("/api/registrations/{registration}/check-in");
    let told: Value = serde_json::from_str(&text(&server, hers, &path).await).expect("JSON");
    let code = crate::people::text(&told["code"]);

    let output = verified_elsewhere(&server, "nalabo-check-in", &code);
    assert!(output.status.success(), "{}", said(&output));
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&found["header"]["typ"], &found["header"]["alg"]), (&json!("check-in+jwt"), &json!("EdDSA")));
    assert_eq!((&found["claims"]["sub"], &found["claims"]["run"]), (&json!(registration), &json!(run)));
    assert!(!found.to_string().contains("ada"), "a code names nobody: {found}");
    assert!(!verified_elsewhere(&server, "nalabo-api", &code).status.success(), "it is no access token");
    let as_access = ask(&server, Some(&code), Method::GET, &path, None).await;
    assert_eq!(refused(as_access).await, (401, "UNAUTHENTICATED".to_owned()));

    let picture = ask(&server, hers, Method::GET, &format!("{path}.svg"), None).await;
    assert_eq!((picture.status(), &picture.headers()["content-type"]), (StatusCode::OK, &"image/svg+xml".parse().expect("a value")));
    let svg = picture.text().await.expect("a body");
    assert!(svg.contains("<svg") && !svg.contains("<script"), "{svg}");
    // What is somebody else's is shown to whoever looks after the run, and the audit has it.
    assert!(text(&server, organisers, &path).await.contains("code"));
    assert_eq!(noted(&server, &grace, &registration).await, 1);
    let bob = Person::register(&server, "bob").await;
    assert_eq!(refused(ask(&server, Some(&bob.tokens.access), Method::GET, &path, None).await).await.0, 404);

    let scanned = json!({ "code": code });
    let check_in = async |token: Option<&str>, body: &Value| ask(&server, token, Method::POST, "/api/check-ins", Some(body)).await;
    assert_eq!(refused(check_in(hers, &scanned).await).await, (403, "FORBIDDEN".to_owned()));
    assert_eq!(refused(check_in(None, &scanned).await).await, (401, "UNAUTHENTICATED".to_owned()));
    let access = json!({ "code": ada.tokens.access });
    assert_eq!(refused(check_in(organisers, &access).await).await, (422, "CHECK_IN_CODE_INVALID".to_owned()));
    assert_eq!(refused(check_in(organisers, &json!({ "code": 7 })).await).await, (400, "BAD_USER_INPUT".to_owned()));
    let other = published(&grace, 1, 0).await;
    let at = |run: &str| json!({ "code": code, "runId": run });
    assert_eq!(refused(check_in(organisers, &at(&other)).await).await, (422, "CHECK_IN_CODE_INVALID".to_owned()));
    assert_eq!(refused(check_in(organisers, &at(&registration)).await).await, (400, "BAD_USER_INPUT".to_owned()));
    let of_other = registered(&ada, &other).await;
    let early: Value = serde_json::from_str(&text(&server, hers, &format!("/api/registrations/{of_other}/check-in")).await).expect("JSON");
    assert_eq!(refused(check_in(organisers, &early).await).await, (409, "CHECK_IN_TOO_EARLY".to_owned()));
    let came: Value = check_in(organisers, &at(&run)).await.json().await.expect("JSON");
    assert_eq!(came, json!({ "registrationId": registration, "runId": run }));
    assert_eq!(refused(check_in(organisers, &scanned).await).await, (409, "WRONG_STAGE".to_owned()));
    grace.mutate("registrationUndoCheckIn", json!({ "registrationId": registration }), "registration { state }").await;
    assert_eq!(check_in(organisers, &scanned).await.status(), StatusCode::OK);
    grace.mutate("registrationUndoCheckIn", json!({ "registrationId": registration }), "registration { state }").await;
    let came = grace.mutate("registrationCheckIn", scanned.clone(), "registration { id state }").await;
    assert_eq!(came["registration"], json!({ "id": registration, "state": "ATTENDED" }));
    assert!(!server.printed().contains(&code), "it is in the log");
    server.stop();
}
