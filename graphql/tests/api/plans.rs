//! What plans allow, and what is used of it.

use domain::identity::Role;
use serde_json::{Value, json};

use crate::{
    discovery::{does, draft, scheduled},
    platform::{Person, Platform, content},
};

const USAGE: &str = "query($accountId: ID) { planUsage(accountId: $accountId) { plan limits { kind limit used } } }";
const REVISE: &str = "mutation($input: PlanReviseInput!) { planRevise(input: $input) {
    limits { plan sessions storageMebibytes runs communities } errors { code field } stale } }";
const ASSIGN: &str = "mutation($input: PlanAssignInput!) { planAssign(input: $input) {
    usage { plan limits { kind limit used } } errors { code field } stale } }";
const DRAFT: &str = "mutation($input: WorkshopDraftInput!) { workshopDraft(input: $input) {
    errors { code field limitReached { plan kind limit used } } } }";
const START: &str = "mutation($input: SessionStartInput!) { sessionStart(input: $input) {
    errors { code limitReached { plan kind limit used } } } }";

fn usage(plan: &str, sessions: (f64, f64), storage: (f64, f64), runs: (f64, f64), communities: (f64, f64)) -> Value {
    let of = |kind: &str, (limit, used): (f64, f64)| json!({ "kind": kind, "limit": limit, "used": used });
    json!({ "plan": plan, "limits": [of("SESSIONS", sessions), of("STORAGE", storage), of("RUNS", runs), of("COMMUNITIES", communities)] })
}

fn allows(plan: &str, [sessions, storage, runs, communities]: [u32; 4]) -> Value {
    json!({ "plan": plan, "sessions": sessions, "storageMebibytes": storage, "runs": runs, "communities": communities })
}

async fn own(platform: &Platform, person: &Person) -> Value {
    platform.data(Some(person), USAGE, json!({})).await["planUsage"].clone()
}

const MEBIBYTE: f64 = 1_048_576.0;

#[tokio::test]
async fn people_see_what_they_are_entitled_to_and_administrators_see_anybodys() {
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let free = usage("FREE", (3.0, 0.0), (256.0 * MEBIBYTE, 0.0), (10.0, 0.0), (3.0, 0.0));
    assert_eq!(own(&platform, &ada).await, free);
    let of = |person: &Person| json!({ "accountId": person.id });
    assert_eq!(platform.data(Some(&root), USAGE, of(&ada)).await["planUsage"], free);
    assert_eq!(platform.data(Some(&ada), USAGE, of(&ada)).await["planUsage"], free);
    assert_eq!(platform.code(Some(&ada), USAGE, of(&root)).await, "FORBIDDEN");
    assert_eq!(platform.code(None, USAGE, json!({})).await, "UNAUTHENTICATED");
    let nobody = json!({ "accountId": "acc_00000000000000000000000000000001" });
    assert_eq!(platform.data(Some(&root), USAGE, nobody.clone()).await["planUsage"], Value::Null);

    let assign = |account: &Value| json!({ "input": { "accountId": account, "plan": "TEAM" } });
    assert_eq!(platform.code(Some(&ada), ASSIGN, assign(&json!(ada.id))).await, "FORBIDDEN");
    let refused = platform.data(Some(&root), ASSIGN, assign(&nobody["accountId"])).await;
    assert_eq!(refused["planAssign"]["errors"], json!([{ "code": "NOT_FOUND", "field": "accountId" }]));
    let assigned = platform.data(Some(&root), ASSIGN, assign(&json!(ada.id))).await;
    let team = usage("TEAM", (10.0, 0.0), (10240.0 * MEBIBYTE, 0.0), (100.0, 0.0), (20.0, 0.0));
    assert_eq!(assigned["planAssign"], json!({ "usage": team, "errors": [], "stale": false }));
    assert_eq!(own(&platform, &ada).await, team);
}

#[tokio::test]
async fn administrators_say_how_much_a_plan_allows() {
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let revise = |change: Value| json!({ "input": change });
    assert_eq!(platform.code(Some(&ada), REVISE, revise(json!({ "plan": "FREE", "sessions": 9 }))).await, "FORBIDDEN");
    let revised = platform.data(Some(&root), REVISE, revise(json!({ "plan": "FREE", "sessions": 1 }))).await;
    let limits = allows("FREE", [1, 256, 10, 3]);
    assert_eq!(revised["planRevise"], json!({ "limits": limits, "errors": [], "stale": false }), "what is left out stays");
    for (change, code, field) in [
        (json!({ "plan": "FREE", "sessions": 10001 }), "PLAN_SESSIONS_INVALID", "sessions"),
        (json!({ "plan": "FREE", "storageMebibytes": 16_777_217 }), "PLAN_STORAGE_INVALID", "storageMebibytes"),
        (json!({ "plan": "FREE", "runs": 10001 }), "PLAN_RUNS_INVALID", "runs"),
        (json!({ "plan": "FREE", "communities": 10001 }), "PLAN_COMMUNITIES_INVALID", "communities"),
    ] {
        let refused = platform.data(Some(&root), REVISE, revise(change)).await;
        assert_eq!(refused["planRevise"]["errors"], json!([{ "code": code, "field": field }]));
    }
    platform.data(Some(&root), REVISE, revise(json!({ "plan": "TEAM", "runs": 20 }))).await;
    let plans = platform.data(Some(&ada), "{ plans { plan sessions storageMebibytes runs communities } }", json!({})).await;
    assert_eq!(
        plans["plans"],
        json!([allows("FREE", [1, 256, 10, 3]), allows("TEAM", [10, 10240, 20, 20]), allows("ENTERPRISE", [100, 102_400, 1000, 200])])
    );
}

