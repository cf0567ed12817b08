//! Receipts: the same request is answered once.

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use journal::{Append, JournalError, NewReceipt, Position, Receipt, StreamId};
use serde_json::json;

use crate::{
    Store,
    fixtures::{append, stream, write},
};

fn receipt(key: &str) -> NewReceipt {
    NewReceipt {
        actor: "acc_1".into(),
        operation: "workshopPublish".into(),
        key: key.into(),
        fingerprint: b"fingerprint".to_vec(),
        outcome: json!({ "workshop": "wks_1" }),
        expires_at: Some(Utc::now() + TimeDelta::hours(1)),
    }
}

fn request(stream: &StreamId, expected: i64, receipt: NewReceipt) -> Append {
    Append { receipt: Some(receipt), ..append(vec![write(stream, expected, 1)]) }
}

fn answer(position: i64) -> Receipt {
    Receipt { fingerprint: b"fingerprint".to_vec(), outcome: json!({ "workshop": "wks_1" }), position: Position(position) }
}

fn told(outcome: Result<journal::Appended, JournalError>) -> Receipt {
    match outcome {
        Err(JournalError::Receipt(receipt)) => *receipt,
        other => panic!("expected the first answer, got {other:?}"),
    }
}

pub(crate) async fn a_retry_is_told_the_first_answer(store: &impl Store) {
    let journal = store.open().await;
    let one = stream();
    assert_eq!(journal.receipt("acc_1", "workshopPublish", "k").await.expect("receipt"), None);
    journal.append(request(&one, 0, receipt("k"))).await.expect("append");
    let other_input = NewReceipt { fingerprint: b"other".to_vec(), outcome: json!("other"), ..receipt("k") };
    assert_eq!(told(journal.append(request(&stream(), 0, other_input)).await), answer(1));
    assert_eq!(journal.receipt("acc_1", "workshopPublish", "k").await.expect("receipt"), Some(answer(1)));
    for (actor, operation) in [("acc_2", "workshopPublish"), ("acc_1", "workshopRetire")] {
        assert_eq!(journal.receipt(actor, operation, "k").await.expect("receipt"), None);
        let another = NewReceipt { actor: actor.into(), operation: operation.into(), ..receipt("k") };
        journal.append(request(&stream(), 0, another)).await.expect("another request");
    }
}

pub(crate) async fn a_retry_is_answered_though_the_stream_moved(store: &impl Store) {
    let journal = store.open().await;
    let one = stream();
    journal.append(request(&one, 0, receipt("k"))).await.expect("append");
    journal.append(append(vec![write(&one, 1, 5)])).await.expect("append");
    assert_eq!(told(journal.append(request(&one, 0, receipt("k"))).await), answer(1));
}

pub(crate) async fn a_key_wins_once_among_many(store: &impl Store) {
    let journal = store.open().await;
    let outcomes = join_all((0..40).map(|_| journal.append(request(&stream(), 0, receipt("k"))))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(told(outcome), answer(1));
    }
    assert_eq!(journal.head().await.expect("head"), Position(1));
}

pub(crate) async fn a_refusal_is_a_receipt_alone(store: &impl Store) {
    let journal = store.open().await;
    journal.append(append(vec![write(&stream(), 0, 2)])).await.expect("append");
    let refusal = Append { receipt: Some(receipt("k")), ..append(vec![]) };
    assert_eq!(journal.append(refusal.clone()).await.expect("append").position, Position(2));
    assert_eq!(told(journal.append(refusal).await), answer(2));
    assert_eq!(journal.head().await.expect("head"), Position(2));
}

pub(crate) async fn an_expired_receipt_is_forgotten(store: &impl Store) {
    let journal = store.open().await;
    let expired = NewReceipt { expires_at: Some(Utc::now() - TimeDelta::seconds(1)), ..receipt("k") };
    journal.append(request(&stream(), 0, expired)).await.expect("append");
    assert_eq!(journal.receipt("acc_1", "workshopPublish", "k").await.expect("receipt"), None);
    journal.append(request(&stream(), 0, receipt("k"))).await.expect("the key is free again");
    assert_eq!(journal.receipt("acc_1", "workshopPublish", "k").await.expect("receipt"), Some(answer(2)));
}

pub(crate) async fn expired_receipts_are_purged(store: &impl Store) {
    let journal = store.open().await;
    let forever = NewReceipt { expires_at: None, ..receipt("forever") };
    for receipt in [receipt("one"), receipt("two"), forever] {
        journal.append(request(&stream(), 0, receipt)).await.expect("append");
    }
    assert_eq!(journal.purge_receipts(Utc::now()).await.expect("purge"), 0);
    assert_eq!(journal.purge_receipts(Utc::now() + TimeDelta::hours(2)).await.expect("purge"), 2);
    assert_eq!(journal.receipt("acc_1", "workshopPublish", "one").await.expect("receipt"), None);
    assert_eq!(journal.receipt("acc_1", "workshopPublish", "forever").await.expect("receipt"), Some(answer(3)));
}
