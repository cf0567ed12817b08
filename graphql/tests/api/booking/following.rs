//! Following how full runs are, and what becomes of registrations.

use domain::identity::Role;
use serde_json::{Value, json};

use super::{comes, done, of, organiser, published, run, scheduled, text};
use crate::{platform::Platform, socket::Socket};

const FULL: &str = "subscription($id: ID!, $code: String) { runAvailabilityChanged(runId: $id, code: $code) { runId left waiting } }";
const CHANGED: &str = "subscription($id: ID) { registrationChanged(runId: $id) { id state } }";

/// Items until one is as wanted: several things that happen at once may come as one.
async fn until(socket: &mut Socket, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let item = socket.item(id).await;
        if wanted(&item) {
            return item;
        }
    }
}

/// Why nothing more comes.
async fn end(socket: &mut Socket) -> Value {
    loop {
        let message = socket.hear().await;
        if message["payload"].get("errors").is_some() {
            return message["payload"]["errors"][0].clone();
        }
    }
}

#[tokio::test]
async fn how_full_a_run_is_is_followed_from_what_it_is() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "capacity": 1 }))).await;
    let ada = platform.person("ada", &[]).await;
    let mut socket = Socket::of(&platform, &ada).await;
    socket.subscribe("r", FULL, json!({ "id": id })).await;
    let full = |left: i32, waiting: i32| json!({ "runAvailabilityChanged": { "runId": id, "left": left, "waiting": waiting } });
    assert_eq!(socket.item("r").await, full(1, 0));
    let (bob, registration, _) = comes(&platform, &id, "bob").await;
    assert_eq!(socket.item("r").await, full(0, 0));
    comes(&platform, &id, "eve").await;
    assert_eq!(socket.item("r").await, full(0, 1));
    done(&platform, &bob, "registrationWithdraw", "registration { state }", of(&registration)).await;
    until(&mut socket, "r", |item| *item == full(0, 0)).await;
}

#[tokio::test]
async fn what_somebody_may_not_see_is_not_followed() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let draft = scheduled(&platform, &grace, run(json!({}))).await;
    let closed = published(&platform, &grace, run(json!({ "visibility": "CODE" }))).await;
    done(&platform, &grace, "discountCreate", "run { id }", json!({ "runId": closed, "code": "FRIENDS", "admits": true })).await;
    let ada = platform.person("ada", &[]).await;
    let mut socket = Socket::of(&platform, &ada).await;
    for (query, id) in [(FULL, &draft), (FULL, &closed), (FULL, &format!("run_{}", "0".repeat(32))), (CHANGED, &closed), (CHANGED, &draft)]
    {
        socket.subscribe("r", query, json!({ "id": id })).await;
        assert_eq!(end(&mut socket).await["message"], "there is no such run");
        assert_eq!(socket.hear().await["type"], "complete");
    }
    socket.subscribe("r", FULL, json!({ "id": closed, "code": "friends" })).await;
    assert_eq!(socket.item("r").await["runAvailabilityChanged"]["left"], 2);
}

#[tokio::test]
async fn people_follow_their_own_registrations_and_organisers_those_for_their_runs() {
    let platform = Platform::start().await;
    let grace = organiser(&platform).await;
    let id = published(&platform, &grace, run(json!({ "needsApproval": true }))).await;
    let (ada, first, _) = comes(&platform, &id, "ada").await;
    let (mut hers, mut all) = (Socket::of(&platform, &ada).await, Socket::of(&platform, &grace).await);
    hers.subscribe("r", CHANGED, json!({})).await;
    all.subscribe("r", CHANGED, json!({ "id": id })).await;
    let pending = json!({ "registrationChanged": { "id": first, "state": "PENDING_APPROVAL" } });
    assert_eq!((hers.item("r").await, all.item("r").await), (pending.clone(), pending));

    let (_, second, _) = comes(&platform, &id, "bob").await;
    done(&platform, &grace, "registrationApprove", "registration { state }", of(&first)).await;
    let confirmed = json!({ "registrationChanged": { "id": first, "state": "CONFIRMED" } });
    assert_eq!(hers.item("r").await, confirmed, "nothing of Bob's");
    until(&mut all, "r", |item| item["registrationChanged"]["id"] == second).await;
    until(&mut all, "r", |item| *item == confirmed).await;
    // One of another run is theirs as well.
    let other = published(&platform, &grace, run(json!({}))).await;
    let answer = done(&platform, &ada, "registrationRequest", "registration { id }", super::seat(&other)).await;
    let third = text(&answer["registration"]["id"]);
    assert_eq!(hers.item("r").await, json!({ "registrationChanged": { "id": third, "state": "CONFIRMED" } }));
}

#[tokio::test]
async fn who_may_not_any_more_is_shown_nothing_more() {
    let platform = Platform::start().await;
    let (grace, root) = (organiser(&platform).await, platform.person("root", &[Role::SuperAdministrator]).await);
    let manager = platform.person("manager", &[Role::Administrator]).await;
    let id = published(&platform, &grace, run(json!({}))).await;
    let (_, first, _) = comes(&platform, &id, "ada").await;
    let revoke = "mutation($input: RoleRevokeInput!) { roleRevoke(input: $input) { errors { code } } }";
    for (person, role, next) in [(&manager, "administrator", "bob"), (&grace, "organiser", "eve")] {
        let mut socket = Socket::of(&platform, person).await;
        socket.subscribe("r", CHANGED, json!({ "id": id })).await;
        assert_eq!(socket.item("r").await["registrationChanged"]["id"], first);
        let input = json!({ "accountId": person.id, "role": role });
        assert_eq!(platform.data(Some(&root), revoke, json!({ "input": input })).await["roleRevoke"]["errors"], json!([]));
        comes(&platform, &id, next).await;
        assert_eq!(end(&mut socket).await["message"], "there is no such run");
    }
    let looks = "query($id: ID!, $of: ID!) { registration(id: $id) { id } run(id: $of) { codes { code } } }";
    let seen = platform.data(Some(&grace), looks, json!({ "id": first, "of": id })).await;
    assert_eq!(seen, json!({ "registration": null, "run": { "codes": null } }), "nor what there was before");
}
