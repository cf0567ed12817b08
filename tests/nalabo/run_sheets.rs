//! Runs as a file.

use chrono::{TimeDelta, Utc};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    people::{Person, text},
    runs::read_elsewhere,
    site::{Server, Site},
};

async fn get(server: &Server, by: Option<&Person>, query: &str) -> Response {
    let request = reqwest::Client::new().get(format!("http://{}/api/runs?{query}", server.address));
    let request = if let Some(person) = by { request.bearer_auth(person.tokens.access.as_str()) } else { request };
    request.send().await.expect("an answer")
}

/// The table that somebody is given.
async fn table(server: &Server, by: &Person, query: &str) -> String {
    let answer = get(server, Some(by), query).await;
    assert_eq!(answer.status(), StatusCode::OK, "{query}");
    answer.text().await.expect("a table")
}

/// A draft of somebody's, in some days; its id.
async fn draft(organiser: &Person, title: &str, language: &str, days: i64) -> String {
    let day = (Utc::now() + TimeDelta::days(days)).format("%Y-%m-%d");
    let ticket = json!({ "key": "seat", "name": "Seat", "price": { "amount": 1250, "currency": "EUR" } });
    let input = json!({
        "title": title, "category": "containers", "language": language, "instructor": "Grace", "link": "https://meet.example.org/1",
        "startsAt": format!("{day}T09:00"), "endsAt": format!("{day}T17:00"), "timeZone": "UTC", "capacity": 2, "currency": "EUR",
        "tickets": [ticket],
    });
    text(&organiser.mutate("runSchedule", input, "run { id }").await["run"]["id"])
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_exported_with_what_they_come_to() {
    let site = Site::new();
    let server = site.serve();
    let administrator = Person::administrator(&server).await;
    let grace = Person::with_role(&server, "grace", "organiser").await;
    let other = Person::with_role(&server, "other", "organiser").await;
    let ada = Person::register(&server, "ada").await;
    // A name that is a formula elsewhere.
    let run = draft(&grace, "=Docker, live", "en", 10).await;
    let later = draft(&other, "Des conteneurs", "fr", 20).await;
    grace.mutate("runPublish", json!({ "runId": run }), "run { id }").await;
    ada.mutate("registrationRequest", json!({ "runId": run, "ticket": "seat" }), "registration { id }").await;

    let all = table(&server, &administrator, "format=csv").await;
    let lines: Vec<_> = all.lines().collect();
    assert_eq!(lines.len(), 3, "{all}");
    assert!(lines[0].starts_with("run,title,category,") && lines[1].starts_with(&run) && lines[2].starts_with(&later), "{all}");
    let registered = format!(",UTC,published,public,{},2,1,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,", grace.account);
    for part in [",\"'=Docker, live\",containers,,,online,,en,Grace,", registered.as_str(), ",EUR,0.00,0,0.00,0,0.00,0,12.50,1250,"] {
        assert!(lines[1].contains(part), "{part} in {all}");
    }
    assert!(lines[2].contains(",UTC,draft,public,") && lines[2].contains(",EUR,0.00,0,0.00,0,0.00,0,0.00,0,"), "{all}");

    let own = table(&server, &grace, "format=csv&own=true").await;
    assert_eq!(own.lines().collect::<Vec<_>>(), lines[..2], "what others organise is not in it");
    for (query, runs) in [
        ("state=draft", vec![&later]),
        ("language=fr", vec![&later]),
        ("search=docker", vec![&run]),
        ("category=Containers&runFormat=online", vec![&run, &later]),
        ("city=Bern", vec![]),
        ("currency=EUR&least=1000&most=1250", vec![&run, &later]),
        ("currency=EUR&most=1249", vec![]),
        ("latitude=46.9&longitude=7.4&kilometres=100", vec![]),
        ("from=2000-01-01T00:00:00Z&until=2001-01-01T00:00:00Z", vec![]),
    ] {
        let some = table(&server, &administrator, &format!("format=csv&{query}")).await;
        let ids: Vec<_> = some.lines().skip(1).map(|line| line.split(',').next().expect("an id")).collect();
        assert_eq!(ids, runs, "{query}");
    }

    let workbook = get(&server, Some(&administrator), "format=xlsx").await;
    assert_eq!(workbook.headers()["content-disposition"], "attachment; filename=\"runs.xlsx\"");
    let read = read_elsewhere("registrations/read.py", &workbook.bytes().await.expect("a file"));
    let headings: Vec<_> = read["rows"][0].as_array().expect("names").iter().filter_map(Value::as_str).collect();
    assert_eq!(headings, lines[0].split(',').collect::<Vec<_>>(), "the same columns as in the other form");
    let cell = |name: &str| &read["rows"][1][headings.iter().position(|heading| *heading == name).expect("a column")];
    assert_eq!((cell("run"), cell("title"), cell("awaitingPayment")), (&json!(run), &json!("=Docker, live"), &json!(1)));
    assert_eq!((cell("due").as_f64(), cell("dueMinor").as_f64()), (Some(12.5), Some(1250.0)), "numbers: {read}");
    assert_eq!(read["formulas"], 0, "{read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_exported_for_who_organises_them_and_the_audit_knows() {
    let site = Site::new();
    let server = site.serve();
    let administrator = Person::administrator(&server).await;
    let grace = Person::with_role(&server, "grace", "organiser").await;
    let ada = Person::register(&server, "ada").await;
    let long = format!("format=csv&own=true&search={}", "a".repeat(201));
    for (by, query, status, code) in [
        (None, "format=csv&own=true", StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
        (Some(&ada), "format=csv&own=true", StatusCode::FORBIDDEN, "FORBIDDEN"),
        (Some(&grace), "format=csv", StatusCode::FORBIDDEN, "FORBIDDEN"),
        (Some(&grace), "format=csv&own=false", StatusCode::FORBIDDEN, "FORBIDDEN"),
        (Some(&grace), "format=ods&own=true", StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        (Some(&grace), "format=csv&own=true&state=lost", StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        (Some(&grace), "format=csv&own=true&city=", StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        (Some(&grace), "format=csv&own=true&latitude=91&longitude=0&kilometres=1", StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        (Some(&grace), "format=csv&own=true&latitude=46.9", StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        (Some(&grace), "format=csv&own=true&least=1", StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        (Some(&grace), "format=csv&own=true&organiser=1", StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        (
            Some(&grace),
            "format=csv&own=true&from=2027-01-01T00:00:00Z&until=2027-01-01T00:00:00Z",
            StatusCode::BAD_REQUEST,
            "BAD_USER_INPUT",
        ),
        (Some(&grace), long.as_str(), StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
    ] {
        let answer = get(&server, by, query).await;
        assert_eq!(answer.status(), status, "{query}");
        let problem: Value = answer.json().await.expect("a problem");
        assert_eq!(problem["code"], code, "{query}");
    }
    let none = table(&server, &grace, "format=csv&own=true").await;
    assert_eq!(none.lines().count(), 1, "the names of the columns alone: {none}");
    let query = "query($actor: String!) {
        auditTrail(filter: { action: \"runsExport\", outcome: ACCEPTED, actor: $actor }, first: 10) { nodes { action } }
    }";
    // Who exported something is in the audit.
    let is_noted = |data: &Value| data["auditTrail"]["nodes"].as_array().expect("nodes").len() == 1;
    administrator.until(query, json!({ "actor": grace.account }), is_noted).await;
}
