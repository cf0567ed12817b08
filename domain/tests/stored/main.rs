//! Stored events never change their meaning: each has a fixture, `golden/<EventName>.v<version>.json`, that was stored
//! by the build that introduced it and is read by every build since.

mod additions;
mod rejections;
mod states;
mod subjects;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use domain::{
    Decider, Event,
    audit::trail::{Trail, TrailEvent},
    booking::{
        programme::{Programme, ProgrammeEvent},
        registrant::{Registrant, RegistrantEvent},
        run::{Run, RunEvent},
    },
    communities::{
        circle::{Circle, CircleEvent},
        community::{Community, CommunityEvent},
    },
    environments::{
        cluster::{Cluster, ClusterEvent},
        environment::{Environment, EnvironmentEvent},
        pool::{Pool, PoolEvent},
        roster::{Roster, RosterEvent},
    },
    fact::Fact,
    gamification::scorecard::{Scorecard, ScorecardEvent},
    identity::{
        access_token::{AccessToken, AccessTokenEvent},
        account::{Account, AccountEvent},
        backup_factor::{BackupFactor, BackupFactorEvent},
        contact::{Contact, ContactEvent},
        email_claim::{EmailClaim, EmailClaimEvent},
        export::{Export, ExportEvent},
        legal_hold::{LegalHold, LegalHoldEvent},
        mail::{Mail, MailEvent},
        membership::{Membership, MembershipEvent},
        plan_book::{PlanBook, PlanBookEvent},
        provider_claim::{ProviderClaim, ProviderClaimEvent},
        role_book::{RoleBook, RoleBookEvent},
        second_factor::{SecondFactor, SecondFactorEvent},
        service_account::{ServiceAccount, ServiceAccountEvent},
        sign_in::{SignIn, SignInEvent},
        ways_in::{WaysIn, WaysInEvent},
        whereabouts::{Whereabouts, WhereaboutsEvent},
    },
    learning::{
        desk::{Desk, DeskEvent},
        session::{Session, SessionEvent},
    },
    variants,
    workshops::{
        shelf::{Shelf, ShelfEvent},
        slug_claim::{SlugClaim, SlugClaimEvent},
        workshop::{Workshop, WorkshopEvent},
    },
};
use serde::Deserialize;
use serde_json::{Value, to_value};

/// An event as it is stored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    /// The kind of its stream.
    stream: String,
    payload: Value,
}

/// What the journal stores of an event: the kind of its stream, name, version, payload.
type Stored = (&'static str, &'static str, u16, Value);

/// A new kind of event does not compile until it is stored here; see also [`every_variant_of_every_event_has_a_fixture`].
fn store(fact: &Fact) -> Stored {
    fn stored<D: Decider>(event: &D::Event) -> Stored {
        (D::STREAM, event.name(), event.version(), to_value(event).expect("an event is JSON"))
    }
    match fact {
        Fact::Account(event) => stored::<Account>(event),
        Fact::EmailClaim(event) => stored::<EmailClaim>(event),
        Fact::SignIn(event) => stored::<SignIn>(event),
        Fact::RoleBook(event) => stored::<RoleBook>(event),
        Fact::SecondFactor(event) => stored::<SecondFactor>(event),
        Fact::AccessToken(event) => stored::<AccessToken>(event),
        Fact::BackupFactor(event) => stored::<BackupFactor>(event),
        Fact::ServiceAccount(event) => stored::<ServiceAccount>(event),
        Fact::Contact(event) => stored::<Contact>(event),
        Fact::Mail(event) => stored::<Mail>(event),
        Fact::LegalHold(event) => stored::<LegalHold>(event),
        Fact::ProviderClaim(event) => stored::<ProviderClaim>(event),
        Fact::WaysIn(event) => stored::<WaysIn>(event),
        Fact::Whereabouts(event) => stored::<Whereabouts>(event),
        Fact::Export(event) => stored::<Export>(event),
        Fact::Membership(event) => stored::<Membership>(event),
        Fact::PlanBook(event) => stored::<PlanBook>(event),
        Fact::Workshop(event) => stored::<Workshop>(event),
        Fact::SlugClaim(event) => stored::<SlugClaim>(event),
        Fact::Shelf(event) => stored::<Shelf>(event),
        Fact::Session(event) => stored::<Session>(event),
        Fact::Desk(event) => stored::<Desk>(event),
        Fact::Environment(event) => stored::<Environment>(event),
        Fact::Cluster(event) => stored::<Cluster>(event),
        Fact::Roster(event) => stored::<Roster>(event),
        Fact::Pool(event) => stored::<Pool>(event),
        Fact::Scorecard(event) => stored::<Scorecard>(event),
        Fact::Trail(event) => stored::<Trail>(event),
        Fact::Run(event) => stored::<Run>(event),
        Fact::Registrant(event) => stored::<Registrant>(event),
        Fact::Programme(event) => stored::<Programme>(event),
        Fact::Community(event) => stored::<Community>(event),
        Fact::Circle(event) => stored::<Circle>(event),
        Fact::Unknown => panic!("a fixture of a kind that is not known"),
    }
}

