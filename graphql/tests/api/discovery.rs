//! Which runs are found, and by whom.

use chrono::{TimeDelta, Utc};
use domain::identity::Role;
use serde_json::{Value, json};

use crate::platform::{Person, Platform};

const RUNS: &str = "query($filter: RunFilter, $search: String, $sort: RunSort, $first: Int, $after: String) {
    runs(filter: $filter, search: $search, sort: $sort, first: $first, after: $after) {
        nodes { id title } totalCount pageInfo { endCursor hasNextPage }
        facets { categories { value count } cities { value count } tags { value count } formats { value count } levels { value count }
            languages { value count } withPlaces } } }";
const RUN: &str = "query($id: ID!, $code: String) { run(id: $id, code: $code) { title } }";

/// A run online in so many days; members are put in place of what it has otherwise.
pub(crate) fn draft(title: &str, days: i64, members: Value) -> Value {
    let day = (Utc::now() + TimeDelta::days(days)).format("%Y-%m-%d");
    let mut run = json!({
        "title": title, "category": "containers", "language": "en", "instructor": "Grace Hopper", "link": "https://meet.example.org/1",
        "startsAt": format!("{day}T09:00"), "endsAt": format!("{day}T17:00"), "timeZone": "UTC", "capacity": 2, "currency": "EUR",
        "tickets": [{ "key": "seat", "name": "Seat", "price": { "amount": 0, "currency": "EUR" } }],
    });
    let Value::Object(members) = members else { panic!("expected members") };
    run.as_object_mut().expect("a run").extend(members);
    run
}

