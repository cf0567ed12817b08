//! `nalabo demo`.

use std::process::Stdio;

use crate::site::{Server, binary, said};

#[test]
fn the_demo_plays_twice_on_the_same_data() {
    let folder = tempfile::tempdir().expect("a folder");
    for round in 1..=2 {
        let output = binary().args(["demo", "--once", "--data-dir"]).arg(folder.path()).output().expect("the binary runs");
        let said = said(&output);
        assert!(output.status.success(), "round {round}: {said}");
        for expected in
            ["WorkshopPublished", "StepCheckFailed", "StepCheckPassed", "SessionFinished", "TORN_DOWN", "1. Kit with 130 points"]
        {
            assert_eq!(said.contains(expected), round == 1 || expected != "WorkshopPublished", "round {round}: {expected} in {said}");
        }
        assert_eq!(said.contains("find-the-intruder: unchanged"), round == 2, "{said}");
        assert_eq!(said.matches(" · RunPublished ").count(), if round == 1 { 5 } else { 0 }, "round {round}: {said}");
        assert_eq!(said.contains("there are some: unchanged"), round == 2, "{said}");
        assert!(said.contains("5 runs with places left"), "{said}");
        let positions: Vec<u64> = said.lines().filter_map(|line| line.split_once(" · ")?.0.trim().parse().ok()).collect();
        assert!(positions.len() > 25, "{said}");
        assert!(positions.windows(2).all(|pair| pair[1] == pair[0] + 1), "round {round}: each event once: {positions:?}");
    }
}

#[test]
fn every_promise_is_kept_on_simulated_clusters_that_fail() {
    let simulator = std::path::Path::new(env!("CARGO_BIN_EXE_nalabo")).with_file_name("nalabo-cluster-simulator");
    if !simulator.is_file() {
        println!("skipped: {} is not there; cargo test --workspace builds it", simulator.display());
        return;
    }
    let arguments = ["demo", "--once", "--simulate-clusters", "3", "--sessions", "31", "--faults", "5"];
    let output = binary().args(arguments).output().expect("the binary runs");
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for expected in ["31 sessions at once", "start to ready p50", "which failed on purpose", "every promise was kept"] {
        assert!(said.contains(expected), "{expected} in {said}");
    }
}

#[test]
fn more_than_can_be_simulated_is_refused() {
    for arguments in [["--simulate-clusters", "0"], ["--simulate-clusters", "251"], ["--sessions", "5"], ["--faults", "5"]] {
        let output = binary().args(["demo", "--once"]).args(arguments).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(arguments[0]) || said(&output).contains("--simulate-clusters"), "{}", said(&output));
    }
}

#[test]
fn the_demo_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = binary().args(["demo", "--once"]).env("TMPDIR", folder.path()).output().expect("the binary runs");
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[tokio::test]
async fn the_demo_goes_on_serving_with_the_sign_in_that_it_prints() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = binary();
    command.args(["demo", "--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.path()).stdin(Stdio::null());
    let mut server = Server::start(&mut command);
    let password = server.line_with("password ").await;
    let email = server.line_with("administrator ").await;
    let (administrator, _) = server.client().sign_in(&email, &password).await.expect("signed in");
    let me = administrator
        .graphql("{ me { roles { role { id } } } __schema { queryType { name } } }", serde_json::Value::Null)
        .await
        .expect("answered");
    assert!(me["me"]["roles"].to_string().contains("super_administrator"), "{me}");
    server.terminate();
    assert_eq!(server.wait().0.code(), Some(0), "{}", server.printed());
}

#[test]
fn a_demo_that_cannot_go_on_says_why_and_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").expect("written");
    let output = binary().args(["demo", "--once", "--data-dir"]).arg(file.join("data")).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains(&file.join("data").display().to_string()), "{}", said(&output));
}