/// All fixtures, with their file names less the extension.
fn fixtures() -> Vec<(String, Fixture)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = fs::read_dir(folder).expect("the fixtures").map(|entry| entry.expect("a file").path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_str().expect("plain letters").to_owned();
            let text = fs::read_to_string(&path).expect("text");
            let fixture = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, fixture)
        })
        .collect()
}

/// The variant a payload holds: a word, or the only field of an object.
fn variant(payload: &Value) -> String {
    match payload {
        Value::String(word) => word.clone(),
        Value::Object(fields) => fields.keys().next().expect("a variant").clone(),
        other => panic!("not an event: {other}"),
    }
}

/// The version a fixture is named by.
fn version(file: &str) -> (&str, u16) {
    let (name, version) = file.rsplit_once(".v").unwrap_or_else(|| panic!("{file}: expected <EventName>.v<version>.json"));
    (name, version.parse().unwrap_or_else(|error| panic!("{file}: {error}")))
}

#[test]
fn every_fixture_is_read_and_its_newest_form_would_be_stored_again_as_it_is() {
    let mut facts = BTreeMap::new();
    let mut fixtures = fixtures();
    // The newest form of each event first: the older ones must say the same.
    fixtures.sort_by_key(|(file, _)| std::cmp::Reverse(version(file).1));
    for (file, Fixture { stream, payload }) in fixtures {
        let (event, stored) = version(&file);
        let fact = Fact::read(&stream, event, stored, &payload.to_string()).unwrap_or_else(|error| panic!("{file}: {error}"));
        if let Some(newest) = facts.get(event) {
            assert_eq!(*newest, fact, "{file}");
            continue;
        }
        let (kind, name, version, again) = store(&fact);
        assert_eq!((kind, format!("{name}.v{version}"), again), (stream.as_str(), file.clone(), payload));
        facts.insert(event.to_owned(), fact);
    }
}

