//! Guests, from the mail that invites them to the one that tells them that they have withdrawn.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ask, published, refused, text};
use crate::{
    engines::Engine,
    people::Person,
    site::{PATIENCE, Server, Site},
};

crate::engines::on_each_engine! {
    a_guest_registers_and_withdraws_by_what_is_mailed,
}

/// The mail with these words in its subject, once it is there, long lines put together again.
async fn mail(directory: &Path, subject: &str) -> String {
    let began = Instant::now();
    loop {
        let files = std::fs::read_dir(directory).into_iter().flatten().map(|entry| entry.expect("an entry").path());
        let mails = files.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
        let mut texts = mails.map(|path| std::fs::read_to_string(path).expect("text").replace("=\r\n", ""));
        if let Some(found) = texts.find(|text| text.contains(&format!("Subject: {subject}"))) {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "no mail tells: {subject}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The token in it: 64 bytes in base64url.
fn token(mail: &str) -> String {
    let is_token = |line: &&str| line.len() == 86 && line.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    mail.lines().find(is_token).unwrap_or_else(|| panic!("no token in {mail}")).to_owned()
}

async fn seen(server: &Server, token: &str) -> Value {
    serde_json::from_str(&text(server, Some(token), "/api/guest/registration").await).expect("JSON")
}

async fn a_guest_registers_and_withdraws_by_what_is_mailed(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve_with(&[("NALABO_TELEMETRY__LOG", "debug")]);
    let grace = Person::with_role(&server, "grace", "organiser").await;
    let run = published(&grace, 1, 0).await;
    let input = json!({ "runId": run, "email": "joan@example.org", "name": "Joan" });
    grace.mutate("guestInvite", input, "stale").await;
    let directory = site.path().join("outbox");
    let invited = mail(&directory, "You are invited").await;
    assert!(invited.contains("To: joan@example.org"), "what she is called somebody else has said: {invited}");
    let token = token(&invited);
    let before = seen(&server, &token).await;
    assert_eq!((&before["state"], &before["link"], &before["runId"]), (&Value::Null, &Value::Null, &json!(run)));
    assert_eq!(before["tickets"], json!([{ "key": "seat", "name": "Seat", "price": "0.00 CHF" }]));

    let path = "/api/guest/registration";
    let wanted = json!({ "name": "Joan Clarke", "ticket": "seat" });
    for (worthless, code) in [(None, "UNAUTHENTICATED"), (Some("nonsense"), "GUEST_LINK_INVALID")] {
        let refused = refused(ask(&server, worthless, Method::POST, path, Some(&wanted)).await).await;
        assert_eq!(refused, (401, code.to_owned()));
    }
    let unknown = json!({ "name": "Joan Clarke", "ticket": "throne" });
    assert_eq!(refused(ask(&server, Some(&token), Method::POST, path, Some(&unknown)).await).await, (404, "TICKET_NOT_FOUND".to_owned()));
    let registered = ask(&server, Some(&token), Method::POST, path, Some(&wanted)).await;
    assert_eq!(registered.status(), StatusCode::OK);
    let registered: Value = registered.json().await.expect("JSON");
    assert_eq!((&registered["state"], &registered["link"]), (&json!("confirmed"), &json!("https://meet.example.org/containers")));
    let confirmed = mail(&directory, "You have a place").await;
    assert!(confirmed.contains("text/calendar") && confirmed.contains("event.ics"), "{confirmed}");
    assert!(text(&server, Some(&token), "/api/guest/calendar.ics").await.contains("STATUS:CONFIRMED\r\n"));
    assert!(text(&server, Some(&token), "/api/guest/check-in.svg").await.contains("<svg"));

    let withdrawn: Value = ask(&server, Some(&token), Method::DELETE, path, None).await.json().await.expect("JSON");
    assert_eq!((&withdrawn["state"], &withdrawn["link"]), (&json!("withdrawn"), &Value::Null));
    let told = mail(&directory, "You have withdrawn").await;
    assert!(told.contains("text/calendar") && told.contains("event.ics"), "{told}");
    assert!(!invited.contains("text/calendar"), "nothing is hers yet: {invited}");
    let printed = server.printed();
    server.stop();
    let events = format!("{:?}", site.events());
    for secret in [token.as_str(), "joan@example.org", "Joan Clarke"] {
        assert!(!printed.contains(secret), "{secret} is in the log");
        assert!(!events.contains(secret), "{secret} is in the journal");
    }
}
