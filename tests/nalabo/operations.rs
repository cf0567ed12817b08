//! What operators see, and what nobody may see.

mod drain;
mod operators;
mod secrets;

use serde_json::Value;

use crate::{
    authoring::{publish, reading},
    lesson::Lesson,
    people::Person,
    site::{PATIENCE, Site, said},
};

#[tokio::test]
async fn health_readiness_and_metrics_tell_how_it_is() {
    let site = Site::new();
    let server = site.serve();
    let client = server.client();
    assert_eq!(client.get("/healthz").await.expect("an answer"), (200.try_into().expect("a status"), "ok\n".into()));
    let (status, body) = client.get("/readyz").await.expect("an answer");
    let ready: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((status.as_u16(), &ready["ready"], &ready["journal"]["writable"]), (200, &true.into(), &true.into()), "{ready}");
    let models = ready["projections"]["models"].as_array().expect("read models");
    assert!(!models.is_empty() && models.iter().all(|model| model["parked"].is_null()), "{ready}");

    let author = Person::with_role(&server, "author", "author").await;
    let workshop = publish(&author, "short", reading(1, 1)).await;
    let lesson = Lesson::start(&author, &workshop).await;
    let mut changes = lesson.changes().await;
    changes.next().await.expect("told");
    let (_, metrics) = client.get("/metrics").await.expect("an answer");
    for expected in [
        "nalabo_journal_append_seconds_bucket{le=\"0.005\"}",
        "nalabo_journal_append_seconds_count",
        "nalabo_journal_batch_size_count",
        "nalabo_projection_lag_events{read_model=\"sessions\"} 0",
        "nalabo_projection_lag_seconds{read_model=\"sessions\"}",
        "nalabo_sessions_active 1",
        "nalabo_sockets{kind=\"graphql\"} 1",
    ] {
        assert!(metrics.contains(expected), "{expected} is not in {metrics}");
    }
}

#[tokio::test]
async fn requests_are_found_in_the_log_by_their_id() {
    let site = Site::new();
    let mut command = site.command(&["serve", "--listen", "127.0.0.1:0", "--log-json"]);
    let server = crate::site::Server::start(&mut command);
    let id = "01a1fc0e-d222-7274-9e6c-84757aea4d4e";
    let request = reqwest::Client::new().post(format!("http://{}/graphql", server.address)).header("x-request-id", id);
    let response = request.json(&serde_json::json!({ "query": "{ me { id } }" })).send().await.expect("an answer");
    assert_eq!(response.headers()["x-request-id"], id);
    server.terminate();
    let mut server = server;
    server.wait();
    let printed = server.printed();
    let lines: Vec<Value> = printed.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(lines.len() + 1, printed.lines().count(), "one JSON object a line, besides the address: {printed}");
    assert!(lines.iter().any(|line| line.to_string().contains(id)), "{printed}");
}

#[test]
fn the_schema_is_the_one_that_is_published() {
    let output = crate::site::binary().arg("sdl").output().expect("the binary runs");
    let published = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/graphql/schema.graphql")).expect("a schema");
    assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), published);
}

#[test]
fn help_tells_a_stranger_what_there_is() {
    let output = crate::site::binary().arg("--help").output().expect("the binary runs");
    let help = said(&output);
    assert_eq!(output.status.code(), Some(0));
    for command in ["serve", "demo", "migrate", "workshops", "events", "admin", "sdl"] {
        assert!(help.lines().any(|line| line.trim().starts_with(command)), "{command} is not in {help}");
        let output = crate::site::binary().args([command, "--help"]).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(0), "{command}");
    }
}

#[test]
fn built_in_workshops_are_sound() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/workshops");
    let output = crate::site::binary().args(["workshops", "check", path, "--run", "--json"]).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let reports: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(reports.len(), 5);
    for report in &reports {
        let rehearsals = report["rehearsals"].as_array().expect("rehearsals");
        assert!(rehearsals.len() >= 3 && rehearsals.iter().all(|check| check["sound"] == true), "{report}");
        assert_eq!(report["diagnostics"], Value::Array(vec![]), "{}", report["slug"]);
    }
}

#[tokio::test]
async fn events_are_listed_and_tailed_while_a_server_writes_them() {
    use std::io::{BufRead, BufReader};

    let site = Site::new();
    let server = site.serve();
    let mut tail = site.command(&["events", "tail", "--json"]);
    let mut tail = tail.stdout(std::process::Stdio::piped()).spawn().expect("started");
    let lines = BufReader::new(tail.stdout.take().expect("piped")).lines();
    let (sender, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    // A tail begins at the end, wherever that is by the time it has started.
    let mut number = 0;
    let first = loop {
        number += 1;
        Person::register(&server, &format!("kit-{number}")).await;
        if let Ok(line) = told.recv_timeout(std::time::Duration::from_millis(500)) {
            break line;
        }
        assert!(number < 100, "nothing is told");
    };
    let mut position = serde_json::from_str::<Value>(&first).expect("JSON")["position"].as_i64().expect("a position");
    let listed = site.events();
    while position < i64::try_from(listed.len()).expect("few") {
        let next: Value = serde_json::from_str(&told.recv_timeout(PATIENCE).expect("told")).expect("JSON");
        position += 1;
        assert_eq!(next, listed[usize::try_from(position - 1).expect("small")]);
    }
    tail.kill().expect("it was running");
    tail.wait().expect("it has ended");
    let names = said(&site.run(&["events", "list", "--type", "AccountRegistered"]));
    assert_eq!(names.lines().count(), number + 1, "{names}");
}
