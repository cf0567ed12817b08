//! Who did what: refusals, sensitive reads and commands that changed nothing are found beside what left events.

mod histories;

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use commands::identity::{Retained, Unused};
use domain::identity::Role;
use serde_json::{Value, json};

use crate::{
    discovery::{draft, published, registered},
    platform::{Person, Platform},
    socket::Socket,
};

const TRAIL: &str = "query($filter: AuditFilter, $first: Int, $after: String, $last: Int, $before: String) {
    auditTrail(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { actor action outcome reason subject via eventCount address addressDigest userAgent correlation
            account { id } events { type } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
const GRANT: &str = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) { errors { code } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { errors { code } } }";
const REVISE: &str = "mutation($input: ProfileReviseInput!) { profileRevise(input: $input) { errors { code } } }";

/// What the audit has, once all that was noted can be read.
pub(crate) async fn found(platform: &Platform, by: &Person, filter: Value) -> Vec<Value> {
    platform.services.commands.audit.settle().await.expect("written");
    platform.level().await;
    let data = platform.data(Some(by), TRAIL, json!({ "filter": filter, "last": 25 })).await;
    let edges = data["auditTrail"]["edges"].as_array().expect("edges").clone();
    edges.into_iter().map(|edge| edge["node"].clone()).collect()
}

fn of<'e>(entry: &'e Value, name: &str) -> &'e str {
    entry[name].as_str().unwrap_or_default()
}

fn told(entries: &[Value]) -> Vec<(&str, &str, &str)> {
    entries.iter().map(|entry| (of(entry, "action"), of(entry, "outcome"), of(entry, "reason"))).collect()
}

#[tokio::test]
async fn what_was_done_refused_and_read_is_found_with_who_when_and_from_where() {
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let grant = |role: &str| json!({ "input": { "accountId": ada.id, "role": role } });
    assert_eq!(platform.code(Some(&ada), GRANT, grant("author")).await, "FORBIDDEN");
    platform.data(Some(&root), GRANT, grant("author")).await;
    platform.data(Some(&root), GRANT, grant("rol_00000000000000000000000000000001")).await;
    let wrong = json!({ "input": { "email": ada.email, "password": "not the right password" } });
    platform.data(None, SIGN_IN, wrong).await;
    platform.data(Some(&root), "query($id: ID!) { node(id: $id) { id } }", json!({ "id": ada.id })).await;
    platform.data(Some(&ada), "query($id: ID!) { node(id: $id) { id } }", json!({ "id": ada.id })).await;
    assert_eq!(platform.code(Some(&ada), "{ events(first: 1) { nodes { type } } }", json!({})).await, "FORBIDDEN");

    let entries = found(&platform, &root, json!({ "subject": ada.id, "actor": root.id })).await;
    let expected = [("roleGrant", "ACCEPTED", ""), ("roleGrant", "REFUSED", "ROLE_NOT_FOUND"), ("node", "ACCEPTED", "")];
    assert_eq!(told(&entries), expected);
    assert_eq!((&entries[0]["events"], &entries[0]["eventCount"]), (&json!([{ "type": "RoleGranted" }]), &json!(1)));
    assert_eq!((&entries[0]["account"]["id"], &entries[0]["address"]), (&json!(root.id), &json!("127.0.0.1")));
    assert!(entries[0]["via"].as_str().is_some_and(|via| via.starts_with("sgn_")), "{entries:?}");

    let refused = found(&platform, &root, json!({ "subject": ada.id, "outcome": "REFUSED" })).await;
    let expected =
        [("roleGrant", "REFUSED", "FORBIDDEN"), ("roleGrant", "REFUSED", "ROLE_NOT_FOUND"), ("signIn", "REFUSED", "CREDENTIALS_WRONG")];
    assert_eq!(told(&refused), expected);
    assert_eq!((&refused[2]["actor"], &refused[2]["address"]), (&json!("anonymous"), &json!("127.0.0.1")));

    let forbidden = found(&platform, &root, json!({ "actor": ada.id, "action": "events" })).await;
    assert_eq!(told(&forbidden), [("events", "REFUSED", "FORBIDDEN")]);
    let there = found(&platform, &root, json!({ "address": "127.0.0.1", "action": "signIn" })).await;
    assert!(there.iter().any(|entry| entry["outcome"] == "ACCEPTED") && there.iter().any(|entry| entry["outcome"] == "REFUSED"));
    assert!(found(&platform, &root, json!({ "address": "192.0.2.1" })).await.is_empty());
    let one = json!({ "correlation": refused[0]["correlation"] });
    assert_eq!(told(&found(&platform, &root, one).await), [("roleGrant", "REFUSED", "FORBIDDEN")]);
    let reads = found(&platform, &root, json!({ "action": "auditTrail" })).await;
    assert!(reads.len() > 4 && reads.iter().all(|entry| entry["actor"] == json!(root.id)), "who reads the audit is in it");
}

