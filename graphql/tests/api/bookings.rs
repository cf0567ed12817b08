//! Who comes to runs, as they, organisers and administrators see it.

use domain::identity::Role;
use serde_json::{Value, json};

use crate::{
    discovery::{does, draft, published, registered},
    platform::{Person, Platform},
};

const REGISTRATION: &str = "query($id: ID!) { registration(id: $id) {
    state seats position registrant { name email attendees answers { key text number yesNo choices } }
    due { amount currency } paid { amount } run { title } payments { state amount { amount } } } }";
const REGISTRATIONS: &str = "query($run: ID!, $filter: RegistrationFilter, $first: Int, $after: String) {
    registrations(runId: $run, filter: $filter, first: $first, after: $after) {
        nodes { state position account { email } registrant { email } } totalCount pageInfo { endCursor hasNextPage } } }";
const DASHBOARD: &str = "query($run: ID!) { runDashboard(runId: $run) {
    run { title } registrations { state registrations seats } checkIn { expected checkedIn noShow }
    revenue { received { amount } refunded { amount } owed { amount } due { amount currency } }
    fill { capacity taken waiting } } }";

/// A run of one place at 100.00, which asks something: Ada has to pay, Bob and Carol wait.
struct Line {
    platform: Platform,
    grace: Person,
    ada: Person,
    bob: Person,
    carol: Person,
    run: String,
    /// Ada's, Bob's and Carol's.
    registrations: [String; 3],
}

async fn line() -> Line {
    let platform = Platform::start().await;
    let grace = platform.person("grace", &[Role::Organiser]).await;
    let (ada, bob, carol) = (platform.person("ada", &[]).await, platform.person("bob", &[]).await, platform.person("carol", &[]).await);
    let tickets = json!([{ "key": "seat", "name": "Seat", "price": { "amount": 10_000, "currency": "EUR" } }]);
    let questions = json!([{ "key": "diet", "label": "What do you not eat?", "kind": "TEXT", "required": false }]);
    let run = published(&platform, &grace, draft("Docker", 10, json!({ "capacity": 1, "tickets": tickets, "questions": questions }))).await;
    let input = json!({ "runId": run, "ticket": "seat", "answers": [{ "key": "diet", "value": { "text": "Nuts" } }] });
    let made = does(&platform, &ada, "registrationRequest", "registration { id }", input).await;
    let first = crate::discovery::text(&made["registration"]["id"]);
    let registrations = [first, registered(&platform, &bob, &run).await, registered(&platform, &carol, &run).await];
    platform.level().await;
    Line { platform, grace, ada, bob, carol, run, registrations }
}

