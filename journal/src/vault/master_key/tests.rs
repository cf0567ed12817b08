//! A key that a program prints.

use std::time::{Duration, Instant};

use super::MasterKey;
use crate::vault::VaultError;

const ONE: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const TWO: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";
const PATIENCE: Duration = Duration::from_mins(1);

fn run(script: &str, limit: Duration) -> Result<Vec<String>, VaultError> {
    let keys = MasterKey::from_command("sh", &["-c".into(), script.into()], limit)?;
    Ok(keys.iter().map(MasterKey::id).collect())
}

fn refused(script: &str, limit: Duration) -> String {
    let error = run(script, limit).expect_err("no key");
    let told = format!("{error} {error:?}");
    assert!(!told.contains("canary"), "{told}");
    error.to_string()
}

fn id(text: &str) -> String {
    MasterKey::from_base64("", text).expect("a key").id()
}

#[test]
fn a_program_prints_one_key_or_two() {
    assert_eq!(run(&format!("echo {ONE}"), PATIENCE).expect("a key"), [id(ONE)]);
    assert_eq!(run(&format!("printf ' {ONE} \\n{TWO}'; echo noise >&2"), PATIENCE).expect("keys"), [id(ONE), id(TWO)]);
}

#[test]
fn arguments_are_no_words_of_a_shell() {
    let keys = MasterKey::from_command("printf", &["%s".into(), format!("{ONE}\n")], PATIENCE).expect("a key");
    assert_eq!(keys.iter().map(MasterKey::id).collect::<Vec<_>>(), [id(ONE)]);
    MasterKey::from_command("echo", &[format!("{ONE}; true")], PATIENCE).expect_err("it prints the semicolon");
}

#[test]
fn a_program_that_fails_is_told_with_its_exit_code() {
    // Although it has printed a key.
    let told = refused(&format!("echo {ONE}; echo canary >&2; exit 7"), PATIENCE);
    assert_eq!(told, "the command sh, which is to print the master key, failed with exit code 7");
    assert!(refused("kill -9 $$", PATIENCE).ends_with("was ended by a signal"));
    let error = MasterKey::from_command("/nowhere/program", &["canary".into()], PATIENCE).expect_err("there is none").to_string();
    assert!(error.contains("/nowhere/program") && error.contains("cannot be run") && !error.contains("canary"), "{error}");
}

#[test]
fn a_program_that_hangs_is_killed() {
    let limit = Duration::from_millis(50);
    assert!(refused("exec sleep 600", limit).ends_with("did not end within 50ms"));
    // It has closed its output, and it has ended with its output open.
    assert!(refused("exec sleep 600 >&-", limit).ends_with("did not end within 50ms"));
    assert!(refused(&format!("echo {ONE}; sleep 5 &"), Duration::from_secs(1)).ends_with("did not end within 1s"));
}

#[test]
fn what_a_program_that_hangs_has_started_is_killed_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("number");
    let number = |script: &str| {
        refused(&format!("sleep 600 & echo $! >'{}'; {script}", file.display()), Duration::from_secs(2));
        std::fs::read_to_string(&file).expect("it was started").trim().to_owned()
    };
    // It hangs, and it has ended.
    for script in ["wait", "exit 0"] {
        let command_line = format!("/proc/{}/cmdline", number(script));
        let since = Instant::now();
        // Nobody need have waited for it: what is dead has no command line.
        while std::fs::read(&command_line).is_ok_and(|line| !line.is_empty()) {
            assert!(since.elapsed() < PATIENCE, "it lives");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn what_is_no_key_is_refused_and_not_shown() {
    let three = format!("printf '{ONE}\\n{ONE}\\n{ONE}\\n'");
    for script in ["true", "echo canary", "printf 'canary\\377'", "printf canary%02000d 0", three.as_str()] {
        let told = refused(script, PATIENCE);
        assert_eq!(told, "the master key from the command sh is malformed: expected one or two lines, each base64 of 32 bytes", "{script}");
    }
}
