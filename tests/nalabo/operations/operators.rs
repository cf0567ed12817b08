//! What operators ask for from the command line: the running server is asked, or the stores if there is none.

use std::{
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::Output,
};

use journal::{Advance, ParkChange, Parked, Position, StreamId};
use nalabo::node::Stores;
use serde_json::Value;

use crate::{
    people::Person,
    site::{Site, said},
    waiting::until,
};

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("expected JSON instead of {}", said(output)))
}

/// Every read model's name and position.
fn positions(status: &Value) -> Vec<(&str, i64)> {
    let models = status["models"].as_array().expect("read models");
    models.iter().map(|model| (model["name"].as_str().expect("a name"), model["position"].as_i64().expect("a position"))).collect()
}

#[tokio::test]
async fn read_models_are_told_of_with_and_without_a_server() {
    let site = Site::new();
    let server = site.serve();
    let head = Person::administrator(&server).await.head().await;
    let status = json(&site.run(&["projections", "status", "--json"]));
    assert!(status["head"].as_i64() >= Some(head), "{status}");
    let names: Vec<_> = positions(&status).iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(names.iter().any(|name| name == "sessions"), "{names:?}");
    let table = site.run(&["projections", "status"]);
    assert!(table.status.success() && names.iter().all(|name| said(&table).contains(name.as_str())), "{}", said(&table));
    let resumed = json(&site.run(&["projections", "resume", "sessions", "--json"]));
    assert_eq!(resumed, serde_json::json!({ "name": "sessions", "wasParked": false }));
    refused(&site, &["projections", "resume", "surprise"], "sessions");
    server.stop();
    refused(&site, &["projections", "resume", "surprise"], "sessions");
    assert!(!site.path().join("control.sock").exists(), "it goes with the server");
    let status = json(&site.run(&["projections", "status", "--json"]));
    assert!(positions(&status).iter().all(|(_, position)| status["head"] == *position), "{status}");
}

#[tokio::test]
async fn reactions_are_told_of_with_and_without_a_server() {
    let site = Site::new();
    let server = site.serve();
    Person::administrator(&server).await;
    let list = |output: &Output| {
        let list = json(output);
        let reactions = list["reactions"].as_array().expect("reactions").clone();
        assert!(reactions.iter().any(|reaction| reaction["name"] == "award_points_when_step_completed"), "{list}");
        assert!(reactions.iter().all(|reaction| reaction["parked"] == serde_json::json!([])), "{list}");
        assert!(reactions.iter().all(|reaction| reaction["position"].as_i64() <= list["head"].as_i64()), "{list}");
    };
    list(&site.run(&["reactions", "list", "--json"]));
    let table = site.run(&["reactions", "list"]);
    assert!(table.status.success() && said(&table).contains("award_points_when_step_completed"), "{}", said(&table));
    server.stop();
    list(&site.run(&["reactions", "list", "--json"]));
}

const REACTION: &str = "award_points_when_step_completed";

/// Sets a stream aside as a reaction does that has given up; the stream.
async fn set_aside(site: &Site) -> String {
    let stores = Stores::open(&site.config()).await.expect("the stores open");
    let stream = StreamId::new("session", uuid::Uuid::nil());
    let parked = Parked { stream: stream.clone(), position: Position(1), reason: "it failed".into(), attempts: 8, at: chrono::Utc::now() };
    let advance = Advance { subscriber: REACTION.into(), parked: vec![ParkChange::Park(parked)], ..Advance::default() };
    stores.journal.advance(advance).await.expect("set aside");
    stores.close().await;
    stream.to_string()
}

/// What is set aside by the one reaction.
fn aside(site: &Site) -> Vec<Value> {
    let list = json(&site.run(&["reactions", "list", "--json"]));
    let reaction = list["reactions"].as_array().expect("reactions").iter().find(|reaction| reaction["name"] == REACTION).cloned();
    reaction.expect("the reaction")["parked"].as_array().expect("a list").clone()
}

fn refused(site: &Site, arguments: &[&str], told: &str) {
    let output = site.run(arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", said(&output));
    assert!(said(&output).contains(told), "{arguments:?} was answered with {}", said(&output));
}

#[tokio::test]
async fn a_stream_that_was_set_aside_is_listed_tried_again_and_passed_over() {
    let site = Site::new();
    let stream = set_aside(&site).await;
    let parked = aside(&site);
    assert_eq!((parked.len(), &parked[0]["stream"], &parked[0]["reason"]), (1, &stream.as_str().into(), &"it failed".into()));
    assert_eq!((&parked[0]["attempts"], &parked[0]["retrying"]), (&8.into(), &false.into()));
    let table = said(&site.run(&["reactions", "list"]));
    assert!(table.contains(&stream) && table.contains("it failed"), "{table}");

    refused(&site, &["reactions", "retry", "surprise", &stream], REACTION);
    refused(&site, &["reactions", "retry", REACTION, "session/nonsense"], &stream);
    let skipped = json(&site.run(&["reactions", "skip", REACTION, &stream, "--json"]));
    assert_eq!(skipped["done"], true);
    let parked = aside(&site);
    assert_eq!((&parked[0]["position"], &parked[0]["attempts"]), (&2.into(), &0.into()), "it goes on after the event");
    refused(&site, &["reactions", "skip", REACTION, &stream], "still tries");
    assert!(site.run(&["reactions", "retry", REACTION, &stream]).status.success());

    let server = site.serve();
    refused(&site, &["reactions", "retry", "surprise", &stream], REACTION);
    // There is nothing in the stream that fails: whoever does the reaction's work takes it up again.
    until("nothing that is aside", async || aside(&site), Vec::is_empty).await;
    server.stop();
}

#[tokio::test]
async fn a_killed_server_leaves_a_socket_that_hinders_nobody() {
    let site = Site::new();
    site.serve().kill();
    assert!(site.path().join("control.sock").exists());
    json(&site.run(&["projections", "status", "--json"]));
    let server = site.serve();
    json(&site.run(&["projections", "status", "--json"]));
    server.stop();
}

#[test]
fn without_a_server_and_without_data_nothing_is_made() {
    let site = Site::new();
    let elsewhere = site.path().join("elsewhere");
    let output = crate::site::binary().args(["projections", "status", "--data-dir"]).arg(&elsewhere).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("no server runs") && said(&output).contains("elsewhere"), "{}", said(&output));
    assert!(!elsewhere.exists());
}

#[tokio::test]
async fn others_are_told_that_they_may_not() {
    let site = Site::new();
    let server = site.serve();
    if !std::fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0) {
        println!("skipped: only root can be somebody else");
        return;
    }
    // Where the folder lets everybody in, the socket still does not.
    for mode in [0o700, 0o755] {
        std::fs::set_permissions(site.path(), PermissionsExt::from_mode(mode)).expect("set");
        std::fs::set_permissions(site.path().parent().expect("a folder"), PermissionsExt::from_mode(0o755)).expect("set");
        let binary = site.path().parent().expect("a folder").join("nalabo");
        std::fs::copy(env!("CARGO_BIN_EXE_nalabo"), &binary).expect("copied");
        let mut command = std::process::Command::new(&binary);
        command.args(["projections", "status", "--data-dir"]).arg(site.path()).current_dir("/").uid(65_534).gid(65_534);
        let output = command.output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(1), "{mode:o}: {}", said(&output));
        assert!(said(&output).to_lowercase().contains("permission denied"), "{mode:o}: {}", said(&output));
    }
    server.stop();
}
