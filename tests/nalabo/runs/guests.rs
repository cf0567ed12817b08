//! Guests, from the mail that invites them to the one that tells them that they have withdrawn.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ask, published, published_with, refused, text, turned_away};
use crate::{
    engines::Engine,
    people::Person,
    site::{PATIENCE, Server, Site},
};

crate::engines::on_each_engine! {
    a_guest_registers_and_withdraws_by_what_is_mailed,
    a_guest_is_shown_what_is_asked_what_it_costs_now_and_their_place_in_line,
}

/// The mail with these words in its subject, once it is there, long lines put together again.
pub(super) async fn mail(directory: &Path, subject: &str) -> String {
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
pub(super) fn token(mail: &str) -> String {
    let is_token = |line: &&str| line.len() == 86 && line.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    mail.lines().find(is_token).unwrap_or_else(|| panic!("no token in {mail}")).to_owned()
}

pub(super) async fn invite(organiser: &Person, run: &str) {
    let input = json!({ "runId": run, "email": "joan@example.org", "name": "Joan" });
    organiser.mutate("guestInvite", input, "stale").await;
}

fn ticket(price: &str, current: &str, left: u32) -> Value {
    json!({ "key": "seat", "name": "Seat", "price": price, "currentPrice": current, "left": left })
}

async fn seen(server: &Server, token: &str) -> Value {
    serde_json::from_str(&text(server, Some(token), "/api/guest/registration").await).expect("JSON")
}

async fn a_guest_registers_and_withdraws_by_what_is_mailed(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve_with(&[("NALABO_TELEMETRY__LOG", "debug")]);
    let grace = Person::with_role(&server, "grace", "organiser").await;
    let run = published(&grace, 1, 0).await;
    invite(&grace, &run).await;
    let directory = site.path().join("outbox");
    let invited = mail(&directory, "You are invited").await;
    assert!(invited.contains("To: joan@example.org"), "what she is called somebody else has said: {invited}");
    let token = token(&invited);
    let before = seen(&server, &token).await;
    assert_eq!((&before["state"], &before["link"], &before["runId"]), (&Value::Null, &Value::Null, &json!(run)));
    assert_eq!(before["tickets"], json!([ticket("0.00 CHF", "0.00 CHF", 1)]));

    let path = "/api/guest/registration";
    let wanted = json!({ "name": "Joan Clarke", "ticket": "seat" });
    for (worthless, code) in [(None, "UNAUTHENTICATED"), (Some("nonsense"), "GUEST_LINK_INVALID")] {
        let refused = refused(ask(&server, worthless, Method::POST, path, Some(&wanted)).await).await;
        assert_eq!(refused, (401, code.to_owned()));
    }
    for path in [path, "/api/guest/calendar.ics", "/api/guest/check-in.svg"] {
        for (worthless, code) in [(None, "UNAUTHENTICATED"), (Some("nonsense"), "GUEST_LINK_INVALID")] {
            assert_eq!(refused(ask(&server, worthless, Method::GET, path, None).await).await, (401, code.to_owned()), "{path}");
        }
    }
    let reasons = turned_away(&server, 6).await;
    assert_eq!(reasons, ["UNAUTHENTICATED", "GUEST_LINK_INVALID"].repeat(3), "it is in the audit");
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

    // Klara comes instead, by a link of her own.
    let klara = json!({ "email": "klara@example.org", "name": "Klara" });
    let nowhere = json!({ "email": "klara", "name": "Klara" });
    let wrong = ask(&server, Some(&token), Method::POST, "/api/guest/transfer", Some(&nowhere)).await;
    assert_eq!(refused(wrong).await, (422, "INVALID".to_owned()));
    assert_eq!(ask(&server, Some(&token), Method::POST, "/api/guest/transfer", Some(&klara)).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(refused(ask(&server, Some(&token), Method::GET, path, None).await).await, (401, "GUEST_LINK_INVALID".to_owned()));
    let first = token;
    let handed = mail(&directory, "A registration is yours now").await;
    assert!(handed.contains("To: klara@example.org"), "{handed}");
    let token = self::token(&handed);

    let again = async || refused(ask(&server, Some(&token), Method::POST, path, Some(&wanted)).await).await;
    assert_eq!(again().await, (409, "ALREADY_REGISTERED".to_owned()));
    let withdrawn: Value = ask(&server, Some(&token), Method::DELETE, path, None).await.json().await.expect("JSON");
    assert_eq!((&withdrawn["state"], &withdrawn["link"]), (&json!("withdrawn"), &Value::Null));
    assert_eq!((&withdrawn["isOpen"], &withdrawn["tickets"]), (&json!(false), &json!([])), "she comes by another invitation");
    assert_eq!(again().await, (409, "WRONG_STAGE".to_owned()));
    let told = mail(&directory, "You have withdrawn").await;
    assert!(told.contains("text/calendar") && told.contains("event.ics"), "{told}");
    assert!(!invited.contains("text/calendar"), "nothing is hers yet: {invited}");
    let printed = server.printed();
    server.stop();
    let events = format!("{:?}", site.events());
    for secret in [first.as_str(), token.as_str(), "joan@example.org", "Joan Clarke", "klara@example.org"] {
        assert!(!printed.contains(secret), "{secret} is in the log");
        assert!(!events.contains(secret), "{secret} is in the journal");
    }
}

/// One place: the first who comes pays less, and all are asked what they eat.
fn plan() -> Value {
    let chf = |amount: i64| json!({ "amount": amount, "currency": "CHF" });
    json!({
        "vatPercent": 25,
        "groupLimit": 3,
        "refunds": [{ "beforeMinutes": 1440, "percent": 50 }],
        "questions": [
            { "key": "diet", "label": "What do you eat?", "kind": "CHOICE", "choices": ["everything", "plants"], "required": true },
            { "key": "laptop", "label": "Do you bring a laptop?", "kind": "YES_NO" },
        ],
        "tickets": [
            { "key": "seat", "name": "Seat", "price": chf(10_000), "tiers": [{ "first": 1, "price": chf(8_000) }] },
            { "key": "team", "name": "Team", "price": chf(0), "audience": "PLAN", "plan": "TEAM" },
        ],
    })
}

async fn a_guest_is_shown_what_is_asked_what_it_costs_now_and_their_place_in_line(engine: Engine) {
    let site = Site::on(engine);
    let server = site.serve();
    let (grace, ada) = (Person::with_role(&server, "grace", "organiser").await, Person::register(&server, "ada").await);
    let run = published_with(&grace, 1, 0, &plan()).await;
    invite(&grace, &run).await;
    let token = token(&mail(&site.path().join("outbox"), "You are invited").await);
    let before = seen(&server, &token).await;
    let questions = json!([
        { "key": "diet", "label": "What do you eat?", "kind": "choice", "choices": ["everything", "plants"], "required": true },
        { "key": "laptop", "label": "Do you bring a laptop?", "kind": "yes_no", "choices": [], "required": false },
    ]);
    assert_eq!(before["questions"], questions);
    assert_eq!(before["refunds"], json!([{ "beforeMinutes": 1440, "percent": 50.0 }]));
    assert_eq!((&before["groupLimit"], &before["vatPercent"], &before["isOpen"]), (&json!(3), &json!(25.0), &json!(true)));
    assert_eq!((&before["waitlist"], &before["needsApproval"]), (&json!(true), &json!(false)));
    assert_eq!(before["tickets"], json!([ticket("100.00 CHF", "80.00 CHF", 1)]), "who has no account has no plan");
    for field in ["ticket", "seats", "position", "quote", "paid", "due", "owed"] {
        assert_eq!(before[field], Value::Null, "{field}: they have not registered");
    }

    let answers = json!([{ "key": "diet", "value": { "text": "plants" } }]);
    let input = json!({ "runId": run, "ticket": "seat", "answers": answers });
    let first = ada.mutate("registrationRequest", input, "registration { id }").await;
    assert_eq!(seen(&server, &token).await["tickets"], json!([ticket("100.00 CHF", "100.00 CHF", 0)]), "it is sold out");

    let path = "/api/guest/registration";
    let wanted = json!({ "name": "Joan Clarke", "ticket": "seat", "wait": true });
    let refused = refused(ask(&server, Some(&token), Method::POST, path, Some(&wanted)).await).await;
    assert_eq!(refused, (422, "INVALID".to_owned()), "one answer is required");
    let wanted = json!({ "name": "Joan Clarke", "ticket": "seat", "wait": true, "answers": { "diet": { "text": "plants" } } });
    let waits: Value = ask(&server, Some(&token), Method::POST, path, Some(&wanted)).await.json().await.expect("JSON");
    assert_eq!((&waits["state"], &waits["position"], &waits["heldUntil"]), (&json!("waitlisted"), &json!(1), &Value::Null));
    assert_eq!((&waits["ticket"], &waits["seats"], &waits["due"]), (&json!("seat"), &json!(1), &Value::Null), "who waits pays nothing yet");
    let quote = json!({ "price": "100.00 CHF", "discount": "0.00 CHF", "total": "100.00 CHF", "tax": "20.00 CHF" });
    assert_eq!(waits["quote"], quote);

    ada.mutate("registrationWithdraw", json!({ "registrationId": first["registration"]["id"] }), "stale").await;
    let offered = seen(&server, &token).await;
    assert_eq!((&offered["state"], &offered["position"], offered["heldUntil"].is_string()), (&json!("offered"), &Value::Null, true));
    let accepts = json!({ "accept": true });
    let accepted: Value = ask(&server, Some(&token), Method::POST, "/api/guest/offer", Some(&accepts)).await.json().await.expect("JSON");
    let asked = (&accepted["state"], &accepted["paid"], &accepted["due"]);
    assert_eq!(asked, (&json!("awaiting_payment"), &Value::Null, &json!("100.00 CHF")));
    let came = json!({ "registrationId": accepted["registrationId"], "amount": { "amount": 10_000, "currency": "CHF" } });
    grace.mutate("paymentRecord", came, "stale").await;
    let paid = seen(&server, &token).await;
    let money = |view: &Value| ["paid", "due", "owed"].map(|field| view[field].as_str().map(ToOwned::to_owned));
    assert_eq!(paid["state"], "confirmed");
    assert_eq!(money(&paid), [Some("100.00 CHF".to_owned()), None, None]);
    let withdrawn: Value = ask(&server, Some(&token), Method::DELETE, path, None).await.json().await.expect("JSON");
    assert_eq!(withdrawn["state"], "withdrawn");
    assert_eq!(money(&withdrawn), [Some("100.00 CHF".to_owned()), None, Some("50.00 CHF".to_owned())], "by the run's policy");
}