#[tokio::test]
async fn an_organiser_has_as_many_runs_as_their_plan_allows() {
    const SCHEDULE: &str = "mutation($input: RunScheduleInput!) { runSchedule(input: $input) {
        runIds errors { code field limitReached { plan kind limit used } } } }";
    let platform = Platform::start().await;
    let (grace, root) = (platform.person("grace", &[Role::Organiser]).await, platform.person("root", &[Role::Administrator]).await);
    platform.data(Some(&root), REVISE, json!({ "input": { "plan": "FREE", "runs": 2 } })).await;
    let runs = async || own(&platform, &grace).await["limits"][2].clone();
    let of = |used: f64| json!({ "kind": "RUNS", "limit": 2.0, "used": used });
    let first = scheduled(&platform, &grace, draft("Docker", 10, json!({}))).await;
    assert_eq!(runs().await, of(1.0));
    let series = draft("Docker", 10, json!({ "recurrence": "FREQ=WEEKLY;COUNT=2" }));
    let refused = platform.data(Some(&grace), SCHEDULE, json!({ "input": series.clone() })).await;
    let reached = json!({ "plan": "FREE", "kind": "RUNS", "limit": 2.0, "used": 1.0 });
    let errors = json!([{ "code": "RUNS_EXCEEDED", "field": null, "limitReached": reached }]);
    assert_eq!(refused["runSchedule"], json!({ "runIds": [], "errors": errors }));
    assert_eq!(runs().await, of(1.0));
    does(&platform, &grace, "runCancel", "run { id }", json!({ "runId": first })).await;
    assert_eq!(runs().await, of(0.0));
    let scheduled = platform.data(Some(&grace), SCHEDULE, json!({ "input": series })).await;
    assert_eq!(scheduled["runSchedule"]["errors"], json!([]));
    assert_eq!(runs().await, of(2.0));
}

#[tokio::test]
async fn an_account_has_as_many_open_communities_as_its_plan_allows() {
    const FOUND: &str = "mutation($input: CommunityFoundInput!) { communityFound(input: $input) {
        community { id } errors { code field limitReached { plan kind limit used } } } }";
    const CLOSE: &str = "mutation($input: CommunityCloseInput!) { communityClose(input: $input) { errors { code } } }";
    let platform = Platform::start().await;
    let (ada, root) = (platform.person("ada", &[]).await, platform.person("root", &[Role::Administrator]).await);
    platform.data(Some(&root), REVISE, json!({ "input": { "plan": "FREE", "communities": 1 } })).await;
    let communities = async || own(&platform, &ada).await["limits"][3].clone();
    let of = |used: f64| json!({ "kind": "COMMUNITIES", "limit": 1.0, "used": used });
    let found = async || platform.data(Some(&ada), FOUND, json!({ "input": { "name": "Gophers" } })).await["communityFound"].clone();
    let first = found().await;
    assert_eq!(communities().await, of(1.0));
    let reached = json!({ "plan": "FREE", "kind": "COMMUNITIES", "limit": 1.0, "used": 1.0 });
    let errors = json!([{ "code": "COMMUNITIES_EXCEEDED", "field": null, "limitReached": reached }]);
    assert_eq!(found().await, json!({ "community": null, "errors": errors }));
    platform.data(Some(&ada), CLOSE, json!({ "input": { "communityId": first["community"]["id"] } })).await;
    assert_eq!(communities().await, of(0.0));
    assert_eq!(found().await["errors"], json!([]), "one that was closed does not count");
}

#[tokio::test]
async fn what_goes_beyond_a_plan_is_refused_by_its_limit_what_is_used_and_the_plan() {
    let platform = Platform::start().await;
    let (grace, root) = (platform.person("grace", &[Role::Author]).await, platform.person("root", &[Role::Administrator]).await);
    let (one, two) = (platform.workshop(&grace, "one", content()).await, platform.workshop(&grace, "two", content()).await);
    let stored = own(&platform, &grace).await["limits"][1]["used"].as_f64().expect("a number");
    assert!(stored > 100.0, "{stored} bytes");
    let change = json!({ "input": { "plan": "FREE", "sessions": 1, "storageMebibytes": 0 } });
    platform.data(Some(&root), REVISE, change).await;
    let start = |workshop: &str| json!({ "input": { "workshopId": workshop } });
    let started = platform.data(Some(&grace), START, start(&one)).await;
    assert_eq!(started["sessionStart"]["errors"], json!([]));
    let refused = platform.data(Some(&grace), START, start(&two)).await;
    let reached = json!({ "plan": "FREE", "kind": "SESSIONS", "limit": 1.0, "used": 1.0 });
    assert_eq!(refused["sessionStart"]["errors"], json!([{ "code": "TOO_MANY_ACTIVE", "limitReached": reached }]));
    let draft = json!({ "input": { "slug": "three", "content": content() } });
    let refused = platform.data(Some(&grace), DRAFT, draft).await;
    assert_eq!(
        refused["workshopDraft"]["errors"],
        json!([{ "code": "STORAGE_EXCEEDED", "field": "content", "limitReached": {
        "plan": "FREE", "kind": "STORAGE", "limit": 0.0, "used": stored } }])
    );
    assert_eq!(own(&platform, &grace).await, usage("FREE", (1.0, 1.0), (0.0, stored), (10.0, 0.0), (3.0, 0.0)));
}
