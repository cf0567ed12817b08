//! What is known of a person is put together from events. Each that holds a personal value or an account's id must be placed: this goes
//! through all that are stored, so that a new one is either found by whoever puts it together, or fails here.

use std::collections::BTreeSet;

use domain::{fact::Fact, subject::Subject};
use serde_json::Value;
use uuid::Uuid;

use super::{Fixture, fixtures, version};

/// Personal values that their owner is shown: the stored event's name, and where in it.
const SHOWN: [&str; 28] = [
    "AccessTokenCreated name",
    "AccountRegistered display_name",
    "AccountRegistered email",
    "AccountRenamed display_name",
    "AuditNoted address",
    "BackupPhoneNamed number",
    "EmailChangeRequested email",
    "EmailChangeReverted taken",
    "EmailChanged before",
    "EmailChanged email",
    "MailQueued to",
    "PasskeyRegistered passkey.credential",
    "PasskeyRegistered passkey.name",
    "ProviderLinked shown",
    "RegistrantInvited email",
    "RegistrantRegistered details.answers",
    "RegistrantRegistered details.attendees",
    "RegistrantRegistered details.email",
    "RegistrantRegistered details.name",
    "RegistrantReplaced details.answers",
    "RegistrantReplaced details.attendees",
    "RegistrantReplaced details.email",
    "RegistrantReplaced details.name",
    "SignInFoundUnusual sighting",
    "SignInFoundUnusual too_far_from",
    "SignInSeen sighting",
    "StepCheckFailed result.output",
    "StepCheckPassed result.output",
];

/// Fields that hold accounts' ids.
const ACCOUNTS: [&str; 10] =
    ["account", "author", "by", "creator", "founder", "instructor_account", "learner", "organiser", "subject", "owner"];

/// A value with the names that lead to it.
fn walk<'v>(value: &'v Value, path: &mut Vec<String>, see: &mut impl FnMut(&[String], &'v Value)) {
    see(path, value);
    let mut deeper = |name: String, value: &'v Value, path: &mut Vec<String>| {
        path.push(name);
        walk(value, path, see);
        path.pop();
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| deeper(name.clone(), field, path)),
        Value::Array(items) => items.iter().for_each(|item| deeper("*".to_owned(), item, path)),
        _ => {}
    }
}

fn fact(file: &str, Fixture { stream, payload }: &Fixture) -> Fact {
    let (name, version) = version(file);
    Fact::read(stream, name, version, &payload.to_string()).expect("readable")
}

#[test]
fn each_personal_value_is_either_shown_to_its_owner_or_a_secret() {
    let mut found = BTreeSet::new();
    for (file, fixture) in fixtures() {
        let secrets = fact(&file, &fixture).secrets();
        walk(&fixture.payload, &mut vec![], &mut |path, value| {
            if value.get("$personal").is_none() {
                return;
            }
            // The first name is that of the variant.
            let place = path[1..].join(".");
            if !secrets.contains(&place.as_str()) {
                found.insert(format!("{} {place}", version(&file).0));
            }
        });
    }
    let shown: BTreeSet<_> = SHOWN.into_iter().map(str::to_owned).collect();
    assert_eq!(found, shown, "what is shown to its owner, and is not a secret of `Fact::secrets`");
}

#[test]
fn each_event_with_a_personal_value_belongs_to_somebodys_stream() {
    let all = fixtures();
    let owned: BTreeSet<&str> = all
        .iter()
        .filter(|(file, fixture)| matches!(fact(file, fixture).subject(Uuid::from_u128(1)), Subject::Person(_)))
        .map(|(_, fixture)| fixture.stream.as_str())
        .collect();
    for (file, fixture) in &all {
        let personal = fixture.payload.to_string().contains("$personal");
        assert!(!personal || owned.contains(fixture.stream.as_str()), "{file}: whose stream is it?");
    }
}

#[test]
fn accounts_are_named_in_fields_that_are_known() {
    let all = fixtures();
    let mut accounts = BTreeSet::new();
    for (_, fixture) in &all {
        walk(&fixture.payload, &mut vec![], &mut |path, value| {
            if let (Some(name), Some(id)) = (path.last(), value.as_str().and_then(|text| Uuid::try_parse(text).ok()))
                && ACCOUNTS.contains(&name.as_str())
            {
                accounts.insert(id);
            }
        });
    }
    assert!(accounts.len() >= 2, "{accounts:?}");
    for (file, fixture) in &all {
        walk(&fixture.payload, &mut vec![], &mut |path, value| {
            let id = value.as_str().and_then(|text| Uuid::try_parse(text).ok());
            let named = path.last().is_some_and(|name| ACCOUNTS.contains(&name.as_str()));
            assert!(id.is_none_or(|id| named || !accounts.contains(&id)), "{file}: {path:?} holds an account's id");
        });
    }
}

#[test]
fn a_secret_is_a_field_of_its_event() {
    for (file, fixture) in fixtures() {
        let secrets = fact(&file, &fixture).secrets();
        let fields = fixture.payload.as_object().and_then(|variant| variant.values().next()).cloned().unwrap_or_default();
        for secret in secrets {
            assert!(fields.get(*secret).is_some(), "{file}: there is no {secret}");
        }
    }
}
