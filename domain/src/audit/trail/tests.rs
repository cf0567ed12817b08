use uuid::Uuid;

use super::*;
use crate::given;

fn note() -> Note {
    Note {
        entry: Uuid::from_u128(1),
        at: "2026-01-02T03:04:05Z".parse().expect("an instant"),
        actor: "anonymous".into(),
        via: None,
        on_behalf_of: None,
        operation: "signIn".into(),
        verdict: Verdict::Refused,
        reason: Some("CREDENTIALS_WRONG".into()),
        subjects: vec![],
        correlation: Uuid::from_u128(2),
        address: None,
        address_digest: None,
        user_agent: None,
        times: 1,
    }
}

#[test]
fn notes_are_written_as_they_are_and_once() {
    let (first, second) = (Box::new(note()), Box::new(Note { entry: Uuid::from_u128(3), ..note() }));
    let write = || TrailCommand::Write(vec![first.clone(), second.clone()]);
    let events = vec![TrailEvent::Noted(first.clone()), TrailEvent::Noted(second.clone())];
    assert_eq!(Trail::default().decide(write(), note().at), Ok(events.clone()));
    assert_eq!(given::<Trail>(events).decide(write(), note().at), Ok(vec![]));
}

#[test]
fn a_note_says_nothing_of_what_is_not_there_and_how_often_only_if_it_stands_for_several() {
    let json = |note: Note| serde_json::to_value(note).expect("JSON");
    let one = json(note());
    let absent = ["via", "on_behalf_of", "subjects", "address", "address_digest", "user_agent", "times"];
    assert!(absent.iter().all(|name| one.get(name).is_none()), "{one}");
    let many = json(Note { times: 7, ..note() });
    assert_eq!((&many["times"], serde_json::from_value::<Note>(one).expect("a note").times), (&serde_json::json!(7), 1));
}
