//! A server that dies.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use domain::kernel::EnvironmentId;
use orchestrator::{
    driver::{Driver, Observed},
    sandbox::{SandboxDriver, SandboxOptions},
};

use crate::{
    driver_contract::{DEADLINE, fall, solution, spec, stand, succeed},
    fixture,
};

/// Set for the child that is to be killed: its state directory.
const VICTIM: &str = "SANDBOX_VICTIM";

/// Run by the test below in a process of its own.
#[tokio::test(flavor = "multi_thread")]
async fn victim() {
    let Some(directory) = std::env::var_os(VICTIM) else { return };
    let driver: Arc<dyn Driver> = Arc::new(SandboxDriver::try_new(SandboxOptions::new(directory)).expect("a driver"));
    let spec = spec();
    stand(&driver, &spec).await;
    succeed(&driver, spec.id, &solution("setsid sleep 86399 >/dev/null 2>&1 &")).await;
    let _terminal = driver.terminal(spec.id, crate::driver_contract::terminals::SIZE).await.expect("a terminal");
    eprintln!("standing {}", spec.id);
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outlives_a_killed_server_and_its_successor_cleans_up() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let directory = fixture.directory.path().join("crashed");
    let mut victim = Command::new(std::env::current_exe().expect("this program"))
        .args(["crash::victim", "--exact", "--nocapture"])
        .env(VICTIM, &directory)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the victim starts");
    let stderr = BufReader::new(victim.stderr.take().expect("piped"));
    let standing = stderr.lines().map_while(Result::ok).find_map(|line| line.strip_prefix("standing ").map(str::to_owned));
    let environment: EnvironmentId = standing.expect("the victim has a sandbox").parse().expect("an id");
    let before = first_processes(&directory, environment);
    assert_eq!(before.len(), 2);
    victim.kill().expect("killed");
    victim.wait().expect("ended");

    let successor: Arc<dyn Driver> = Arc::new(SandboxDriver::try_new(SandboxOptions::new(&directory)).expect("a driver"));
    assert_eq!(successor.list().await.expect("listed"), [environment]);
    assert_eq!(successor.observe(environment).await.expect("seen"), Observed::Partial);
    let dead = tokio::time::timeout(DEADLINE, async {
        while before.iter().any(|pid| std::path::Path::new(&format!("/proc/{pid}")).exists()) {
            tokio::task::yield_now().await;
        }
    });
    dead.await.expect("the levels end by themselves");
    fall(&successor, environment).await;
    assert_eq!(successor.observe(environment).await.expect("seen"), Observed::Absent);
    assert!(successor.list().await.expect("listed").is_empty());
}

/// The process numbers in a sandbox's record.
fn first_processes(directory: &std::path::Path, environment: EnvironmentId) -> Vec<u64> {
    let record = std::fs::read(directory.join(environment.to_string()).join("sandbox.json")).expect("a record");
    let record: serde_json::Value = serde_json::from_slice(&record).expect("JSON");
    ["outer", "inner"].iter().filter_map(|level| record[level]["pid"].as_u64()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recycled_process_number_is_not_mistaken_for_a_leftover() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    let folder = fixture.directory.path().join("sandboxes").join(spec.id.to_string());
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut bystander = Command::new("sleep").arg("600").spawn().expect("a bystander");
    let record = format!(r#"{{"uid":null,"outer":{{"pid":{},"started":1}},"inner":null}}"#, bystander.id());
    std::fs::write(folder.join("sandbox.json"), record).expect("a record");
    assert_eq!(fixture.driver.observe(spec.id).await.expect("seen"), Observed::Partial);
    fall(&fixture.driver, spec.id).await;
    assert!(bystander.try_wait().expect("asked").is_none(), "the bystander was killed");
    bystander.kill().expect("killed");
    bystander.wait().expect("ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_cut_short_is_cleaned_up() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    let folder = fixture.directory.path().join("sandboxes").join(spec.id.to_string());
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("sandbox.json"), "{\"uid\":20").expect("a record");
    assert_eq!(fixture.driver.list().await.expect("listed"), [spec.id]);
    fall(&fixture.driver, spec.id).await;
    assert!(fixture.driver.list().await.expect("listed").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_start_is_taken_up_again() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    let folder = fixture.directory.path().join("sandboxes").join(spec.id.to_string());
    std::fs::create_dir_all(&folder).expect("a folder");
    stand(&fixture.driver, &spec).await;
    assert_eq!(fixture.driver.observe(spec.id).await.expect("seen"), Observed::Running);
    fall(&fixture.driver, spec.id).await;
}
