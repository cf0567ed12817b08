//! Runs of workshops by the routes beside GraphQL: calendars, the door, guests and their erasure, payments.

mod calendars;
mod door;
mod erasure;
mod guests;
mod payments;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::{people::Person, site::Server};

/// What somebody else's program makes of a file, by a script of ours that has it print JSON.
pub(crate) fn read_elsewhere(script: &str, file: &[u8]) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let python = target.join("file-readers/bin/python");
    assert!(python.exists(), "{} is missing: run scripts/test, which makes it", python.display());
    let mut command = Command::new(python);
    command.arg(root.join("tests/nalabo").join(script)).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("started");
    child.stdin.take().expect("piped").write_all(file).expect("written");
    let output = child.wait_with_output().expect("ended");
    assert!(output.status.success(), "not read: {}", String::from_utf8_lossy(file));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Asks at a route, with a token or without.
async fn ask(server: &Server, token: Option<&str>, method: Method, path: &str, body: Option<&Value>) -> Response {
    let mut request = reqwest::Client::new().request(method, format!("http://{}{path}", server.address));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    request.send().await.expect("an answer")
}

/// The text of what is there.
async fn text(server: &Server, token: Option<&str>, path: &str) -> String {
    let response = ask(server, token, Method::GET, path, None).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.text().await.expect("a body")
}

/// Status and code of what went wrong.
async fn refused(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let problem: Value = response.json().await.expect("JSON");
    (status, problem["code"].as_str().unwrap_or_else(|| panic!("no code: {problem}")).to_owned())
}

/// That somebody looked at a registration is in the audit: once it is, how often.
async fn noted(server: &Server, by: &Person, registration: &str) -> usize {
    let query = "query($filter: AuditFilter) { auditTrail(filter: $filter, first: 10) { nodes { action } } }";
    let filter = json!({ "filter": { "action": "registration", "outcome": "ACCEPTED", "actor": by.account, "subject": registration } });
    let nodes = |data: &Value| data["auditTrail"]["nodes"].as_array().map_or(0, Vec::len);
    nodes(&Person::administrator(server).await.until(query, filter, |data| nodes(data) > 0).await)
}

/// Why looks at registrations were refused, as the audit has it, once it has so many.
async fn turned_away(server: &Server, count: usize) -> Vec<String> {
    let query = "query($filter: AuditFilter) { auditTrail(filter: $filter, first: 20) { nodes { reason } } }";
    let filter = json!({ "filter": { "action": "registration", "outcome": "REFUSED" } });
    let nodes = |data: &Value| data["auditTrail"]["nodes"].as_array().cloned().unwrap_or_default();
    let data = Person::administrator(server).await.until(query, filter, |data| nodes(data).len() >= count).await;
    nodes(&data).iter().map(|node| crate::people::text(&node["reason"])).collect()
}

/// A run that somebody schedules and publishes, in half a year, with so many places.
pub(crate) async fn published(organiser: &Person, capacity: u32, price: i64) -> String {
    published_with(organiser, capacity, price, &json!({})).await
}

/// The same, with this besides, or instead.
async fn published_with(organiser: &Person, capacity: u32, price: i64, besides: &Value) -> String {
    let day = (chrono::Utc::now() + chrono::TimeDelta::days(180)).format("%Y-%m-%d");
    let mut input = json!({
        "title": "Containers, from scratch; twice",
        "description": "First line\nSecond line, with Ünicode 🦀 and more of it than fits into one line of a calendar.",
        "category": "containers",
        "language": "en",
        "instructor": "Grace Hopper",
        "venue": { "name": "Technopark", "city": "Zürich" },
        "link": "https://meet.example.org/containers",
        "startsAt": format!("{day}T09:00"),
        "endsAt": format!("{day}T17:00"),
        "timeZone": "Europe/Zurich",
        "capacity": capacity,
        "currency": "CHF",
        "tickets": [{ "key": "seat", "name": "Seat", "price": { "amount": price, "currency": "CHF" } }],
    });
    for (field, value) in besides.as_object().expect("fields") {
        input[field] = value.clone();
    }
    let scheduled = organiser.mutate("runSchedule", input, "runIds").await;
    let run = crate::people::text(&scheduled["runIds"][0]);
    organiser.mutate("runPublish", json!({ "runId": run }), "stale").await;
    run
}

/// Somebody registers; the registration.
pub(crate) async fn registered(person: &Person, run: &str) -> String {
    let input = json!({ "runId": run, "ticket": "seat", "wait": true });
    let payload = person.mutate("registrationRequest", input, "registration { id }").await;
    crate::people::text(&payload["registration"]["id"])
}
