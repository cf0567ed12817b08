//! The platform as it was.

use chrono::{DateTime, Utc};
use domain::identity::Role;
use serde_json::{Value, json};

use crate::{
    discovery::{does, draft, published, registered},
    leaderboards::read,
    platform::{Person, Platform, pages},
};

const THEN: &str = "query($at: DateTime!) { asOf(at: $at) { instant position
    leaderboard { totalCount nodes { rank points learner { displayName } } }
    workshops { nodes { title statistics { starts } author { displayName } } }
    sessions(filter: { everybody: true }) { totalCount nodes { status steps { completed } } } } }";
const NOW: &str = "{ workshops { nodes { title statistics { starts } author { displayName } } }
    leaderboard { totalCount nodes { rank points learner { displayName } } }
    sessions(filter: { everybody: true }) { totalCount nodes { status steps { completed } } } }";

async fn then(platform: &Platform, person: &Person, at: DateTime<Utc>) -> Value {
    past(platform, person, THEN, json!({ "at": at })).await
}

/// Asks until it is built.
async fn past(platform: &Platform, person: &Person, query: &str, variables: Value) -> Value {
    loop {
        let answer = platform.answer(Some(person), query, variables.clone()).await;
        match answer["errors"][0]["extensions"]["code"].as_str() {
            None => return answer["data"]["asOf"].clone(),
            Some("NOT_READY") => assert!(answer["errors"][0]["extensions"]["until"].as_i64() > Some(0), "{answer}"),
            Some(_) => panic!("{answer}"),
        }
    }
}

/// The present, once whoever is first on the leaderboard has so many points.
async fn now(platform: &Platform, person: &Person, points: i64) -> Value {
    platform.until(person, NOW, json!({}), |data| data["leaderboard"]["nodes"][0]["points"] == points).await
}

#[tokio::test]
async fn lists_are_answered_as_of_an_instant_down_to_what_they_refer_to() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let author = platform.person("author", &[Role::Author]).await;
    let before = Utc::now();
    let workshop = platform.workshop(&author, "pages", pages(3)).await;
    let ada = platform.person("ada", &[]).await;
    read(&platform, &ada, &workshop, 1).await;
    let first = now(&platform, &admin, 1).await;
    let middle = Utc::now();
    let bob = platform.person("bob", &[]).await;
    read(&platform, &bob, &workshop, 3).await;
    platform.workshop(&author, "later", pages(1)).await;
    let last = now(&platform, &admin, 3).await;
    assert_ne!(first, last, "something happened in between");

    let seen = then(&platform, &admin, middle).await;
    for list in ["leaderboard", "workshops", "sessions"] {
        assert_eq!(seen[list], first[list], "{list} as of then");
    }
    let seen = then(&platform, &admin, Utc::now()).await;
    for list in ["leaderboard", "workshops", "sessions"] {
        assert_eq!(seen[list], last[list], "{list} as of just now");
    }
    let seen = then(&platform, &admin, before).await;
    assert_eq!((&seen["leaderboard"]["totalCount"], &seen["workshops"]["nodes"]), (&json!(0), &json!([])));
    assert_eq!(now(&platform, &admin, 3).await, last, "the present is as it was");
}

const BOOKED: &str = "query($at: DateTime!, $run: ID!) { asOf(at: $at) {
    runs(search: \"docker\") { totalCount nodes { title } } run(id: $run) { state taken left }
    registrations(runId: $run) { totalCount nodes { state registrant { email } } }
    runDashboard(runId: $run) { registrations { state registrations } }
    bookingDashboard { registrationCounts { state registrations } } } }";