/// What the audit has of somebody's doing something: each time with what it was about first.
async fn times(platform: &Platform, root: &Person, by: &Person, action: &str) -> Vec<Value> {
    let entries = found(platform, root, json!({ "actor": by.id, "action": action, "outcome": "ACCEPTED" })).await;
    entries.into_iter().map(|entry| entry["subject"].clone()).collect()
}

#[tokio::test]
async fn who_reads_registrations_of_others_is_found_once_for_each_time() {
    let platform = Platform::start().await;
    let (root, grace) = (platform.person("root", &[Role::Administrator]).await, platform.person("grace", &[Role::Organiser]).await);
    let (ada, other) = (platform.person("ada", &[]).await, platform.person("other", &[Role::Organiser]).await);
    let run = published(&platform, &grace, draft("Docker", 10, json!({}))).await;
    let (hers, its) = (registered(&platform, &ada, &run).await, json!({ "run": run }));
    registered(&platform, &other, &run).await;
    platform.level().await;

    let list = "query($run: ID!) { registrations(runId: $run) { nodes { registrant { email } } } }";
    let listed = platform.data(Some(&grace), list, its.clone()).await;
    assert_eq!(listed["registrations"]["nodes"].as_array().map(Vec::len), Some(2));
    assert_eq!(platform.data(Some(&other), list, its.clone()).await["registrations"], Value::Null);
    assert_eq!(times(&platform, &root, &grace, "registrations").await, [json!(run)], "once for both");
    assert!(times(&platform, &root, &other, "registrations").await.is_empty(), "they saw nothing");

    let one = "query($id: ID!) { shown: registration(id: $id) { registrant { email } } }";
    for person in [&ada, &grace, &other] {
        platform.data(Some(person), one, json!({ "id": hers })).await;
    }
    platform.data(Some(&root), "query($id: ID!) { node(id: $id) { id } }", json!({ "id": hers })).await;
    let about_ada = found(&platform, &root, json!({ "subject": ada.id, "action": "registration" })).await;
    assert_eq!(told(&about_ada), [("registration", "ACCEPTED", "")], "one's own are one's own");
    assert_eq!((&about_ada[0]["actor"], &about_ada[0]["subject"]), (&json!(grace.id), &json!(hers)));
    assert_eq!(times(&platform, &root, &root, "node").await, [json!(hers)]);

    platform.data(Some(&root), "{ bookingDashboard { registrationCounts { registrations } } }", json!({})).await;
    assert!(times(&platform, &root, &root, "bookingDashboard").await.is_empty(), "numbers are nobody's");
    platform.data(Some(&root), "{ all: bookingDashboard { registrations { nodes { id } } } }", json!({})).await;
    assert_eq!(times(&platform, &root, &root, "bookingDashboard").await.len(), 1);
}

