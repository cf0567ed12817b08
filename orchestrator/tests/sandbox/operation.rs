//! What operators and authors use.

use std::process::Command;

use orchestrator::{
    driver::{DriverError, ScriptEnd},
    sandbox::{SandboxDriver, SandboxOptions, dismantle, provision, rehearse},
};

use crate::{
    driver_contract::{check, solution, spec, stand, terminals::SIZE},
    fixture::{self, is_root},
};

#[test]
fn a_missing_program_is_named_with_how_to_install_it() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = tempfile::tempdir().expect("a temporary directory");
    for name in ["setpriv", "prlimit", "nsenter", "setsid", "mount", "bash", "nice", "timeout"] {
        std::os::unix::fs::symlink("/bin/sh", path.path().join(name)).expect("a link");
    }
    let options = SandboxOptions { path: path.path().display().to_string(), ..SandboxOptions::new(directory.path()) };
    let Err(DriverError::Terminal(text)) = SandboxDriver::try_new(options) else { panic!("expected a terminal error") };
    assert!(text.contains("need bwrap") && text.contains("apt-get install bubblewrap / dnf install bubblewrap"), "{text}");
}

#[test]
fn a_cgroup_without_controllers_is_refused() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("cgroup.subtree_control"), "cpu pids\n").expect("written");
    let options = SandboxOptions { cgroup: Some(directory.path().to_owned()), ..SandboxOptions::new(directory.path().join("sandboxes")) };
    let Err(error) = SandboxDriver::try_new(options) else { panic!("expected an error") };
    // On a host without bubblewrap, that is said first.
    assert!(error.to_string().contains("no memory controller") || error.to_string().contains("need bwrap"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn terminals_are_bounded_and_given_back() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let options = SandboxOptions { max_terminals: 1, ..fixture::options(&fixture.directory) };
    let driver: std::sync::Arc<dyn orchestrator::driver::Driver> = std::sync::Arc::new(SandboxDriver::try_new(options).expect("a driver"));
    let spec = spec();
    stand(&driver, &spec).await;
    let only = driver.terminal(spec.id, SIZE).await.expect("a terminal");
    assert!(matches!(driver.terminal(spec.id, SIZE).await, Err(DriverError::Transient(_))));
    drop(only);
    let again = tokio::time::timeout(crate::driver_contract::DEADLINE, async {
        while driver.terminal(spec.id, SIZE).await.is_err() {
            tokio::task::yield_now().await;
        }
    });
    again.await.expect("the place is given back");
    dismantle(&*driver, spec.id).await.expect("undone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_does_not_parse_is_told_by_line() {
    let Some(fixture) = fixture::sandbox().await else { return };
    assert_eq!(fixture.sandboxes.parses("echo fine\nif true; then\n  echo\nfi").await, Ok(()));
    let message = fixture.sandboxes.parses("echo fine\nif true; then\n  echo )\nfi").await.expect_err("it does not parse");
    assert!(message.contains("line 3"), "{message}");
    let marker = fixture.directory.path().join("marker");
    assert_eq!(fixture.sandboxes.parses(&format!("touch {} $(touch /tmp/x)", marker.display())).await, Ok(()));
    assert!(!marker.exists());
    assert!(fixture.sandboxes.parses(&"x".repeat(1 << 20)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_is_rehearsed() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let spec = spec();
    provision(&*fixture.driver, &spec).await.expect("made");
    let done = check("test -f done");
    let sound = rehearse(&*fixture.driver, spec.id, &done, &solution("touch done")).await.expect("rehearsed");
    assert!(sound.is_sound(), "{sound:?}");
    let stale = rehearse(&*fixture.driver, spec.id, &done, &solution("touch done")).await.expect("rehearsed");
    assert!(!stale.is_sound() && stale.before.end == ScriptEnd::Exited(0), "{stale:?}");
    dismantle(&*fixture.driver, spec.id).await.expect("undone");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_provisioned_is_undone() {
    let Some(fixture) = fixture::sandbox().await else { return };
    let mut spec = spec();
    spec.needs.programs = vec!["no-such-program".to_owned()];
    assert!(provision(&*fixture.driver, &spec).await.is_err());
    assert!(fixture.driver.list().await.expect("listed").is_empty());
}

/// Everything once more, as somebody who has no rights on the host.
#[test]
fn everything_holds_for_an_unprivileged_server() {
    if !is_root() {
        fixture::not_tested("only root can change to another user");
        return;
    }
    let folder = tempfile::Builder::new().permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755)).tempdir().expect("a folder");
    let copy = folder.path().join("sandbox-tests");
    std::fs::copy(std::env::current_exe().expect("this program"), &copy).expect("copied");
    let scratch = folder.path().join("scratch");
    std::fs::create_dir(&scratch).expect("a folder");
    std::os::unix::fs::chown(&scratch, Some(64_123), Some(64_123)).expect("handed over");
    let status = Command::new("setpriv")
        .args(["--reuid=64123", "--regid=64123", "--clear-groups", "--"])
        .arg(&copy)
        .args(["--test-threads=4"])
        .env("TMPDIR", &scratch)
        .current_dir("/")
        .status()
        .expect("setpriv runs");
    assert!(status.success(), "as an unprivileged user: {status}");
}
