use domain::fact::Fact;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{AccountId, Because, RawEvent, plain, shown};

const ADA: AccountId = AccountId(Uuid::from_u128(1));

fn sealed(subject: u128) -> Value {
    json!({ "$personal": { "subject": Uuid::from_u128(subject), "sealed": "v1.abc" } })
}

fn raw(payload: &Value, metadata: &Value) -> RawEvent {
    RawEvent {
        position: 7,
        event_id: Uuid::from_u128(9).to_string(),
        aggregate_type: "account".into(),
        aggregate_id: ADA.0.to_string(),
        sequence: 1,
        event_type: "AccountRegistered".into(),
        event_version: "1".into(),
        payload: payload.to_string(),
        metadata: metadata.to_string(),
        recorded_at: 1_000_000,
        hash: vec![0; 32],
    }
}

fn read(event: &RawEvent) -> Fact {
    Fact::read(&event.aggregate_type, &event.event_type, 1, &event.payload).expect("readable")
}

#[test]
fn secrets_and_what_is_anothers_are_withheld_and_ones_own_is_left_to_be_opened() {
    let payload = json!({ "Registered": { "email": sealed(1), "display_name": sealed(2), "password": sealed(1), "roles": ["learner"] } });
    let metadata = json!({ "actor": "anonymous", "address": sealed(1).to_string() });
    let event = raw(&payload, &metadata);
    let fact = read(&event);
    let shown = shown(&event, Because::Own, &fact, ADA).expect("JSON");
    let fields = &shown["payload"]["Registered"];
    assert_eq!(fields["password"], json!({ "$withheld": "a secret" }));
    assert_eq!(fields["display_name"], json!({ "$withheld": "another person's" }));
    assert_eq!((&fields["email"], &fields["roles"]), (&sealed(1), &json!(["learner"])));
    assert_eq!((&shown["address"], &shown["because"]), (&sealed(1), &json!("own")));
    assert_eq!(shown["recordedAt"], "1970-01-01T00:00:01Z");
}

#[test]
fn of_what_this_build_does_not_know_nothing_is_shown_but_that_it_is_there() {
    let event = raw(&json!({ "Renewed": { "secret": "s3cret" } }), &json!({ "actor": "anonymous" }));
    let shown = shown(&event, Because::Own, &Fact::Unknown, ADA).expect("JSON");
    assert_eq!(shown["payload"], json!({ "$withheld": "a newer version's" }));
}

#[test]
fn what_was_opened_stands_by_itself() {
    let value = |inner: Value| json!({ "deep": [{ "$personal": inner }] });
    for (inner, expected) in [
        (json!({ "subject": ADA, "value": "ada" }), json!("ada")),
        (json!({ "subject": ADA, "value": { "a": 1 } }), json!({ "a": 1 })),
        (json!({ "subject": ADA, "erased": true }), json!({ "$withheld": "erased" })),
    ] {
        let mut opened = value(inner);
        plain(&mut opened);
        assert_eq!(opened, json!({ "deep": [expected] }));
    }
}