#[tokio::test]
async fn what_is_shown_though_something_within_it_is_refused_is_found_as_read() {
    const THEN: &str = "query($at: DateTime!, $run: ID!) {
        asOf(at: $at) { position runDashboard(runId: $run) { registrations { state } } } }";
    let platform = Platform::start().await;
    let (root, analyst) = (platform.person("root", &[Role::Administrator]).await, platform.person("analyst", &[Role::Analyst]).await);
    let asked = json!({ "at": Utc::now(), "run": "run_00000000000000000000000000000001" });
    let mut shown = 0;
    while shown < 2 {
        let answer = platform.answer(Some(&analyst), THEN, asked.clone()).await;
        match answer["errors"][0]["extensions"]["code"].as_str() {
            Some("NOT_READY") => {}
            Some("FORBIDDEN") => shown += 1,
            _ => panic!("{answer}"),
        }
        assert_eq!(answer["data"]["asOf"]["position"].is_null(), answer["errors"][0]["extensions"]["code"] == "NOT_READY", "{answer}");
    }
    assert_eq!(times(&platform, &root, &analyst, "asOf").await.len(), 2, "each time");
    assert!(found(&platform, &root, json!({ "actor": analyst.id, "outcome": "REFUSED" })).await.is_empty());
}

#[tokio::test]
async fn who_follows_registrations_of_others_is_found_once() {
    const CHANGED: &str = "subscription($run: ID) { registrationChanged(runId: $run) { id } }";
    let platform = Platform::start().await;
    let (root, grace) = (platform.person("root", &[Role::Administrator]).await, platform.person("grace", &[Role::Organiser]).await);
    let (ada, other) = (platform.person("ada", &[]).await, platform.person("other", &[Role::Organiser]).await);
    let run = published(&platform, &grace, draft("Docker", 10, json!({}))).await;
    let first = registered(&platform, &ada, &run).await;
    let (mut hers, mut all, mut others) =
        (Socket::of(&platform, &ada).await, Socket::of(&platform, &grace).await, Socket::of(&platform, &other).await);
    hers.subscribe("r", CHANGED, json!({})).await;
    all.subscribe("r", CHANGED, json!({ "run": run })).await;
    others.subscribe("r", CHANGED, json!({ "run": run })).await;
    for socket in [&mut hers, &mut all] {
        assert_eq!(socket.item("r").await["registrationChanged"]["id"], first);
    }
    assert_ne!(others.hear().await["payload"]["errors"], Value::Null);
    let second = registered(&platform, &other, &run).await;
    while all.item("r").await["registrationChanged"]["id"] != second {}
    assert_eq!(times(&platform, &root, &grace, "registrationChanged").await, [json!(run)]);
    for person in [&ada, &other] {
        assert!(times(&platform, &root, person, "registrationChanged").await.is_empty(), "{}", person.email);
    }
}

#[tokio::test]
async fn tokens_that_are_no_good_and_sockets_leave_notes_and_refreshes_do_not() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let ada = platform.person("ada", &[]).await;
    let request = platform.http().bearer_auth("nothing").json(&json!({ "query": "{ me { id } }" }));
    assert_eq!(request.send().await.expect("an answer").status(), reqwest::StatusCode::UNAUTHORIZED);
    let mut socket = Socket::of(&platform, &ada).await;
    socket.subscribe("1", "subscription { events { type } }", json!({})).await;
    socket.hear().await;
    socket.subscribe("2", "{ accounts(first: 1) { nodes { id } } }", json!({})).await;
    socket.hear().await;
    let mut socket = Socket::of(&platform, &root).await;
    socket.subscribe("1", "{ accounts(first: 1) { nodes { id } } }", json!({})).await;
    socket.hear().await;
    let refused = found(&platform, &root, json!({ "outcome": "REFUSED" })).await;
    let expected =
        [("authenticate", "REFUSED", "UNAUTHENTICATED"), ("events", "REFUSED", "FORBIDDEN"), ("accounts", "REFUSED", "FORBIDDEN")];
    assert_eq!(told(&refused), expected);
    assert_eq!(told(&found(&platform, &root, json!({ "action": "accounts", "actor": root.id })).await), [("accounts", "ACCEPTED", "")]);
    assert!(found(&platform, &root, json!({ "action": "tokenRefresh" })).await.is_empty());
}

