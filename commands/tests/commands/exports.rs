//! All that is known of a person.

use std::{collections::BTreeSet, fs, path::Path};

use chrono::TimeDelta;
use commands::{
    Fault, Outcome, Request,
    identity::{AccountExport, OfferedExport},
};
use domain::{
    fact::Fact,
    identity::{IdentityRejection as No, Role},
    kernel::AccountId,
    subject::Subject,
};
use journal::{Append, NewEvent, StreamId, StreamWrite};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{
    access_tokens::{create, with},
    platform::{PASSWORD, Platform, accepted, account, anonymous, author, fault, pass, rejected},
    sign_ins::sign_in,
    texts::reading,
};

const EMAIL: &str = "ada@example.org";
const REASON: Option<&str> = Some("asked for by letter");

async fn offer(platform: &Platform, by: &Request, whose: AccountId, reason: Option<&str>) -> Result<Outcome<OfferedExport, No>, Fault> {
    platform.commands.identity.offer_export(by, whose, reason).await
}

async fn fetch(platform: &Platform, token: &SecretString) -> Result<Outcome<AccountExport, No>, Fault> {
    platform.commands.identity.fetch_export(&anonymous(), token).await
}

/// The document, and how many pieces it came in.
async fn read(export: &AccountExport) -> (String, usize) {
    let (to, mut from) = mpsc::channel(1);
    let collect = async {
        let mut pieces = Vec::new();
        while let Some(piece) = from.recv().await {
            pieces.push(piece);
        }
        pieces
    };
    let (written, pieces) = tokio::join!(export.write(to), collect);
    written.expect("written");
    (String::from_utf8(pieces.concat()).expect("text"), pieces.len())
}

async fn exported(platform: &Platform, by: &Request, whose: AccountId) -> (String, Value) {
    let reason = REASON.filter(|_| by.actor.account() != Some(whose));
    let offered = accepted(offer(platform, by, whose, reason).await);
    let (text, _) = read(&accepted(fetch(platform, &offered.token).await)).await;
    let document = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    (text, document)
}

#[tokio::test]
async fn a_person_has_all_that_is_known_of_them_with_their_values_in_the_clear_and_no_secrets() {
    let platform = Platform::init().await;
    let ada = platform.signed_in(EMAIL, &[Role::Author]).await;
    let bob = platform.signed_in("bob@example.org", &[]).await;
    let token = accepted(create(&platform, &ada, &["session:take"]).await).token;
    with(&platform, &token).await.expect("good");
    let workshop = platform.published(&author(), "docker", &reading("Docker")).await;
    let session = accepted(platform.commands.learning.start(&ada, workshop, false).await);
    accepted(platform.commands.learning.complete(&ada, session, "one").await);
    let own = platform.published(&ada, "pipes", &reading("Pipes")).await;
    accepted(platform.commands.learning.start(&bob, own, false).await);
    let (text, document) = exported(&platform, &ada, account(&ada)).await;
    assert_eq!((&document["format"], &document["complete"]), (&json!("nalabo-account-export/1"), &json!(true)));
    let profile = &document["profile"];
    assert_eq!((&profile["email"], &profile["displayName"]), (&json!(EMAIL), &json!("Ada Lovelace")));
    assert_eq!(profile["roles"], json!([{ "role": "learner", "until": null }, { "role": "author", "until": null }]));
    assert_eq!(document["signIns"].as_array().expect("a list").len(), 1);
    let tokens = &document["accessTokens"][0];
    assert_eq!((&tokens["name"], tokens["lastUsedAt"].is_string()), (&json!("my pipeline"), true));
    assert_eq!((&document["sessions"][0]["title"], &document["sessions"][1]), (&json!("Docker"), &Value::Null));
    let written = &document["workshops"][0];
    let contents = written["contents"].as_object().expect("contents");
    assert_eq!((&written["slug"], contents.values().next().expect("one")["title"].as_str()), (&json!("pipes"), Some("Pipes")));
    let types: BTreeSet<_> = document["events"].as_array().expect("events").iter().map(|event| event["type"].as_str()).collect();
    for name in ["EmailClaimed", "AccountRegistered", "SignedIn", "AccessTokenCreated", "SessionStarted", "StepCompleted", "DeskTaken"] {
        assert!(types.contains(&Some(name)), "{name} is not among {types:?}");
    }
    assert!(types.contains(&Some("AccountExportRequested")), "that it was asked for is known, too");
    for secret in ["argon2", token.expose_secret(), "bob@example.org", &account(&bob).to_string(), "sealed"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test]
async fn it_is_fetched_once_in_time_and_by_whoever_may_still_have_it() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in(EMAIL, &[]).await;
    let owner = platform.signed_in("owner@example.org", &[Role::SuperAdministrator]).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let token = accepted(offer(&platform, &ada, account(&ada), None).await).token;
    for made_up in ["", "nlb_exp_", "nlb_exp_AAAA", &token.expose_secret()[..60]] {
        assert_eq!(rejected(fetch(&platform, &made_up.into()).await), No::ExportInvalid, "{made_up}");
    }
    accepted(fetch(&platform, &token).await);
    assert_eq!(rejected(fetch(&platform, &token).await), No::ExportInvalid);
    let there = crate::sign_ins::request(&accepted(sign_in(&platform, EMAIL, PASSWORD).await));
    let ended = accepted(offer(&platform, &there, account(&ada), None).await).token;
    accepted(identity.sign_out(&there).await);
    assert_eq!(rejected(fetch(&platform, &ended).await), No::ExportInvalid, "the sign-in has ended by which it was asked for");
    let late = accepted(offer(&platform, &ada, account(&ada), None).await).token;
    let taken_away = accepted(offer(&platform, &root, account(&ada), REASON).await).token;
    let gone = accepted(offer(&platform, &owner, account(&ada), REASON).await).token;
    accepted(identity.revoke_role(&owner, account(&root), Role::Administrator.into()).await);
    assert_eq!(rejected(fetch(&platform, &taken_away).await), No::ExportInvalid, "no administrator any more");
    pass(TimeDelta::minutes(10));
    assert_eq!(rejected(fetch(&platform, &late).await), No::ExportInvalid);
    assert_eq!(rejected(fetch(&platform, &gone).await), No::ExportInvalid);
    assert_eq!(platform.named("AccountExportFetched").await.len(), 1);
    let stored: String = platform.events().await.into_iter().map(|event| event.payload.as_str().to_owned()).collect();
    assert!(!stored.contains("nlb_exp_"), "{stored}");
}

