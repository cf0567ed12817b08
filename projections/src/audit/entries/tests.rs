use domain::{
    identity::{account::AccountEvent, sign_in::SignInEvent},
    kernel::AccountId,
};

use super::*;
use crate::{
    audit::subjects,
    fixtures::{id, origin, recorded, rows},
    read_model::Origin,
};

fn note() -> Note {
    Note {
        entry: id(99),
        at: crate::fixtures::second(1),
        actor: "anonymous".into(),
        via: None,
        on_behalf_of: None,
        operation: "signIn".into(),
        verdict: Verdict::Refused,
        reason: Some("CREDENTIALS_WRONG".into()),
        subjects: vec!["acc_00000000000000000000000000000001".into(), "nothing".into()],
        correlation: id(98),
        address: None,
        address_digest: Some("0f".into()),
        user_agent: None,
        times: 3,
    }
}

#[test]
fn all_events_of_a_command_are_one_entry() {
    let command = Origin { operation: Some("accountErase".into()), ..origin(1) };
    let event =
        |position| Recorded { origin: command.clone(), ..recorded(position, id(7), AccountEvent::Erased { by: None, reason: None }) };
    let events = [event(1), event(2), recorded(3, id(7), AccountEvent::Reinstated { by: None })];
    let entries = rows(&Entity, &events);
    assert_eq!(entries.len(), 2);
    assert_eq!((entries[0].position, entries[0].last_position, entries[0].events), (1, 2, 2));
    assert_eq!((entries[0].action.as_str(), entries[0].verdict), ("accountErase", Word(Verdict::Accepted)));
    assert_eq!(entries[0].subject.as_deref(), Some("acc_00000000000000000000000000000007"));
    assert_eq!(entries[1].action, "AccountReinstated", "an older build did not say what was asked for");
    assert_eq!(rows(&subjects::Entity, &events).len(), 2);
}

#[test]
fn a_refresh_token_that_came_again_was_refused() {
    let command = Origin { operation: Some("tokenRefresh".into()), ..origin(1) };
    let of_command = |position, event: SignInEvent| Recorded { origin: command.clone(), ..recorded(position, id(7), event) };
    let account = AccountId(id(9));
    let events = [of_command(1, SignInEvent::TokenReused { account, generation: 2 }), of_command(2, SignInEvent::Closed { account })];
    let entry = rows(&Entity, &events).pop().expect("an entry");
    assert_eq!((entry.verdict, entry.reason.as_deref(), entry.events), (Word(Verdict::Refused), Some("REFRESH_TOKEN_REUSED"), 2));
    assert_eq!(entry.subject.as_deref(), Some("acc_00000000000000000000000000000009"));
    let about = rows(&subjects::Entity, &events);
    assert!(about.iter().any(|link| (link.subject, link.verdict) == (id(9), Word(Verdict::Refused))), "{about:?}");
}

#[test]
fn a_note_is_an_entry_as_it_was_put_down() {
    let event = [recorded(5, id(1), TrailEvent::Noted(Box::new(note())))];
    let entry = rows(&Entity, &event).pop().expect("an entry");
    assert_eq!((entry.entry, entry.position, entry.events, entry.times), (id(99), 5, 0, 3));
    assert_eq!(
        (entry.verdict, entry.reason.as_deref(), entry.actor.as_str()),
        (Word(Verdict::Refused), Some("CREDENTIALS_WRONG"), "anonymous")
    );
    let [about] = &rows(&subjects::Entity, &event)[..] else { panic!("what is no id is about nothing") };
    assert_eq!((about.subject, about.entry, about.position), (id(1), id(99), 5));
    assert_eq!((about.actor.as_str(), about.action.as_deref(), about.verdict), (&*entry.actor, Some(&*entry.action), entry.verdict));
}