#[tokio::test]
async fn a_refresh_token_that_comes_again_is_told_as_refused_and_of_whom() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let ada = platform.person("ada", &[]).await;
    let trade = "mutation($token: String!) { tokenRefresh(input: { refreshToken: $token }) { refreshToken errors { code } } }";
    let mut token = json!(ada.refresh_token);
    for _ in 0..2 {
        let traded = platform.data(None, trade, json!({ "token": token })).await;
        token = traded["tokenRefresh"]["refreshToken"].clone();
    }
    let again = platform.data(None, trade, json!({ "token": ada.refresh_token })).await;
    assert_eq!(again["tokenRefresh"]["errors"][0]["code"], "REFRESH_TOKEN_INVALID");
    let entries = found(&platform, &root, json!({ "action": "tokenRefresh" })).await;
    assert_eq!(told(&entries), [("tokenRefresh", "REFUSED", "REFRESH_TOKEN_REUSED")]);
    assert_eq!((&entries[0]["actor"], &entries[0]["subject"]), (&json!(ada.id), &json!(ada.id)));
    assert_eq!(entries[0]["events"], json!([{ "type": "RefreshTokenReused" }, { "type": "SignedOut" }]));
}

#[tokio::test]
async fn pages_go_forward_and_backward_over_the_same_entries() {
    let platform = Platform::start().await;
    let root = platform.person("root", &[Role::Administrator]).await;
    let ada = platform.person("ada", &[]).await;
    for number in 0..7 {
        platform.data(Some(&ada), REVISE, json!({ "input": { "displayName": format!("Ada {number}") } })).await;
    }
    let all = found(&platform, &root, json!({ "actor": ada.id, "action": "profileRevise" })).await;
    assert_eq!(all.len(), 7);
    for (count, cursor, next, edge) in
        [("first", "after", "hasNextPage", "endCursor"), ("last", "before", "hasPreviousPage", "startCursor")]
    {
        let (mut pages, mut place) = (Vec::new(), Value::Null);
        loop {
            let filter = json!({ "actor": ada.id, "action": "profileRevise" });
            let page = platform.data(Some(&root), TRAIL, json!({ "filter": filter, count: 3, cursor: place })).await;
            let page = page["auditTrail"].clone();
            pages.push(page["edges"].as_array().expect("edges").iter().map(|edge| edge["node"].clone()).collect::<Vec<_>>());
            if page["pageInfo"][next] == json!(false) {
                break;
            }
            place = page["pageInfo"][edge].clone();
        }
        if count == "last" {
            pages.reverse();
        }
        assert_eq!(pages.concat(), all, "{count}");
    }
    let both = json!({ "first": 1, "last": 1 });
    assert_eq!(platform.code(Some(&root), TRAIL, both).await, "BAD_USER_INPUT");
    for filter in [json!({ "subject": "x" }), json!({ "address": "x" })] {
        assert_eq!(platform.code(Some(&root), TRAIL, json!({ "filter": filter })).await, "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn what_somebody_did_whose_account_nobody_used_stays_without_what_is_personal() {
    const YEAR: TimeDelta = TimeDelta::days(365);
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let grant = json!({ "input": { "accountId": ada.id, "role": "author" } });
    assert_eq!(platform.code(Some(&ada), GRANT, grant).await, "FORBIDDEN");
    let refusal = json!({ "actor": ada.id, "action": "roleGrant" });
    assert_eq!(found(&platform, &root, refusal.clone()).await[0]["address"], "127.0.0.1");

    let unused = Unused { account: ada.id.parse().expect("an id"), since: Utc::now(), ways: vec![] };
    let near = platform.later(|| Utc::now() + TimeDelta::days(400)).await;
    let after = platform.later(|| Utc::now() + TimeDelta::days(415)).await;
    assert_eq!(near.services.commands.identity.retain(YEAR, &unused).await.expect("looked at"), Retained::Told);
    let erased = async {
        // Once the mail was sent.
        while after.services.commands.identity.retain(YEAR, &unused).await.expect("looked at") != Retained::Erased {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), erased).await.expect("they were told");

    let erasure = found(&platform, &root, json!({ "subject": ada.id, "action": "accountErase" })).await;
    assert_eq!((told(&erasure), &erasure[0]["actor"]), (vec![("accountErase", "ACCEPTED", "")], &json!("system:retention")));
    let refused = found(&platform, &root, refusal).await;
    assert_eq!((&refused[0]["actor"], &refused[0]["address"], &refused[0]["userAgent"]), (&json!(ada.id), &Value::Null, &Value::Null));
}