#[test]
fn an_event_of_a_newer_build_is_left_alone_whatever_it_holds() {
    for (file, Fixture { stream, payload }) in fixtures() {
        let (event, _) = version(&file);
        let later = Fact::read(&stream, event, 1000, &payload.to_string()).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(later, Fact::Unknown, "{file}: a version that is not known");
        let other = Fact::read(&stream, "Unheard", 1, r#"{"Unheard":{}}"#).expect("left alone");
        assert_eq!(other, Fact::Unknown, "{stream}: a name that is not known");
    }
}

#[test]
fn a_field_that_is_not_known_changes_no_fact() {
    for (file, Fixture { stream, payload }) in fixtures() {
        let (event, version) = version(&file);
        let mut more = payload.clone();
        let Some(Value::Object(fields)) = more.as_object_mut().and_then(|variant| variant.values_mut().next()) else { continue };
        fields.insert("addedLater".to_owned(), Value::from(1));
        let read =
            |payload: &Value| Fact::read(&stream, event, version, &payload.to_string()).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(read(&more), read(&payload), "{file}");
    }
}

#[test]
fn every_variant_of_every_event_has_a_fixture() {
    let all: [(&str, &[&str]); 33] = [
        (Account::STREAM, variants::<AccountEvent>()),
        (EmailClaim::STREAM, variants::<EmailClaimEvent>()),
        (SignIn::STREAM, variants::<SignInEvent>()),
        (RoleBook::STREAM, variants::<RoleBookEvent>()),
        (SecondFactor::STREAM, variants::<SecondFactorEvent>()),
        (AccessToken::STREAM, variants::<AccessTokenEvent>()),
        (BackupFactor::STREAM, variants::<BackupFactorEvent>()),
        (ServiceAccount::STREAM, variants::<ServiceAccountEvent>()),
        (Contact::STREAM, variants::<ContactEvent>()),
        (Mail::STREAM, variants::<MailEvent>()),
        (LegalHold::STREAM, variants::<LegalHoldEvent>()),
        (ProviderClaim::STREAM, variants::<ProviderClaimEvent>()),
        (WaysIn::STREAM, variants::<WaysInEvent>()),
        (Whereabouts::STREAM, variants::<WhereaboutsEvent>()),
        (Export::STREAM, variants::<ExportEvent>()),
        (Membership::STREAM, variants::<MembershipEvent>()),
        (PlanBook::STREAM, variants::<PlanBookEvent>()),
        (Workshop::STREAM, variants::<WorkshopEvent>()),
        (SlugClaim::STREAM, variants::<SlugClaimEvent>()),
        (Shelf::STREAM, variants::<ShelfEvent>()),
        (Session::STREAM, variants::<SessionEvent>()),
        (Desk::STREAM, variants::<DeskEvent>()),
        (Environment::STREAM, variants::<EnvironmentEvent>()),
        (Cluster::STREAM, variants::<ClusterEvent>()),
        (Roster::STREAM, variants::<RosterEvent>()),
        (Pool::STREAM, variants::<PoolEvent>()),
        (Scorecard::STREAM, variants::<ScorecardEvent>()),
        (Trail::STREAM, variants::<TrailEvent>()),
        (Run::STREAM, variants::<RunEvent>()),
        (Registrant::STREAM, variants::<RegistrantEvent>()),
        (Programme::STREAM, variants::<ProgrammeEvent>()),
        (Community::STREAM, variants::<CommunityEvent>()),
        (Circle::STREAM, variants::<CircleEvent>()),
    ];
    let expected: BTreeSet<_> =
        all.into_iter().flat_map(|(stream, variants)| variants.iter().map(move |variant| format!("{stream} {variant}"))).collect();
    let found: BTreeSet<_> = fixtures().iter().map(|(_, fixture)| format!("{} {}", fixture.stream, variant(&fixture.payload))).collect();
    assert_eq!(found, expected, "kinds of streams and the variants of their events");
}

#[test]
fn no_two_kinds_of_streams_share_an_event_name() {
    let mut kinds = BTreeMap::new();
    for (file, Fixture { stream, payload }) in fixtures() {
        let (event, stored) = version(&file);
        let fact = Fact::read(&stream, event, stored, &payload.to_string()).unwrap_or_else(|error| panic!("{file}: {error}"));
        let (kind, name, ..) = store(&fact);
        assert_eq!(*kinds.entry(name).or_insert(kind), kind, "{name}");
    }
}

#[test]
fn an_event_of_a_kind_that_is_not_known_is_left_alone() {
    let fact = Fact::decode("invoice", &serde_json::json!({ "Sent": {} })).expect("whatever it holds");
    assert_eq!((fact.context(), fact), (None, Fact::Unknown));
}

#[test]
fn an_event_that_does_not_fit_its_kind_is_named_without_its_personal_values() {
    let payload = serde_json::json!({ "Registered": { "email": { "$personal": { "subject": "nobody", "value": "ada@example.org" } } } });
    let error = Fact::decode(Account::STREAM, &payload).expect_err("a subject that is no id");
    assert_eq!(error.kind, Account::STREAM);
    assert!(error.to_string().starts_with("account event is unreadable: "), "{error}");
    assert!(!error.to_string().contains("ada@example.org"), "{error}");
}

#[test]
fn a_fact_knows_its_context() {
    let context = |event: &str| {
        let (_, Fixture { stream, payload }) =
            fixtures().into_iter().find(|(name, _)| name.starts_with(event)).unwrap_or_else(|| panic!("{event}"));
        Fact::decode(&stream, &payload).expect("a fixture").context()
    };
    assert_eq!(context("AccountRegistered"), Some("identity"));
    assert_eq!(context("WorkshopDrafted"), Some("workshops"));
    assert_eq!(context("SessionStarted"), Some("learning"));
    assert_eq!(context("EnvironmentReady"), Some("environments"));
    assert_eq!(context("PointsAwarded"), Some("gamification"));
    assert_eq!(context("AuditNoted"), Some("audit"));
    assert_eq!(context("RunScheduled"), Some("booking"));
    assert_eq!(context("CommunityFounded"), Some("communities"));
}