/// What a mutation makes; nothing is wrong with it.
pub(crate) async fn does(platform: &Platform, by: &Person, mutation: &str, made: &str, input: Value) -> Value {
    let (first, rest) = mutation.split_at(1);
    let of = format!("{}{rest}Input", first.to_uppercase());
    let query = format!("mutation($input: {of}!) {{ {mutation}(input: $input) {{ {made} errors {{ code message field }} }} }}");
    let answer = platform.data(Some(by), &query, json!({ "input": input })).await[mutation].clone();
    assert_eq!(answer["errors"], json!([]), "{mutation}");
    answer
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

pub(crate) async fn scheduled(platform: &Platform, organiser: &Person, draft: Value) -> String {
    text(&does(platform, organiser, "runSchedule", "run { id }", draft).await["run"]["id"])
}

pub(crate) async fn published(platform: &Platform, organiser: &Person, draft: Value) -> String {
    let id = scheduled(platform, organiser, draft).await;
    does(platform, organiser, "runPublish", "run { id }", json!({ "runId": id })).await;
    id
}

/// Somebody's registration; its id.
pub(crate) async fn registered(platform: &Platform, by: &Person, run: &str) -> String {
    let input = json!({ "runId": run, "ticket": "seat", "wait": true });
    text(&does(platform, by, "registrationRequest", "registration { id }", input).await["registration"]["id"])
}

async fn runs(platform: &Platform, by: Option<&Person>, variables: Value) -> Value {
    platform.data(by, RUNS, variables).await["runs"].clone()
}

fn titles(runs: &Value) -> Vec<&str> {
    runs["nodes"].as_array().expect("runs").iter().filter_map(|run| run["title"].as_str()).collect()
}

fn venue(city: &str, latitude: f64, longitude: f64) -> Value {
    json!({ "venue": { "name": "Here", "city": city, "coordinates": { "latitude": latitude, "longitude": longitude } }, "link": null })
}

/// Three runs of one organiser.
async fn listed(platform: &Platform) -> Person {
    let grace = platform.person("grace", &[Role::Organiser]).await;
    let mut zurich = venue("Zürich", 47.3769, 8.5417);
    zurich["tags"] = json!(["docker"]);
    zurich["level"] = json!("BEGINNER");
    published(platform, &grace, draft("Docker", 20, zurich)).await;
    let price = json!([{ "key": "seat", "name": "Seat", "price": { "amount": 50_000, "currency": "EUR" } }]);
    let mut geneva = venue("Genève", 46.2044, 6.1432);
    geneva["tickets"] = price;
    geneva["language"] = json!("fr");
    published(platform, &grace, draft("Données", 10, geneva)).await;
    let sewing = json!({ "category": "sewing", "tags": ["docker", "thread"], "description": "Of images." });
    published(platform, &grace, draft("Sewing", 30, sewing)).await;
    platform.level().await;
    grace
}

#[tokio::test]
async fn runs_are_found_by_words_whatever_their_case_accents_and_errors() {
    let platform = Platform::start().await;
    listed(&platform).await;
    let cases = [
        (json!({}), vec!["Données", "Docker", "Sewing"]),
        (json!({ "search": "DOCKER" }), vec!["Docker", "Sewing"]),
        (json!({ "search": "zurich" }), vec!["Docker"]),
        (json!({ "search": "donnees geneve" }), vec!["Données"]),
        (json!({ "search": "dokcer zürihc" }), vec!["Docker"]),
        (json!({ "search": "image" }), vec!["Sewing"]),
        (json!({ "search": "nothing" }), vec![]),
        (json!({ "search": "docker", "sort": "DATE" }), vec!["Docker", "Sewing"]),
        (json!({ "sort": "PRICE" }), vec!["Docker", "Sewing", "Données"]),
        (json!({ "sort": "HIGHEST_PRICE", "first": 1 }), vec!["Données"]),
        (json!({ "filter": { "categories": ["Sewing"] } }), vec!["Sewing"]),
        (json!({ "filter": { "tags": ["docker", "thread"] } }), vec!["Sewing"]),
        (json!({ "filter": { "cities": ["geneve", "Zurich"] } }), vec!["Données", "Docker"]),
        (json!({ "filter": { "near": { "latitude": 47.4, "longitude": 8.5, "kilometres": 50 } } }), vec!["Docker"]),
        (json!({ "filter": { "price": { "currency": "EUR", "least": 1 } } }), vec!["Données"]),
        (json!({ "filter": { "languages": ["fr"], "formats": ["ON_SITE"], "withPlaces": true } }), vec!["Données"]),
        (json!({ "filter": { "levels": ["BEGINNER"] } }), vec!["Docker"]),
        (json!({ "filter": { "from": Utc::now() + TimeDelta::days(15), "until": Utc::now() + TimeDelta::days(25) } }), vec!["Docker"]),
        (json!({ "filter": { "from": Utc::now() + TimeDelta::days(90) } }), vec![]),
    ];
    for (variables, expected) in cases {
        let found = runs(&platform, None, variables.clone()).await;
        assert_eq!(titles(&found), expected, "{variables}");
        let first = variables["first"].as_u64();
        assert_eq!(found["totalCount"], first.map_or(expected.len(), |_| 3), "{variables}");
    }
}

#[tokio::test]
async fn facets_say_how_many_there_would_be_with_another_choice() {
    let platform = Platform::start().await;
    listed(&platform).await;
    let facets = runs(&platform, None, json!({ "filter": { "categories": ["sewing"] } })).await["facets"].clone();
    assert_eq!(facets["categories"], json!([{ "value": "containers", "count": 2 }, { "value": "sewing", "count": 1 }]));
    assert_eq!(facets["tags"], json!([{ "value": "docker", "count": 1 }, { "value": "thread", "count": 1 }]));
    assert_eq!((&facets["cities"], &facets["levels"], &facets["withPlaces"]), (&json!([]), &json!([]), &json!(1)));
    assert_eq!(facets["formats"], json!([{ "value": "ONLINE", "count": 1 }]));
    assert_eq!(facets["languages"], json!([{ "value": "en", "count": 1 }]));
}

#[tokio::test]
async fn what_differs_by_a_sign_is_not_the_same_tag() {
    let platform = Platform::start().await;
    let grace = listed(&platform).await;
    for (tag, days) in [("C", 40), ("C++", 41), ("C#", 42)] {
        published(&platform, &grace, draft(tag, days, json!({ "category": "languages", "tags": [tag] }))).await;
    }
    platform.level().await;
    assert_eq!(titles(&runs(&platform, None, json!({ "filter": { "tags": ["c#"] } })).await), ["C#"]);
    let facets = runs(&platform, None, json!({ "filter": { "categories": ["languages"] } })).await["facets"].clone();
    let once = |tag: &str| json!({ "value": tag, "count": 1 });
    assert_eq!(facets["tags"], json!([once("C"), once("C#"), once("C++")]));
}

#[tokio::test]
async fn a_run_for_the_invited_alone_costs_what_they_pay() {
    let platform = Platform::start().await;
    let grace = platform.person("grace", &[Role::Organiser]).await;
    let seat = json!({ "key": "seat", "name": "Seat", "price": { "amount": 90_000, "currency": "EUR" }, "audience": "INVITED" });
    published(&platform, &grace, draft("Dinner", 20, json!({ "tickets": [seat] }))).await;
    platform.level().await;
    let costing = async |range: Value| runs(&platform, None, json!({ "filter": { "price": range } })).await;
    assert_eq!(titles(&costing(json!({ "currency": "EUR", "most": 0 })).await), Vec::<&str>::new(), "it is not free");
    assert_eq!(titles(&costing(json!({ "currency": "EUR", "least": 90_000 })).await), ["Dinner"]);
}

#[tokio::test]
async fn pages_stay_where_they_are_while_runs_are_added() {
    let platform = Platform::start().await;
    let grace = listed(&platform).await;
    for (search, rest) in [(Value::Null, vec!["Docker", "Later", "Sewing"]), (json!("docker"), vec!["Sewing"])] {
        let first = runs(&platform, None, json!({ "search": search, "first": 1 })).await;
        if search.is_null() {
            published(&platform, &grace, draft("Earlier", 5, json!({}))).await;
            published(&platform, &grace, draft("Later", 25, json!({}))).await;
            platform.level().await;
        }
        let after = json!({ "search": search, "first": 10, "after": first["pageInfo"]["endCursor"] });
        let found = runs(&platform, None, after).await;
        assert_eq!(titles(&found), rest, "{search}");
        assert_eq!(found["pageInfo"]["hasNextPage"], false);
    }
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_named_by_its_field() {
    let platform = Platform::start().await;
    let admin = platform.person("root", &[Role::Administrator]).await;
    listed(&platform).await;
    let by_price = runs(&platform, None, json!({ "sort": "PRICE", "first": 1 })).await["pageInfo"]["endCursor"].clone();
    let near = |latitude: f64, longitude: f64, kilometres: f64| {
        let near = json!({ "latitude": latitude, "longitude": longitude, "kilometres": kilometres });
        json!({ "filter": { "near": near } })
    };
    let price =
        |currency: &str, least: i64, most: i64| json!({ "filter": { "price": { "currency": currency, "least": least, "most": most } } });
    let cases = [
        (near(91.0, 0.0, 1.0), "filter.near.latitude"),
        (near(0.0, -181.0, 1.0), "filter.near.longitude"),
        (near(0.0, 0.0, 0.0), "filter.near.kilometres"),
        (near(0.0, 0.0, 1e9), "filter.near.kilometres"),
        (price("euro", 0, 1), "filter.price.currency"),
        (price("EUR", -1, 1), "filter.price.least"),
        (price("EUR", 2, 1), "filter.price.most"),
        (json!({ "filter": { "from": "2030-01-02T00:00:00Z", "until": "2030-01-01T00:00:00Z" } }), "filter.until"),
        (json!({ "filter": { "tags": [""] } }), "filter.tags"),
        (json!({ "filter": { "cities": vec!["Bern"; 21] } }), "filter.cities"),
        (json!({ "filter": { "states": ["DRAFT"] } }), "filter.states"),
        (json!({ "filter": { "own": true, "everybody": true } }), "filter.everybody"),
        (json!({ "search": "a".repeat(201) }), "search"),
        (json!({ "after": "nonsense" }), "after"),
        (json!({ "sort": "DATE", "after": by_price }), "after"),
    ];
    for (variables, argument) in cases {
        let answer = platform.answer(Some(&admin), RUNS, variables.clone()).await;
        let extensions = &answer["errors"][0]["extensions"];
        let named = (&extensions["code"], &extensions["argument"]);
        assert_eq!(named, (&json!("BAD_USER_INPUT"), &json!(argument)), "{variables}: {answer}");
    }
}

#[tokio::test]
async fn each_finds_what_is_theirs_to_see() {
    let platform = Platform::start().await;
    let (grace, stranger) = (platform.person("grace", &[Role::Organiser]).await, platform.person("stranger", &[]).await);
    let (guest, admin) = (platform.person("guest", &[]).await, platform.person("root", &[Role::Administrator]).await);
    let plan = scheduled(&platform, &grace, draft("Draft", 10, json!({}))).await;
    let unlisted = published(&platform, &grace, draft("Unlisted", 11, json!({ "visibility": "UNLISTED" }))).await;
    let closed = published(&platform, &grace, draft("Closed", 12, json!({ "visibility": "CODE" }))).await;
    let code = json!({ "runId": closed, "code": "LET-ME-IN", "admits": true });
    does(&platform, &grace, "discountCreate", "run { id }", code).await;
    let input = json!({ "runId": closed, "ticket": "seat", "code": "let-me-in" });
    does(&platform, &guest, "registrationRequest", "registration { id }", input).await;
    platform.level().await;

    assert_eq!(titles(&runs(&platform, Some(&stranger), json!({})).await), [""; 0]);
    let own = json!({ "filter": { "own": true } });
    assert_eq!(titles(&runs(&platform, Some(&grace), own.clone()).await), ["Draft", "Unlisted", "Closed"]);
    assert_eq!(titles(&runs(&platform, Some(&stranger), own.clone()).await), [""; 0]);
    assert_eq!(platform.code(None, RUNS, own).await, "UNAUTHENTICATED");
    let all = json!({ "filter": { "everybody": true, "states": ["PUBLISHED"] } });
    assert_eq!(titles(&runs(&platform, Some(&admin), all.clone()).await), ["Unlisted", "Closed"]);
    assert_eq!(platform.code(Some(&grace), RUNS, all).await, "FORBIDDEN");

    let people = [None, Some(&stranger), Some(&guest), Some(&grace), Some(&admin)];
    let cases = [
        (json!({ "id": plan }), [false, false, false, true, true]),
        (json!({ "id": unlisted }), [true; 5]),
        (json!({ "id": closed }), [false, false, true, true, true]),
        (json!({ "id": closed, "code": "LET-ME-OUT" }), [false, false, true, true, true]),
        (json!({ "id": closed, "code": "LET-ME-IN" }), [true; 5]),
    ];
    for (variables, expected) in cases {
        for (person, sees) in people.into_iter().zip(expected) {
            let data = platform.data(person, RUN, variables.clone()).await;
            assert_eq!(!data["run"].is_null(), sees, "{variables} for {:?}", person.map(|person| &person.email));
        }
    }
}

#[tokio::test]
async fn a_link_is_told_to_who_is_confirmed_and_to_who_runs_it() {
    let platform = Platform::start().await;
    let (grace, ada, bob) =
        (platform.person("grace", &[Role::Organiser]).await, platform.person("ada", &[]).await, platform.person("bob", &[]).await);
    let run = published(&platform, &grace, draft("Docker", 10, json!({ "capacity": 1 }))).await;
    registered(&platform, &ada, &run).await;
    registered(&platform, &bob, &run).await;
    platform.level().await;
    let query = "query($id: ID!) { run(id: $id) { link codes { code } left waiting myRegistration { state } } }";
    let seen = async |person| platform.data(person, query, json!({ "id": run })).await["run"].clone();
    let (link, none) = (json!("https://meet.example.org/1"), Value::Null);
    assert_eq!(seen(Some(&ada)).await["link"], link);
    assert_eq!(seen(Some(&ada)).await["myRegistration"], json!({ "state": "CONFIRMED" }));
    let waits = seen(Some(&bob)).await;
    assert_eq!((&waits["link"], &waits["myRegistration"]), (&none, &json!({ "state": "WAITLISTED" })));
    assert_eq!((&waits["left"], &waits["waiting"], &waits["codes"]), (&json!(0), &json!(1), &none));
    assert_eq!(seen(None).await["link"], none);
    let own = seen(Some(&grace)).await;
    assert_eq!((&own["link"], &own["codes"], &own["myRegistration"]), (&link, &json!([]), &none));
}

#[tokio::test]
async fn a_ticket_tells_what_is_left_of_it_and_what_it_costs_now() {
    let platform = Platform::start().await;
    let (grace, ada) = (platform.person("grace", &[Role::Organiser]).await, platform.person("ada", &[]).await);
    let eur = |amount: i64| json!({ "amount": amount, "currency": "EUR" });
    let early = json!({ "key": "seat", "name": "Seat", "price": eur(500), "quota": 3, "tiers": [{ "first": 1, "price": eur(0) }] });
    let late = json!({ "key": "late", "name": "Late", "price": eur(900) });
    let run = published(&platform, &grace, draft("Docker", 10, json!({ "capacity": 5, "tickets": [early, late] }))).await;
    let query = "query($id: ID!) { run(id: $id) { tickets { key left price { amount } currentPrice { amount } } } }";
    let tickets = async || platform.data(None, query, json!({ "id": run })).await["run"]["tickets"].clone();
    let ticket = |key: &str, left: i32, price: i32, now: i32| json!({ "key": key, "left": left, "price": { "amount": price }, "currentPrice": { "amount": now } });
    assert_eq!(tickets().await, json!([ticket("seat", 3, 500, 0), ticket("late", 5, 900, 900)]));
    registered(&platform, &ada, &run).await;
    assert_eq!(tickets().await, json!([ticket("seat", 2, 500, 500), ticket("late", 4, 900, 900)]));
}
