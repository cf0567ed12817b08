use serde_json::json;
use uuid::Uuid;

use super::{open, seal};
use crate::{
    JournalError,
    vault::{VaultError, tests::Opened},
};

#[tokio::test]
async fn opening_reverses_sealing_at_any_depth() {
    let vault = Opened::init().await;
    let personal = |value| json!({ "$personal": { "subject": Uuid::from_u128(1), "value": value } });
    let plain = json!([{ "a": personal(json!({ "deep": [1, null] })), "b": "public" }, personal(json!("text")), personal(json!(null))]);
    let mut value = plain.clone();
    seal(&*vault, Uuid::from_u128(2), &mut value).await.expect("sealed");
    assert!(value[1]["$personal"].get("value").is_none());
    assert_eq!(value[0]["b"], json!("public"));
    open(&*vault, &mut value).await.expect("opened");
    assert_eq!(value, plain);
}

#[tokio::test]
async fn sealed_and_erased_values_are_stored_as_they_are() {
    let vault = Opened::init().await;
    let mut sealed = json!({ "$personal": { "subject": Uuid::from_u128(1), "value": 1 } });
    seal(&*vault, Uuid::from_u128(2), &mut sealed).await.expect("sealed");
    let mut value = json!([sealed, { "$personal": { "subject": Uuid::from_u128(3), "erased": true } }]);
    let before = value.clone();
    seal(&*vault, Uuid::from_u128(4), &mut value).await.expect("sealed");
    assert_eq!(value, before);
}

#[tokio::test]
async fn a_sealed_value_opens_for_its_subject_only() {
    let vault = Opened::init().await;
    vault.seal(Uuid::from_u128(9), Uuid::nil(), b"1").await.expect("another subject's key");
    let mut value = json!({ "$personal": { "subject": Uuid::from_u128(1), "value": "secret" } });
    seal(&*vault, Uuid::from_u128(2), &mut value).await.expect("sealed");
    value["$personal"]["subject"] = json!(Uuid::from_u128(9));
    let refused = open(&*vault, &mut value).await;
    assert!(matches!(refused, Err(JournalError::Seal(VaultError::Forged(_)))), "{refused:?}");
}

#[tokio::test]
async fn a_malformed_mark_is_refused_when_opened() {
    let vault = Opened::init().await;
    for mut value in [json!({ "$personal": 1 }), json!({ "$personal": { "subject": Uuid::nil(), "sealed": [] } })] {
        assert!(matches!(open(&*vault, &mut value).await, Err(JournalError::Malformed(_))));
    }
}
