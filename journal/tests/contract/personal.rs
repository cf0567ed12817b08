//! Personal values: sealed on their way in, opened with the vault.

use journal::{Append, JournalError, Position, seal, vault::VaultError};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Store,
    fixtures::{append, event, metadata, stream, write},
};

const CANARY: &str = "canary-4711-Zwölfboxkämpfer";

fn personal(subject: Uuid, value: &Value) -> Value {
    json!({ "$personal": { "subject": subject, "value": value } })
}

fn registration(subject: Uuid) -> Append {
    let mut write = write(&stream(), 0, 0);
    write.events.push(event(json!({
        "account": 1,
        "name": personal(subject, &json!({ "first": CANARY })),
        "contacts": [{ "mail": personal(subject, &json!(CANARY)) }],
    })));
    let mut append = append(vec![write]);
    append.metadata.address = Some(personal(subject, &json!(CANARY)));
    append
}

pub(crate) async fn personal_values_are_sealed_on_disk(store: &impl Store) {
    let journal = store.open().await;
    let request = registration(Uuid::now_v7());
    let visible = request.metadata.actor.clone();
    journal.append(request).await.expect("append");
    let bytes = store.stored_bytes().await;
    let contains = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(contains(&visible), "the bytes are not those of the journal");
    assert!(!contains(CANARY), "a personal value is readable on disk");
    assert!(!contains("canary-4711"), "a personal value is readable on disk");
}

pub(crate) async fn sealed_values_open_with_the_vault(store: &impl Store) {
    let journal = store.open().await;
    let subject = Uuid::now_v7();
    let request = registration(subject);
    let plain = (request.writes[0].events[0].payload.clone(), request.metadata.address.clone());
    journal.append(request).await.expect("append");
    let [read] = journal.read(Position(0), 1).await.expect("read").try_into().expect("one event");
    let mut payload = read.payload.to_value().expect("JSON");
    assert_eq!(payload["name"]["$personal"]["subject"], json!(subject));
    let text = payload["name"]["$personal"]["sealed"].as_str().expect("a sealed value");
    assert!(text.starts_with(&format!("v1.{}.", read.event_id.simple())));
    assert_eq!(payload["account"], json!(1));
    seal::open(&*store.vault(), &mut payload).await.expect("open");
    let mut address = read.metadata.address.expect("an address");
    seal::open(&*store.vault(), &mut address).await.expect("open");
    assert_eq!((payload, Some(address)), plain);
}

pub(crate) async fn an_erased_person_reads_as_erased(store: &impl Store) {
    let journal = store.open().await;
    let (gone, stays) = (Uuid::now_v7(), Uuid::now_v7());
    for subject in [gone, stays] {
        journal.append(registration(subject)).await.expect("append");
    }
    store.vault().erase_subject(gone).await.expect("erase");
    let mut payloads: Vec<_> =
        journal.read(Position(0), 2).await.expect("read").into_iter().map(|event| event.payload.to_value().expect("JSON")).collect();
    for payload in &mut payloads {
        seal::open(&*store.vault(), payload).await.expect("open");
    }
    assert_eq!(payloads[0]["name"], json!({ "$personal": { "subject": gone, "erased": true } }));
    assert_eq!(payloads[1]["contacts"][0]["mail"]["$personal"]["value"], json!(CANARY));
    assert_eq!(journal.verify(journal::Link::default(), 10).await.expect("history still verifies").position, Position(2));
}

pub(crate) async fn nothing_is_sealed_for_an_erased_person(store: &impl Store) {
    let journal = store.open().await;
    let subject = Uuid::now_v7();
    store.vault().erase_subject(subject).await.expect("erase");
    let refused = journal.append(registration(subject)).await;
    assert!(matches!(refused, Err(JournalError::Seal(VaultError::Erased(erased))) if erased == subject), "{refused:?}");
    assert_eq!(journal.head().await.expect("head"), Position(0));
}

pub(crate) async fn a_malformed_personal_value_is_refused(store: &impl Store) {
    let journal = store.open().await;
    let subject = Uuid::now_v7();
    let malformed = [
        json!({ "$personal": CANARY }),
        json!({ "$personal": { "value": CANARY } }),
        json!({ "$personal": { "subject": "nobody", "value": CANARY } }),
        json!({ "$personal": { "subject": subject } }),
        json!({ "$personal": { "subject": subject, "sealed": 1 } }),
    ];
    for payload in malformed {
        let mut write = write(&stream(), 0, 0);
        write.events.push(event(json!([payload])));
        let refused = journal.append(Append { metadata: metadata(), ..append(vec![write]) }).await;
        match refused {
            Err(JournalError::Malformed(message)) => assert!(!message.contains(CANARY)),
            other => panic!("expected a refusal, got {other:?}"),
        }
    }
}
