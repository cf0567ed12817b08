use serde_json::{Value, json};
use uuid::Uuid;

use super::{AccountId, Because, RawEvent, Scan};

const ADA: AccountId = AccountId(Uuid::from_u128(0xada));
const BOB: AccountId = AccountId(Uuid::from_u128(0xb0b));
const STREAM: Uuid = Uuid::from_u128(0x57);

fn event(kind: &str, name: &str, stream: Uuid, payload: &Value, actor: AccountId) -> RawEvent {
    RawEvent {
        position: 1,
        event_id: Uuid::nil().to_string(),
        aggregate_type: kind.into(),
        aggregate_id: stream.to_string(),
        sequence: 1,
        event_type: name.into(),
        event_version: "1".into(),
        payload: payload.to_string(),
        metadata: json!({ "actor": actor.to_string() }).to_string(),
        recorded_at: 0,
        hash: vec![],
    }
}

fn because(scan: &mut Scan, event: &RawEvent) -> Option<Because> {
    scan.look(event).expect("readable").map(|(because, _)| because)
}

#[test]
fn what_follows_in_a_persons_stream_is_theirs_though_it_names_nobody() {
    let mut scan = Scan::of(ADA);
    let started = |learner: AccountId, author: AccountId| {
        let times = "2026-01-01T00:00:00Z";
        json!({ "Started": { "learner": learner, "workshop": STREAM, "author": author, "version": 1, "content": "0".repeat(64), "title": "T",
            "order": "sequential", "steps": [], "completion_points": 0, "environment": null, "started_at": times, "expires_at": times } })
    };
    let answered = json!({ "StepAnswered": { "step": "one", "attempt": 1, "choices": [1], "correct": true } });
    let (hers, his) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert_eq!(because(&mut scan, &event("session", "StepAnswered", hers, &answered, BOB)), None, "nothing is known of it yet");
    assert_eq!(because(&mut scan, &event("session", "SessionStarted", hers, &started(ADA, BOB), BOB)), Some(Because::Own));
    assert_eq!(because(&mut scan, &event("session", "StepAnswered", hers, &answered, BOB)), Some(Because::Own));
    // Ada wrote the workshop; that Bob learns from it is his.
    assert_eq!(because(&mut scan, &event("session", "SessionStarted", his, &started(BOB, ADA), BOB)), None);
    assert_eq!(because(&mut scan, &event("session", "StepAnswered", his, &answered, BOB)), None);
    assert_eq!(because(&mut scan, &event("session", "StepAnswered", his, &answered, ADA)), Some(Because::Acted));
    assert_eq!(scan.streams("session").collect::<Vec<_>>(), [hers]);
}

#[test]
fn an_address_that_was_given_up_is_nobodys() {
    let mut scan = Scan::of(ADA);
    let claim =
        |name: &str, whose: AccountId| event("email_claim", &format!("Email{name}"), STREAM, &json!({ name: { "account": whose } }), BOB);
    let asked = event("email_claim", "PasswordResetAsked", STREAM, &json!({ "ResetAsked": { "language": null } }), BOB);
    assert_eq!(because(&mut scan, &claim("Claimed", ADA)), Some(Because::Own));
    assert_eq!(because(&mut scan, &asked), Some(Because::Own));
    assert_eq!(because(&mut scan, &claim("Released", ADA)), Some(Because::Named));
    assert_eq!(because(&mut scan, &asked), None);
    assert_eq!(because(&mut scan, &claim("Claimed", BOB)), None);
}

#[test]
fn what_names_somebody_in_a_stream_of_others_is_about_them() {
    let mut scan = Scan::of(ADA);
    let appointed = |whose: AccountId| json!({ "SuperAdministratorAppointed": { "account": whose } });
    let book = |payload: &Value, actor| event("role_book", "SuperAdministratorAppointed", Uuid::from_u128(1), payload, actor);
    assert_eq!(because(&mut scan, &book(&appointed(ADA), BOB)), Some(Because::Named));
    assert_eq!(because(&mut scan, &book(&appointed(BOB), ADA)), Some(Because::Acted));
    assert_eq!(because(&mut scan, &book(&appointed(BOB), BOB)), None);
}