#[tokio::test]
async fn of_many_who_come_with_one_token_at_once_one_has_it() {
    let platform = Platform::init().await;
    let ada = platform.signed_in(EMAIL, &[]).await;
    let token = accepted(offer(&platform, &ada, account(&ada), None).await).token;
    let all = futures_util::future::join_all((0..20).map(|_| fetch(&platform, &token))).await;
    assert_eq!(all.into_iter().filter(|outcome| matches!(outcome, Ok(Outcome::Accepted(_)))).count(), 1);
}

#[tokio::test]
async fn somebody_elses_is_for_administrators_who_hold_as_much_and_say_why() {
    let platform = Platform::init().await;
    let ada = platform.signed_in(EMAIL, &[]).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let owner = platform.signed_in("owner@example.org", &[Role::SuperAdministrator]).await;
    assert!(matches!(fault(offer(&platform, &ada, account(&root), REASON).await), Fault::Forbidden));
    assert!(matches!(fault(offer(&platform, &anonymous(), account(&ada), REASON).await), Fault::Unauthenticated));
    assert_eq!(rejected(offer(&platform, &root, account(&ada), None).await), No::ReasonRequired);
    assert_eq!(rejected(offer(&platform, &root, account(&ada), Some(" ")).await), No::ReasonInvalid);
    assert_eq!(rejected(offer(&platform, &root, account(&owner), REASON).await), No::MoreThanHeld);
    assert_eq!(rejected(offer(&platform, &root, AccountId(Uuid::now_v7()), REASON).await), No::NotFound);
    let (_, document) = exported(&platform, &root, account(&ada)).await;
    assert_eq!(document["requestedBy"], account(&root).to_string());
    let requested = platform.named("AccountExportRequested").await.pop().expect("an event");
    assert_eq!(requested.payload.to_value().expect("JSON")["Requested"]["reason"], "asked for by letter");
    pass(TimeDelta::minutes(11));
    assert!(matches!(fault(offer(&platform, &ada, account(&ada), None).await), Fault::StepUpRequired));
}

#[tokio::test]
async fn it_breaks_off_when_its_reader_goes_and_comes_in_pieces() {
    let platform = Platform::init().await;
    let ada = platform.signed_in(EMAIL, &[]).await;
    for _ in 0..300 {
        accepted(sign_in(&platform, EMAIL, PASSWORD).await);
    }
    let token = accepted(offer(&platform, &ada, account(&ada), None).await).token;
    let (text, pieces) = read(&accepted(fetch(&platform, &token).await)).await;
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["signIns"].as_array().expect("a list").len(), 301);
    assert!(pieces > 1 && pieces >= text.len() / (130 << 10), "{pieces} pieces of {} bytes", text.len());
    let token = accepted(offer(&platform, &ada, account(&ada), None).await).token;
    let export = accepted(fetch(&platform, &token).await);
    let (to, from) = mpsc::channel(1);
    drop(from);
    export.write(to).await.expect_err("nobody reads it");
}

/// An event as it is stored, with what goes with it in this test.
struct Stored {
    kind: &'static str,
    event: NewEvent,
    fact: Fact,
    /// Whether it names somebody, or has a personal value.
    names: bool,
}

