//! Registrations as a file.

use chrono::{TimeDelta, Utc};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    people::{Person, text},
    runs::read_elsewhere,
    site::{Server, Site},
};

async fn get(server: &Server, by: Option<&Person>, query: &str) -> Response {
    let request = reqwest::Client::new().get(format!("http://{}/api/registrations?{query}", server.address));
    let request = if let Some(person) = by { request.bearer_auth(person.tokens.access.as_str()) } else { request };
    request.send().await.expect("an answer")
}

/// A run of somebody's that a learner registered for, under a name that is a formula elsewhere; its id.
async fn run(organiser: &Person, learner: &Person) -> String {
    let day = (Utc::now() + TimeDelta::days(10)).format("%Y-%m-%d");
    let ticket = json!({ "key": "seat", "name": "Seat", "price": { "amount": 1250, "currency": "EUR" } });
    let input = json!({
        "title": "Docker, live", "category": "containers", "language": "en", "instructor": "Grace", "link": "https://meet.example.org/1",
        "startsAt": format!("{day}T09:00"), "endsAt": format!("{day}T17:00"), "timeZone": "UTC", "capacity": 2, "currency": "EUR",
        "tickets": [ticket],
    });
    let run = text(&organiser.mutate("runSchedule", input, "run { id }").await["run"]["id"]);
    organiser.mutate("runPublish", json!({ "runId": run }), "run { id }").await;
    let input = json!({ "runId": run, "ticket": "seat", "attendees": ["=1+1"] });
    learner.mutate("registrationRequest", input, "registration { id }").await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_are_exported_for_who_organises_the_run() {
    let site = Site::new();
    let server = site.serve();
    let administrator = Person::administrator(&server).await;
    let grace = Person::with_role(&server, "grace", "organiser").await;
    let other = Person::with_role(&server, "other", "organiser").await;
    let ada = Person::register(&server, "ada").await;
    let id = run(&grace, &ada).await;
    let of_run = |format: &str| format!("format={format}&run={id}");

    let table = get(&server, Some(&grace), &of_run("csv")).await;
    assert_eq!((table.status(), &table.headers()["content-type"].to_str().expect("text")[..8]), (StatusCode::OK, "text/csv"));
    let table = table.text().await.expect("a table");
    let (names, row) = table.split_once("\r\n").expect("two lines");
    assert!(names.starts_with("registration,run,title,startsAt,number,state,"), "{table}");
    for part in [
        format!(",{id},\"Docker, live\",").as_str(),
        ",1,awaiting_payment,seat,1,ada,ada@example.org,'=1+1,",
        ",EUR,12.50,0.00,0.00,0.00,12.50,0.00,",
    ] {
        assert!(row.contains(part), "{part} in {table}");
    }
    let workbook = get(&server, Some(&grace), &of_run("xlsx")).await;
    assert_eq!(workbook.headers()["content-disposition"], "attachment; filename=\"registrations.xlsx\"");
    let read = read_elsewhere("registrations/read.py", &workbook.bytes().await.expect("a file"));
    let (head, cells) = (&read["rows"][0], read["rows"][1].as_array().expect("a row"));
    let headings: Vec<_> = head.as_array().expect("names").iter().filter_map(Value::as_str).collect();
    assert_eq!(headings, names.split(',').collect::<Vec<_>>(), "the same columns as in the other form");
    let cell = |name: &str| &cells[headings.iter().position(|heading| *heading == name).expect("a column")];
    assert_eq!((cell("run"), cell("title"), cell("email")), (&json!(id), &json!("Docker, live"), &json!("ada@example.org")));
    assert_eq!(cell("due").as_f64(), Some(12.5), "a number: {read}");
    assert_eq!(read["formulas"], 0, "{read}");
    let all = get(&server, Some(&administrator), "format=csv&state=awaiting_payment").await.text().await.expect("a table");
    assert_eq!(all, table);
    assert_eq!(
        get(&server, Some(&grace), &format!("{}&state=confirmed", of_run("csv"))).await.text().await.expect("a table").lines().count(),
        1
    );

    for (by, query, status, code) in [
        (None, of_run("csv"), StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
        (Some(&ada), of_run("csv"), StatusCode::FORBIDDEN, "FORBIDDEN"),
        (Some(&other), of_run("csv"), StatusCode::NOT_FOUND, "RUN_NOT_FOUND"),
        (Some(&grace), "format=csv".into(), StatusCode::FORBIDDEN, "FORBIDDEN"),
        (Some(&grace), of_run("ods"), StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        (Some(&grace), "format=csv&run=run_1".into(), StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        (Some(&grace), format!("{}&state=lost", of_run("csv")), StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
    ] {
        let answer = get(&server, by, &query).await;
        assert_eq!(answer.status(), status, "{query}");
        let problem: Value = answer.json().await.expect("a problem");
        assert_eq!(problem["code"], code, "{query}");
    }
    let query = "{ auditTrail(filter: { action: \"registrationsExport\", outcome: ACCEPTED }, first: 10) { nodes { subject } } }";
    // Who exported what is in the audit.
    let is_noted = |data: &Value| data["auditTrail"]["nodes"].as_array().expect("nodes").iter().any(|node| node["subject"] == json!(id));
    administrator.until(query, Value::Null, is_noted).await;
}
