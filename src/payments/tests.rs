use commands::booking::News;
use domain::{
    booking::run::PaymentStatus,
    kernel::{Currency, Money, PaymentId, RegistrationId},
};
use secrecy::SecretSlice;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::webhooks::signature::{is_signed, sign};

fn secret() -> SecretSlice<u8> {
    vec![7; 32].into()
}

fn now() -> Timestamp {
    "2027-01-02T03:04:05Z".parse().expect("an instant")
}

fn due() -> Due {
    let amount = Money::new(12_050, Currency::try_new("CHF").expect("a currency"));
    Due { payment: PaymentId(Uuid::from_u128(1)), registration: RegistrationId(Uuid::from_u128(2)), amount }
}

fn signed() -> Arc<dyn PaymentProvider> {
    let checkout = "https://pay.example.org/checkout?shop=1".parse().expect("an address");
    provider(PaymentWay::Webhook { checkout, secret: secret() })
}

fn told() -> Value {
    let Due { payment, registration, .. } = due();
    let (registration, payment) = (registration.to_string(), payment.to_string());
    json!({ "registrationId": registration, "paymentId": payment, "status": "succeeded", "amount": 12_050, "currency": "CHF" })
}

/// What the provider makes of a message with these headers.
fn heard(headers: &[(&str, &str)], body: &str) -> Result<Heard, Unheard> {
    signed().hear(&Message { headers: headers.to_vec(), body: body.as_bytes() }, now())
}

/// The same of one that was signed so many seconds ago.
fn heard_after(seconds: i64, body: &str) -> Result<Heard, Unheard> {
    let at = now().timestamp() - seconds;
    let signature = sign(&secret(), "msg_1", at, body);
    heard(&[("webhook-id", "msg_1"), ("webhook-timestamp", &at.to_string()), ("webhook-signature", &signature)], body)
}

#[tokio::test]
async fn a_transfer_has_the_payment_on_it() {
    let transfer = provider(PaymentWay::BankTransfer { instructions: Some("IBAN CH00".to_owned()) });
    let opened = transfer.open(&due()).await.expect("opened");
    let reference = due().payment.to_string();
    assert_eq!(opened, Checkout::Transfer { reference, instructions: Some("IBAN CH00".to_owned()) });
    assert_eq!(transfer.hear(&Message { headers: vec![], body: b"{}" }, now()), Err(Unheard::NotExpected));
}

#[tokio::test]
async fn a_link_says_what_is_to_be_paid_and_cannot_be_changed() {
    let Checkout::Link(link) = signed().open(&due()).await.expect("opened") else { panic!("a link") };
    let link: reqwest::Url = link.parse().expect("an address");
    let query: std::collections::HashMap<String, String> = link.query_pairs().into_owned().collect();
    let Due { payment, registration, .. } = due();
    assert_eq!((query["shop"].as_str(), query["amount"].as_str(), query["currency"].as_str()), ("1", "12050", "CHF"));
    assert_eq!((&query["paymentId"], &query["registrationId"]), (&payment.to_string(), &registration.to_string()));
    let body = format!("{registration}.CHF");
    let id = format!("checkout:{payment}");
    assert!(is_signed(&secret(), (&id, 12_050), body.as_bytes(), &query["signature"]));
    assert!(!is_signed(&secret(), (&id, 1), body.as_bytes(), &query["signature"]));
    // It is signed, and no message all the same.
    let headers = [("webhook-id", id.as_str()), ("webhook-timestamp", "12050"), ("webhook-signature", query["signature"].as_str())];
    assert_eq!(heard(&headers, &body), Err(Unheard::Stale));
}

#[test]
fn a_message_that_is_signed_is_heard() {
    let Due { payment, registration, amount } = due();
    let expected = Heard { event: "msg_1".to_owned(), registration, payment, news: News::Status(PaymentStatus::Succeeded), amount };
    assert_eq!(heard_after(0, &told().to_string()), Ok(expected.clone()));
    for seconds in [-300, 299, 300] {
        assert!(heard_after(seconds, &told().to_string()).is_ok(), "{seconds} s");
    }
    let mut more = told();
    more["provider"] = json!("says more");
    assert_eq!(heard_after(0, &more.to_string()), Ok(expected.clone()));
    let mut back = told();
    (back["status"], back["amount"]) = (json!("refunded"), json!(2500));
    let amount = Money::new(2500, amount.currency);
    assert_eq!(heard_after(0, &back.to_string()), Ok(Heard { news: News::Refund, amount, ..expected }));
}

#[test]
fn a_message_of_another_time_is_not() {
    for seconds in [301, -301, 7 * 24 * 3600, now().timestamp()] {
        assert_eq!(heard_after(seconds, &told().to_string()), Err(Unheard::Stale), "{seconds} s");
    }
}

#[test]
fn a_message_that_somebody_else_signed_or_changed_is_not() {
    let (body, at) = (told().to_string(), now().timestamp());
    let (time, good) = (at.to_string(), sign(&secret(), "msg_1", at, &body));
    let heard = |id: &str, time: &str, signature: &str, body: &str| {
        heard(&[("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)], body)
    };
    assert!(heard("msg_1", &time, &good, &body).is_ok());
    assert!(heard("msg_1", &time, &format!("v1,AAAA v2,x {good}"), &body).is_ok(), "one of several");
    let other = sign(&vec![8; 32].into(), "msg_1", at, &body);
    let later = (at + 1).to_string();
    let (changed, version) = (body.replace("12050", "1"), good.replace("v1,", "v2,"));
    let (time, good, later, body) = (time.as_str(), good.as_str(), later.as_str(), body.as_str());
    for (what, id, time, signature, body) in [
        ("another secret", "msg_1", time, other.as_str(), body),
        ("another id", "msg_2", time, good, body),
        ("another time", "msg_1", later, good, body),
        ("no time", "msg_1", "soon", good, body),
        ("another body", "msg_1", time, good, changed.as_str()),
        ("no signature", "msg_1", time, "", body),
        ("half a signature", "msg_1", time, &good[..good.len() / 2], body),
        ("another version", "msg_1", time, version.as_str(), body),
    ] {
        assert_eq!(heard(id, time, signature, body), Err(Unheard::Unsigned), "{what}");
    }
    let twice = [("webhook-id", "msg_1"), ("webhook-timestamp", time), ("webhook-signature", good), ("webhook-id", "msg_2")];
    assert_eq!(super::tests::heard(&twice, body), Err(Unheard::Unsigned));
    assert_eq!(super::tests::heard(&[], body), Err(Unheard::Unsigned));
}

#[test]
fn a_message_that_is_not_understood_says_where() {
    let with = |field: &str, value: Value| {
        let mut told = told();
        told[field] = value;
        match heard_after(0, &told.to_string()) {
            Err(Unheard::Malformed(what)) => what,
            other => panic!("{field}: {other:?}"),
        }
    };
    assert!(with("registrationId", json!("reg_1")).starts_with("registrationId"));
    assert!(with("paymentId", json!("")).starts_with("paymentId"));
    assert!(with("currency", json!("Franken")).starts_with("currency"));
    for (field, value) in [("amount", json!(120.5)), ("amount", json!("12050")), ("status", json!("maybe")), ("status", json!(null))] {
        assert!(with(field, value).starts_with("expected JSON"), "{field}");
    }
    assert!(matches!(heard_after(0, "not JSON"), Err(Unheard::Malformed(_))));
}