/// All events that are stored, with Ada in the place of everybody, and her values in the clear.
fn stored(ada: AccountId) -> Vec<Stored> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/tests/golden");
    let everybody = ["0192f0c1-2233-7abc-8def-000000000001", "0192f0c1-2233-7abc-8def-000000000002"];
    let mut files: Vec<_> = fs::read_dir(folder).expect("fixtures").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let of = |path: &std::path::PathBuf| {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let (name, version) = name.rsplit_once(".v").expect("a version");
        let text = fs::read_to_string(path).expect("text");
        let names = everybody.iter().any(|id| text.contains(id)) || text.contains("$personal");
        let text = everybody.iter().fold(text, |text, id| text.replace(id, &ada.0.to_string()));
        let mut fixture: Value = serde_json::from_str(&text).expect("JSON");
        let version = version.parse().expect("a number");
        let kind: &'static str = fixture["stream"].as_str().expect("a kind").to_owned().leak();
        let fact = Fact::read(kind, name, version, &fixture["payload"].to_string()).expect("readable");
        clear(&mut fixture["payload"], name);
        let event = NewEvent { id: Uuid::now_v7(), name: name.to_owned(), version, payload: fixture["payload"].take() };
        Stored { kind, event, fact, names }
    };
    let mut all: Vec<_> = files.iter().map(of).collect();
    // What makes a stream somebody's comes first, what makes it nobody's last.
    all.sort_by_key(|stored| match stored.fact.subject(ada.0) {
        Subject::Person(_) => 0,
        Subject::Unchanged => 1,
        Subject::Nobody => 2,
    });
    all
}

/// Puts a value that can be told again in the place of each that is sealed.
fn clear(value: &mut Value, event: &str) {
    if let Some(personal) = value.get_mut("$personal").and_then(Value::as_object_mut) {
        personal.remove("sealed");
        personal.insert("value".into(), format!("a value of {event}").into());
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| clear(item, event)),
        Value::Object(fields) => fields.values_mut().for_each(|field| clear(field, event)),
        _ => {}
    }
}

#[tokio::test]
async fn each_kind_of_event_that_names_somebody_or_holds_a_value_of_theirs_is_in_it() {
    let platform = Platform::init().await;
    let ada = platform.signed_in(EMAIL, &[]).await;
    let all = stored(account(&ada));
    let owned: BTreeSet<_> =
        all.iter().filter(|stored| matches!(stored.fact.subject(Uuid::nil()), Subject::Person(_))).map(|stored| stored.kind).collect();
    let metadata = platform.events().await.remove(0).metadata;
    let other = Uuid::now_v7();
    let (mut expected, mut secrets, mut shown) = (vec![], vec![], vec![]);
    for Stored { kind, event, fact, names } in all {
        // Whoever was erased has nothing left to be put together: that she erased somebody is hers as well.
        let is_end = event.name == "AccountErased";
        let id = if is_end { other } else { account(&ada).0 };
        let stream = StreamId::new(kind, id);
        let before = platform.journal.load(&stream, 0).await.expect("readable").len();
        if names || owned.contains(kind) {
            expected.push((event.id.to_string(), event.name.clone()));
        }
        let value = format!("a value of {}", event.name);
        if event.payload.to_string().contains(&value) {
            if fact.secrets().is_empty() { shown.push(value) } else { secrets.push((value, fact.secrets())) }
        }
        let write = StreamWrite { stream, expected: i64::try_from(before).expect("few"), events: vec![event] };
        let append = Append { writes: vec![write], metadata: metadata.clone(), receipt: None, fence: None };
        platform.journal.append(append).await.expect("appended");
    }
    // By now she is suspended, among other things.
    let (text, document) = exported(&platform, &Request::system("test"), account(&ada)).await;
    for (id, name) in expected {
        assert!(document["events"].as_array().expect("events").iter().any(|event| event["id"] == id), "{name} is missing");
    }
    assert!(shown.len() >= 7, "{shown:?}");
    for value in shown {
        assert!(text.contains(&value), "{value} is missing");
    }
    // Of an event that has both, the other values are shown.
    for (value, fields) in secrets {
        let event = value.trim_start_matches("a value of ");
        let found = document["events"].as_array().expect("events").iter().filter(|found| found["type"] == event);
        for found in found {
            let payload = found["payload"].as_object().expect("a variant").values().next().expect("fields");
            for field in fields {
                assert_eq!(payload[*field], json!({ "$withheld": "a secret" }), "{event}");
            }
        }
    }
}

#[tokio::test]
async fn who_asked_is_known_until_it_is_fetched() {
    let platform = Platform::init().await;
    let ada = platform.signed_in(EMAIL, &[]).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let asked_by = async |token: &SecretString| platform.commands.identity.export_asked_by(token).await.expect("looked up");
    for (by, reason) in [(&ada, None), (&root, REASON)] {
        let token = accepted(offer(&platform, by, account(&ada), reason).await).token;
        assert_eq!(asked_by(&token).await, Some(account(by)));
        assert_eq!(asked_by(&token).await, Some(account(by)), "it is not used up");
        accepted(fetch(&platform, &token).await);
        assert_eq!(asked_by(&token).await, None);
    }
    for wrong in ["", "nlb_exp_", "nlb_exp_AAAA"] {
        assert_eq!(asked_by(&wrong.into()).await, None, "{wrong}");
    }
}
