//! Sessions of runs, on the day.

use chrono::{TimeDelta, Utc};
use domain::identity::Role;
use serde_json::{Value, json};

use super::{REGISTRATION, done, published, run, seat};
use crate::platform::{Person, Platform, content};

const START: &str = "mutation($input: RunSessionStartInput!) { runSessionStart(input: $input) {
    session { id runId status workshop { id } } errors { code field } stale } }";

/// What whoever asks is answered.
async fn starts(platform: &Platform, by: &Person, run: &str) -> Value {
    platform.data(Some(by), START, json!({ "input": { "runId": run } })).await["runSessionStart"].clone()
}

/// So many minutes from now on, as clocks in UTC show it.
fn minutes(minutes: i64) -> String {
    (Utc::now() + TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn declined(code: &str) -> Value {
    json!({ "session": null, "errors": [{ "code": code, "field": "runId" }], "stale": false })
}

#[tokio::test]
async fn who_is_confirmed_starts_the_session_of_a_run_that_nobody_else_may_start() {
    let platform = Platform::start().await;
    let grace = platform.person("grace", &[Role::Organiser, Role::Author]).await;
    let mut private = content();
    private["visibility"] = "PRIVATE".into();
    let workshop = platform.workshop(&grace, "private", private).await;
    let soon = json!({ "workshopId": workshop, "capacity": 1, "startsAt": minutes(20), "endsAt": minutes(120) });
    let now = published(&platform, &grace, run(soon)).await;
    let later = published(&platform, &grace, run(json!({ "workshopId": workshop }))).await;
    let (kit, bob, eve) = (platform.person("kit", &[]).await, platform.person("bob", &[]).await, platform.person("eve", &[]).await);
    for of in [&now, &later] {
        let mine = done(&platform, &kit, "registrationRequest", REGISTRATION, seat(of)).await;
        assert_eq!(mine["registration"]["state"], "CONFIRMED");
    }
    done(&platform, &bob, "waitlistJoin", REGISTRATION, seat(&now)).await;

    let started = starts(&platform, &kit, &now).await;
    let id = started["session"]["id"].clone();
    let session = json!({ "id": id, "runId": now, "status": "ACTIVE", "workshop": null });
    assert_eq!(started, json!({ "session": session, "errors": [], "stale": false }));
    assert_eq!(starts(&platform, &kit, &now).await, started, "whoever has begun goes on");
    assert_eq!(starts(&platform, &kit, &later).await, declined("RUN_NOT_NOW"));
    assert_eq!(starts(&platform, &bob, &now).await, declined("NOT_LET_IN"));
    assert_eq!(starts(&platform, &eve, &now).await, declined("RUN_NOT_FOUND"));
    assert_eq!(starts(&platform, &eve, "run_00000000000000000000000000000001").await, declined("RUN_NOT_FOUND"));
}
