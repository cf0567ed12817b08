//! What events tell of who asked, and notes of what left none.

use commands::{
    Request,
    audit::{Deed, digests_since},
};
use serde_json::{Value, json};

use crate::platform::{Platform, accepted, account, anonymous, now};

const ADDRESS: &str = "192.0.2.7";

fn from_there(request: Request) -> Request {
    Request { address: Some(ADDRESS.into()), user_agent: Some("curl/8".into()), ..request }
}

async fn notes(platform: &Platform) -> Vec<Value> {
    platform.commands.audit.settle().await.expect("written");
    let events = platform.named("AuditNoted").await;
    events.iter().map(|event| event.payload.to_value().expect("JSON")["Noted"].clone()).collect()
}

#[tokio::test]
async fn events_tell_what_was_asked_for_and_a_digest_of_from_where() {
    let platform = Platform::init().await;
    let ada = from_there(platform.signed_in("ada@example.org", &[]).await);
    let before = platform.events().await.len();
    accepted(platform.commands.identity.sign_out_everywhere(&ada).await);
    let event = platform.events().await[before].clone();
    assert_eq!(event.metadata.operation.as_deref(), Some("signOut"));
    let digests = digests_since(&*platform.vault, ADDRESS, now(), now()).await.expect("digests");
    assert_eq!(event.metadata.address_digest.as_ref(), digests.first());
    assert!(!serde_json::to_string(&event.metadata).expect("JSON").contains(ADDRESS), "nowhere in the clear");
}

#[tokio::test]
async fn what_is_recorded_is_in_the_journal_and_what_is_noted_comes_to_be() {
    let platform = Platform::init().await;
    let ada = from_there(platform.signed_in("ada@example.org", &[]).await);
    let audit = &platform.commands.audit;
    let subject = account(&ada).to_string();
    audit.record(&ada, Deed::refused("roleGrant", "FORBIDDEN", vec![subject.clone()])).await.expect("written");
    assert_eq!(platform.named("AuditNoted").await.len(), 1, "before it is answered");
    audit.note(&from_there(anonymous()), Deed::refused("signIn", "CREDENTIALS_WRONG", vec![])).await.expect("noted");
    let notes = notes(&platform).await;
    assert_eq!((notes.len(), &notes[0]["actor"], &notes[0]["verdict"]), (2, &Value::from(subject), &Value::from("refused")));
    assert_eq!(notes[0]["address_digest"], notes[1]["address_digest"]);
    assert!(notes[0]["address"]["$personal"]["sealed"].is_string() && notes[1].get("address").is_none(), "nobody's is sealed for nobody");
    let text = serde_json::to_string(&notes).expect("JSON");
    assert!(!text.contains(ADDRESS) && !text.contains("curl"), "{text}");
}

#[tokio::test]
async fn of_more_than_a_minutes_worth_one_note_tells_how_many() {
    let platform = Platform::init().await;
    for _ in 0..100 {
        platform.commands.audit.note(&from_there(anonymous()), Deed::refused("signIn", "CREDENTIALS_WRONG", vec![])).await.expect("noted");
    }
    let notes = notes(&platform).await;
    let last = notes.last().expect("notes");
    assert_eq!((notes.len(), &last["times"]), (61, &Value::from(40)));
}

#[tokio::test]
async fn what_is_sensitive_is_in_the_journal_before_it_is_answered_however_often_somebody_was_refused() {
    let platform = Platform::init().await;
    let ada = from_there(platform.signed_in("ada@example.org", &[]).await);
    let audit = &platform.commands.audit;
    for _ in 0..70 {
        audit.note(&ada, Deed::refused("roleGrant", "FORBIDDEN", vec![])).await.expect("noted");
    }
    audit.note(&ada, Deed::refused("roleRevoke", "FORBIDDEN", vec![])).await.expect("noted");
    let read = |number: u128| format!("acc_{number:032x}");
    for number in 1..=100 {
        audit.record(&ada, Deed::accepted("account", vec![read(number)])).await.expect("written");
        let last = platform.named("AuditNoted").await.pop().expect("a note");
        let note = last.payload.to_value().expect("JSON")["Noted"].clone();
        assert_eq!((&note["operation"], &note["subjects"]), (&json!("account"), &json!([read(number)])));
    }
    let notes = notes(&platform).await;
    assert_eq!(notes.len(), 60 + 100 + 2);
    let told: Vec<_> = notes[160..].iter().map(|note| (&note["operation"], note.get("times"))).collect();
    assert_eq!(told, [(&json!("roleGrant"), Some(&json!(10))), (&json!("roleRevoke"), None)], "one by itself is not a summary");
}

#[tokio::test]
async fn a_note_about_somebody_who_was_erased_meanwhile_is_written_without_what_is_personal() {
    let platform = Platform::init().await;
    let ada = from_there(platform.signed_in("ada@example.org", &[]).await);
    accepted(platform.commands.identity.erase(&ada, account(&ada), None).await);
    platform.commands.audit.record(&ada, Deed::accepted("events", vec![])).await.expect("written");
    let notes = notes(&platform).await;
    assert!(notes[0].get("address").is_none() && notes[0].get("user_agent").is_none(), "{notes:?}");
    assert!(notes[0]["address_digest"].is_string());
}