#[tokio::test]
async fn a_registration_is_shown_to_whom_it_is_of_and_to_who_organises_the_run() {
    let Line { platform, grace, ada, bob, registrations, .. } = line().await;
    let other = platform.person("other", &[Role::Organiser]).await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let seen = async |person: Option<&Person>| platform.answer(person, REGISTRATION, json!({ "id": registrations[0] })).await;
    for person in [&ada, &grace, &admin] {
        let answer = seen(Some(person)).await;
        let registration = &answer["data"]["registration"];
        let answers = json!([{ "key": "diet", "text": "Nuts", "number": null, "yesNo": null, "choices": null }]);
        let who = json!({ "name": "ada", "email": "ada@example.org", "attendees": ["ada"], "answers": answers });
        assert_eq!(registration["registrant"], who, "{}: {answer}", person.email);
        assert_eq!((&registration["state"], &registration["seats"]), (&json!("AWAITING_PAYMENT"), &json!(1)));
        assert_eq!(
            (&registration["due"], &registration["run"]["title"]),
            (&json!({ "amount": 10_000, "currency": "EUR" }), &json!("Docker"))
        );
    }
    for person in [&bob, &other] {
        assert_eq!(seen(Some(person)).await["data"]["registration"], Value::Null, "{}", person.email);
        let node = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(platform.data(Some(person), node, json!({ "id": registrations[0] })).await["node"], Value::Null, "{}", person.email);
    }
    assert_eq!(seen(None).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(platform.code(Some(&ada), REGISTRATION, json!({ "id": "run_1" })).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn who_is_erased_is_forgotten_and_their_registration_is_not() {
    let Line { platform, grace, ada, registrations, .. } = line().await;
    let (identity, system) = (&platform.services.commands.identity, commands::Request::system("test"));
    identity.erase(&system, ada.id.parse().expect("an id"), Some("asked for")).await.expect("decided");
    platform.level().await;
    let data = platform.data(Some(&grace), REGISTRATION, json!({ "id": registrations[0] })).await;
    assert_eq!(data["registration"]["registrant"], json!({ "name": null, "email": null, "attendees": null, "answers": null }));
}

#[tokio::test]
async fn an_organiser_is_listed_who_comes_to_their_own_runs() {
    let Line { platform, grace, ada, run, .. } = line().await;
    let other = platform.person("other", &[Role::Organiser]).await;
    let of = |more: Value| {
        let mut variables = json!({ "run": run });
        variables.as_object_mut().expect("variables").extend(more.as_object().expect("more").clone());
        variables
    };
    let all = platform.data(Some(&grace), REGISTRATIONS, of(json!({}))).await["registrations"].clone();
    let emails =
        |page: &Value| page["nodes"].as_array().expect("nodes").iter().map(|node| node["registrant"]["email"].clone()).collect::<Vec<_>>();
    assert_eq!(emails(&all), ["carol@example.org", "bob@example.org", "ada@example.org"], "the latest first");
    let places: Vec<_> = all["nodes"].as_array().expect("nodes").iter().map(|node| node["position"].clone()).collect();
    assert_eq!(places, [json!(2), json!(1), Value::Null]);
    let waiting = of(json!({ "filter": { "states": ["WAITLISTED"] }, "first": 1 }));
    let first = platform.data(Some(&grace), REGISTRATIONS, waiting).await["registrations"].clone();
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
    let rest = of(json!({ "filter": { "states": ["WAITLISTED"] }, "after": first["pageInfo"]["endCursor"] }));
    assert_eq!(emails(&platform.data(Some(&grace), REGISTRATIONS, rest).await["registrations"]), ["bob@example.org"]);

    assert_eq!(platform.data(Some(&other), REGISTRATIONS, of(json!({}))).await["registrations"], Value::Null);
    assert_eq!(platform.code(Some(&ada), REGISTRATIONS, of(json!({}))).await, "FORBIDDEN");
    assert_eq!(platform.code(None, REGISTRATIONS, of(json!({}))).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn somebody_sees_what_they_registered_for() {
    let Line { platform, ada, carol, registrations, .. } = line().await;
    let query = "{ myBookings { upcoming { nodes { state position } totalCount } past { totalCount } ended { nodes { state } }
        waiting { id position } due { amount currency } } myRegistrations(time: UPCOMING) { nodes { run { title } } totalCount } }";
    let own = platform.data(Some(&ada), query, json!({})).await;
    assert_eq!(own["myBookings"]["due"], json!([{ "amount": 10_000, "currency": "EUR" }]));
    assert_eq!(own["myBookings"]["upcoming"], json!({ "nodes": [{ "state": "AWAITING_PAYMENT", "position": null }], "totalCount": 1 }));
    assert_eq!(own["myRegistrations"], json!({ "nodes": [{ "run": { "title": "Docker" } }], "totalCount": 1 }));
    let waits = platform.data(Some(&carol), query, json!({})).await;
    assert_eq!(waits["myBookings"]["waiting"], json!([{ "id": registrations[2], "position": 2 }]));
    assert_eq!((&waits["myBookings"]["due"], &waits["myBookings"]["past"]["totalCount"]), (&json!([]), &json!(0)));
    does(&platform, &carol, "registrationWithdraw", "registration { id }", json!({ "registrationId": registrations[2] })).await;
    let gone = platform.data(Some(&carol), query, json!({})).await;
    assert_eq!(gone["myBookings"]["ended"]["nodes"], json!([{ "state": "WITHDRAWN" }]));
    assert_eq!(gone["myBookings"]["upcoming"]["totalCount"], 0);
    assert_eq!(platform.code(None, query, json!({})).await, "UNAUTHENTICATED");
}

#[tokio::test]
async fn an_organiser_sees_how_their_run_does() {
    let Line { platform, grace, ada, run, registrations, .. } = line().await;
    let other = platform.person("other", &[Role::Organiser]).await;
    let seen = async || platform.data(Some(&grace), DASHBOARD, json!({ "run": run })).await["runDashboard"].clone();
    let before = seen().await;
    let states = json!([
        { "state": "AWAITING_PAYMENT", "registrations": 1, "seats": 1 },
        { "state": "WAITLISTED", "registrations": 2, "seats": 2 },
    ]);
    assert_eq!(before["registrations"], states);
    assert_eq!(before["revenue"]["received"], json!({ "amount": 0 }));
    assert_eq!(before["revenue"]["due"], json!({ "amount": 10_000, "currency": "EUR" }), "of who was asked to pay, and not of who waits");
    assert_eq!(before["fill"].as_array().and_then(|days| days.last()), Some(&json!({ "capacity": 1, "taken": 1, "waiting": 2 })));

    let amount = json!({ "amount": 10_000, "currency": "EUR" });
    let paid = json!({ "registrationId": registrations[0], "amount": amount });
    does(&platform, &grace, "paymentRecord", "registration { id }", paid).await;
    let after = seen().await;
    let revenue = &after["revenue"];
    assert_eq!((&revenue["received"], &revenue["owed"]), (&json!({ "amount": 10_000 }), &json!({ "amount": 0 })));
    assert_eq!(after["checkIn"], json!({ "expected": 1, "checkedIn": 0, "noShow": 0 }));

    assert_eq!(platform.data(Some(&other), DASHBOARD, json!({ "run": run })).await["runDashboard"], Value::Null);
    assert_eq!(platform.code(Some(&ada), DASHBOARD, json!({ "run": run })).await, "FORBIDDEN");
}

#[tokio::test]
async fn an_administrator_sees_how_all_runs_do() {
    let Line { platform, grace, bob, .. } = line().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    let free = published(&platform, &grace, draft("Free", 12, json!({}))).await;
    registered(&platform, &bob, &free).await;
    platform.level().await;
    let query =
        "{ bookingDashboard { runCounts { state runs } registrationCounts { state registrations } revenue { due { amount currency } }
        checkIn { expected checkedIn noShow } registrationDays { registrations seats places }
        runs { nodes { title } totalCount } registrations(filter: { states: [CONFIRMED] }) { nodes { run { title } } totalCount } } }";
    let seen = platform.data(Some(&admin), query, json!({})).await["bookingDashboard"].clone();
    assert_eq!(seen["runCounts"], json!([{ "state": "PUBLISHED", "runs": 2 }]));
    let states = json!([
        { "state": "AWAITING_PAYMENT", "registrations": 1 },
        { "state": "CONFIRMED", "registrations": 1 },
        { "state": "WAITLISTED", "registrations": 2 },
    ]);
    assert_eq!(seen["registrationCounts"], states);
    assert_eq!(seen["checkIn"], json!({ "expected": 1, "checkedIn": 0, "noShow": 0 }));
    // It may be past midnight by now.
    let days = seen["registrationDays"].as_array().expect("days");
    let sum = |field: &str| days.iter().filter_map(|day| day[field].as_i64()).sum::<i64>();
    assert_eq!(["registrations", "seats", "places"].map(sum), [4, 4, 2], "{days:?}");
    assert_eq!(seen["runs"], json!({ "nodes": [{ "title": "Docker" }, { "title": "Free" }], "totalCount": 2 }));
    assert_eq!(seen["registrations"], json!({ "nodes": [{ "run": { "title": "Free" } }], "totalCount": 1 }));
    for person in [&grace, &bob] {
        assert_eq!(platform.code(Some(person), query, json!({})).await, "FORBIDDEN");
    }
}
