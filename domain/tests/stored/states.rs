//! Snapshots hold states as JSON. A state that is written or evolved in another way needs another version, or old
//! snapshots would be taken for what they are not: `states.json` has, for each kind of stream and version, what its
//! state is after the fixtures of its events, in the order of their names.

use std::{collections::BTreeMap, fs, path::PathBuf};

use domain::{
    Decider, audit::trail::Trail, booking::programme::Programme, booking::registrant::Registrant, booking::run::Run,
    communities::circle::Circle, communities::community::Community, environments::cluster::Cluster, environments::environment::Environment,
    environments::pool::Pool, environments::roster::Roster, fact, gamification::scorecard::Scorecard, identity::access_token::AccessToken,
    identity::account::Account, identity::backup_factor::BackupFactor, identity::contact::Contact, identity::email_claim::EmailClaim,
    identity::export::Export, identity::legal_hold::LegalHold, identity::mail::Mail, identity::membership::Membership,
    identity::plan_book::PlanBook, identity::provider_claim::ProviderClaim, identity::role_book::RoleBook,
    identity::second_factor::SecondFactor, identity::service_account::ServiceAccount, identity::sign_in::SignIn, identity::ways_in::WaysIn,
    identity::whereabouts::Whereabouts, learning::desk::Desk, learning::session::Session, workshops::shelf::Shelf,
    workshops::slug_claim::SlugClaim, workshops::workshop::Workshop,
};
use serde_json::{Value, to_value};

use super::{fixtures, version};

/// The states on the way: after each event.
fn states<D: Decider>() -> (String, Value) {
    let mut events: Vec<_> = fixtures().into_iter().filter(|(_, fixture)| fixture.stream == D::STREAM).collect();
    events.sort_by(|(one, _), (other, _)| one.cmp(other));
    // Backwards and forwards again, so that every event meets a state that it changes.
    let order: Vec<_> = events.iter().rev().chain(&events).collect();
    let mut state = D::default();
    let mut all = vec![to_value(&state).expect("a state is JSON")];
    for (file, fixture) in order {
        let (name, version) = version(file);
        let event = fact::read::<D>(name, version, &fixture.payload.to_string()).expect("readable").expect("known");
        state.evolve(&event);
        all.push(to_value(&state).expect("a state is JSON"));
    }
    (format!("{} v{}", D::STREAM, D::STATE_VERSION), Value::Array(all))
}

#[test]
fn a_state_that_changes_its_form_or_its_meaning_has_a_version_of_its_own() {
    let now = BTreeMap::from([
        states::<Account>(),
        states::<EmailClaim>(),
        states::<SignIn>(),
        states::<RoleBook>(),
        states::<SecondFactor>(),
        states::<AccessToken>(),
        states::<BackupFactor>(),
        states::<ServiceAccount>(),
        states::<Contact>(),
        states::<Mail>(),
        states::<LegalHold>(),
        states::<ProviderClaim>(),
        states::<WaysIn>(),
        states::<Whereabouts>(),
        states::<Export>(),
        states::<Membership>(),
        states::<PlanBook>(),
        states::<Workshop>(),
        states::<SlugClaim>(),
        states::<Shelf>(),
        states::<Session>(),
        states::<Desk>(),
        states::<Environment>(),
        states::<Cluster>(),
        states::<Roster>(),
        states::<Pool>(),
        states::<Scorecard>(),
        states::<Trail>(),
        states::<Run>(),
        states::<Registrant>(),
        states::<Programme>(),
        states::<Community>(),
        states::<Circle>(),
    ]);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/states.json");
    if std::env::var_os("UPDATE_STATES").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&now).expect("JSON") + "\n").expect("written");
    }
    let golden: BTreeMap<String, Value> = serde_json::from_str(&fs::read_to_string(&path).expect("the states")).expect("JSON");
    for (kind, states) in now {
        let golden = golden.get(&kind);
        assert_eq!(
            golden,
            Some(&states),
            "{kind}: raise its STATE_VERSION if snapshots of it may be stored, then run this test with UPDATE_STATES=1"
        );
    }
}
