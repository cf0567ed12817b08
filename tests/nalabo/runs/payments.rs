//! What a payment provider tells, over the network.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::Utc;
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{ask, published, refused, registered};
use crate::{
    engines::Engine,
    people::Person,
    site::{Server, Site},
};

crate::engines::on_each_engine! {
    a_provider_is_believed_by_its_signature_and_heard_once,
    a_refund_that_is_told_before_its_payment_is_to_be_told_again,
}

const SECRET: [u8; 32] = [7; 32];

fn signature(secret: &[u8], id: &str, at: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// A message with this signature.
async fn tell(server: &Server, id: &str, at: i64, body: &str, signature: &str) -> Response {
    let url = format!("http://{}/api/payments/webhook/messages", server.address);
    let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(body.to_owned());
    let request = request.header("webhook-id", id).header("webhook-timestamp", at).header("webhook-signature", signature);
    request.send().await.expect("an answer")
}

/// A server that hears of payments, by this secret.
fn heard_by(site: &Site, secret: &str) -> Server {
    site.serve_with(&[
        ("NALABO_PAYMENTS__PROVIDER", "webhook"),
        ("NALABO_PAYMENTS__WEBHOOK__CHECKOUT", "https://pay.example.org/checkout"),
        ("NALABO_PAYMENTS__WEBHOOK__SECRET", secret),
    ])
}

async fn a_refund_that_is_told_before_its_payment_is_to_be_told_again(engine: Engine) {
    let site = Site::on(engine);
    let server = heard_by(&site, &format!("whsec_{}", STANDARD.encode(SECRET)));
    let (grace, ada) = (Person::with_role(&server, "grace", "organiser").await, Person::register(&server, "ada").await);
    let run = published(&grace, 1, 12_050).await;
    let registration = registered(&ada, &run).await;
    let path = format!("/api/registrations/{registration}/payment");
    let opened: Value = ask(&server, Some(&ada.tokens.access), Method::POST, &path, None).await.json().await.expect("JSON");
    let told = async |id: &str, status: &str, amount: i64| {
        let payment = &opened["paymentId"];
        let body = json!({ "registrationId": registration, "paymentId": payment, "status": status, "amount": amount, "currency": "CHF" });
        let (body, now) = (body.to_string(), Utc::now().timestamp());
        tell(&server, id, now, &body, &signature(&SECRET, id, now, &body)).await
    };
    assert_eq!(refused(told("msg_2", "refunded", 50).await).await, (503, "PAYMENT_NOT_FOUND".to_owned()));
    assert_eq!(told("msg_1", "succeeded", 12_050).await.status(), StatusCode::NO_CONTENT);
    for _ in 0..2 {
        assert_eq!(told("msg_2", "refunded", 50).await.status(), StatusCode::NO_CONTENT);
    }
    server.stop();
    let went_back = site.events().into_iter().filter(|event| event["type"] == "RefundRecorded").count();
    assert_eq!(went_back, 1);
}

async fn a_provider_is_believed_by_its_signature_and_heard_once(engine: Engine) {
    let site = Site::on(engine);
    let secret = format!("whsec_{}", STANDARD.encode(SECRET));
    let server = heard_by(&site, &secret);
    let (grace, ada) = (Person::with_role(&server, "grace", "organiser").await, Person::register(&server, "ada").await);
    let administrator = Person::administrator(&server).await;
    let run = published(&grace, 1, 12_050).await;
    let registration = registered(&ada, &run).await;
    let path = format!("/api/registrations/{registration}/payment");
    let opened: Value = ask(&server, Some(&ada.tokens.access), Method::POST, &path, None).await.json().await.expect("JSON");
    assert_eq!((&opened["kind"], &opened["amount"], &opened["currency"]), (&json!("link"), &json!(12_050), &json!("CHF")));
    let link = opened["url"].as_str().expect("a link");
    assert!(link.starts_with("https://pay.example.org/checkout?paymentId=pay_") && link.contains("amount=12050"), "{link}");

    let told = json!({
        "registrationId": registration, "paymentId": opened["paymentId"], "status": "succeeded", "amount": 12_050, "currency": "CHF",
    });
    let (body, now) = (told.to_string(), Utc::now().timestamp());
    let forged = signature(&[8; 32], "msg_1", now, &body);
    assert_eq!(refused(tell(&server, "msg_1", now, &body, &forged).await).await, (401, "SIGNATURE_INVALID".to_owned()));
    let week = now - 7 * 24 * 3600;
    let stale = signature(&SECRET, "msg_1", week, &body);
    assert_eq!(refused(tell(&server, "msg_1", week, &body, &stale).await).await, (401, "MESSAGE_STALE".to_owned()));
    let less = body.replace("12050", "1");
    let good = signature(&SECRET, "msg_1", now, &body);
    assert_eq!(refused(tell(&server, "msg_1", now, &less, &good).await).await, (401, "SIGNATURE_INVALID".to_owned()));
    let large = "x".repeat(100 << 10);
    let of_large = signature(&SECRET, "msg_1", now, &large);
    assert_eq!(refused(tell(&server, "msg_1", now, &large, &of_large).await).await, (413, "BAD_USER_INPUT".to_owned()));
    assert_eq!(refused(tell(&server, "msg_1", now, "{}", &signature(&SECRET, "msg_1", now, "{}")).await).await.0, 400);
    let events = administrator.query("{ events(last: 100) { nodes { type } } }", Value::Null).await;
    let told = events["events"]["nodes"].as_array().expect("events").iter().filter(|event| event["type"] == "PaymentReported").count();
    assert_eq!(told, 1, "that it was opened; nothing is recorded of what is not believed");

    let answers = join_all((0..100).map(|_| tell(&server, "msg_1", now, &body, &good))).await;
    assert!(answers.iter().all(|answer| answer.status() == StatusCode::NO_CONTENT), "{answers:?}");
    let other = signature(&SECRET, "msg_1", now, &less);
    assert_eq!(refused(tell(&server, "msg_1", now, &less, &other).await).await, (409, "IDEMPOTENCY_KEY_REUSED".to_owned()));
    assert_eq!(tell(&server, "msg_2", now, &body, &signature(&SECRET, "msg_2", now, &body)).await.status(), StatusCode::NO_CONTENT);
    let printed = server.printed();
    server.stop();
    let names: Vec<_> = site.events().into_iter().map(|event| event["type"].as_str().unwrap_or_default().to_owned()).collect();
    let count = |wanted: &str| names.iter().filter(|name| *name == wanted).count();
    assert_eq!((count("PaymentReported"), count("RegistrationConfirmed")), (2, 1), "opened, and paid once");
    assert!(!printed.contains(&secret) && !printed.contains(&good), "the log has secrets");
}