#[tokio::test]
async fn runs_and_who_registered_for_them_are_seen_as_they_were() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let grace = platform.person("grace", &[Role::Organiser]).await;
    let (ada, bob) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let before = Utc::now();
    let run = published(&platform, &grace, draft("Docker", 10, json!({}))).await;
    registered(&platform, &ada, &run).await;
    let middle = Utc::now();
    registered(&platform, &bob, &run).await;
    does(&platform, &grace, "runCancel", "run { id }", json!({ "runId": run })).await;

    let seen = async |at: DateTime<Utc>| past(&platform, &admin, BOOKED, json!({ "at": at, "run": run })).await;
    let then = seen(middle).await;
    assert_eq!(then["runs"], json!({ "totalCount": 1, "nodes": [{ "title": "Docker" }] }));
    assert_eq!(then["run"], json!({ "state": "PUBLISHED", "taken": 1, "left": 1 }));
    let hers = json!({ "state": "CONFIRMED", "registrant": { "email": "ada@example.org" } });
    assert_eq!(then["registrations"], json!({ "totalCount": 1, "nodes": [hers] }));
    let counts = json!([{ "state": "CONFIRMED", "registrations": 1 }]);
    assert_eq!((&then["runDashboard"]["registrations"], &then["bookingDashboard"]["registrationCounts"]), (&counts, &counts));

    let last = seen(Utc::now()).await;
    assert_eq!((&last["run"]["state"], &last["runs"]["totalCount"]), (&json!("CANCELLED"), &json!(0)));
    assert_eq!(last["runDashboard"]["registrations"], json!([{ "state": "CANCELLED", "registrations": 2 }]));
    let first = seen(before).await;
    assert_eq!((&first["run"], &first["registrations"], &first["runDashboard"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!((&first["runs"]["totalCount"], &first["bookingDashboard"]["registrationCounts"]), (&json!(0), &json!([])));

    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    let booked = json!({ "at": middle, "run": run });
    for person in [&grace, &analyst] {
        assert_eq!(platform.code(Some(person), BOOKED, booked.clone()).await, "FORBIDDEN", "{}", person.email);
    }
}

#[tokio::test]
async fn the_past_is_for_analysts_and_administrators_and_is_over() {
    let platform = Platform::start().await;
    let author = platform.person("author", &[Role::Author]).await;
    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    let at = json!({ "at": Utc::now() });
    let brief = "query($at: DateTime!) { asOf(at: $at) { position } }";
    assert_eq!(platform.code(Some(&author), brief, at.clone()).await, "FORBIDDEN");
    assert_eq!(platform.code(None, brief, at).await, "UNAUTHENTICATED");
    let future = json!({ "at": Utc::now() + chrono::TimeDelta::hours(1) });
    assert_eq!(platform.code(Some(&analyst), brief, future).await, "BAD_USER_INPUT");
    let both = "query($at: DateTime!) { asOf(at: $at) { position } me { id } }";
    assert_eq!(platform.code(Some(&analyst), both, json!({ "at": Utc::now() })).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn read_models_show_administrators_how_they_do() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let analyst = platform.person("analyst", &[Role::Analyst]).await;
    platform.level().await;
    let query = "{ projections { name state position head behind parked } }";
    assert_eq!(platform.code(Some(&analyst), query, json!({})).await, "FORBIDDEN");
    let data = platform.data(Some(&admin), query, json!({})).await;
    let models = data["projections"].as_array().expect("a list");
    assert_eq!(models.len(), projections::names().len());
    assert!(models.iter().all(|model| model["state"] == "FOLLOWING" && model["parked"].is_null()), "{models:?}");

    let resume = "mutation($name: String!) { projectionResume(input: { name: $name }) { resumed } }";
    assert_eq!(platform.code(Some(&analyst), resume, json!({ "name": "accounts" })).await, "FORBIDDEN");
    assert_eq!(platform.code(Some(&admin), resume, json!({ "name": "acounts" })).await, "BAD_USER_INPUT");
    let data = platform.data(Some(&admin), resume, json!({ "name": "accounts" })).await;
    assert_eq!(data["projectionResume"]["resumed"], false, "it was not parked");
}
