//! Where the master key comes from, and how it is changed, from the command line.

use std::{
    process::{Command, Output},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    engines::{Engine, on_each_engine},
    people::{PASSWORD, Person},
    site::{Server, Site, said},
};

on_each_engine!(
    a_rotated_key_opens_what_the_old_one_did,
    an_interrupted_rotation_goes_on,
    a_key_from_elsewhere_is_taken_and_the_setting_named,
    a_server_goes_on_while_the_master_key_is_changed,
    a_server_that_has_both_keys_goes_on_without_a_file,
    a_command_prints_the_master_key,
);

const OLD: &str = "does not fit";

/// The binary on a site whose master key is in the data directory, on either engine.
fn with_file(site: &Site, arguments: &[&str]) -> Command {
    let file = site.path().join("secrets/master.key");
    if !file.exists() {
        std::fs::write(&file, STANDARD.decode(site.master_key()).expect("base64")).expect("written");
    }
    let mut command = site.command(arguments);
    command.env_remove("NALABO_MASTER_KEY");
    command
}

fn run(site: &Site, arguments: &[&str]) -> Output {
    with_file(site, arguments).output().expect("the binary runs")
}

fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn refused(output: &Output, code: i32, told: &str) {
    assert_eq!(output.status.code(), Some(code), "{}", said(output));
    assert!(said(output).contains(told), "{} instead of {told}", said(output));
}

fn serve(site: &Site) -> Server {
    Server::start(&mut with_file(site, &["serve", "--listen", "127.0.0.1:0"]))
}

fn master_key(site: &Site) -> String {
    let shown: Value = serde_json::from_str(&done(&run(site, &["keys", "show", "--json"]))).expect("JSON");
    shown["masterKey"].as_str().expect("a name").to_owned()
}

async fn a_rotated_key_opens_what_the_old_one_did(engine: Engine) {
    let site = Site::on(engine);
    assert!(done(&run(&site, &["keys", "show"])).contains("nothing has been signed yet"));
    let server = serve(&site);
    Person::register(&server, "kit").await;
    let shown = done(&run(&site, &["keys", "show"]));
    assert!(shown.contains("checkpoints are checked with nalabo/"), "{shown}");
    server.stop();

    let (file, folder) = (site.path().join("secrets/master.key"), TempDir::new().expect("a folder"));
    let (old, kept) = (master_key(&site), folder.path().join("old.key"));
    std::fs::copy(&file, &kept).expect("copied");
    let told = run(&site, &["keys", "rotate"]);
    let new = master_key(&site);
    assert_ne!(old, new);
    assert!(done(&told).contains(&format!("wrapped by the master key {new} instead of {old}")), "{}", said(&told));
    assert_eq!(said(&told).contains("destroy the old master key"), engine == Engine::Postgres, "{}", said(&told));
    assert!(!site.path().join("secrets/master.key.new").exists());
    assert!(done(&run(&site, &["keys", "show"])).contains(shown.lines().last().expect("a key")), "the signing key is the same");

    let mut with_old = with_file(&site, &["serve", "--listen", "127.0.0.1:0"]);
    let with_old = with_old.env("NALABO_JOURNAL__MASTER_KEY_FILE", &kept).output().expect("the binary runs");
    refused(&with_old, 1, OLD);
    refused(&with_old, 1, &new);
    let server = serve(&site);
    Person::sign_in(&server, "kit@example.org", PASSWORD).await;
    Person::register(&server, "newcomer").await;
    server.stop();
}

async fn an_interrupted_rotation_goes_on(engine: Engine) {
    let site = Site::on(engine);
    let old = master_key(&site);
    // As far as the vault, and not as far as the file.
    let new = site.path().join("secrets/master.key.new");
    done(&run(&site, &["keys", "rotate", "--new-key-file", new.to_str().expect("UTF-8")]));
    done(&run(&site, &["migrate"]));
    let shown = done(&run(&site, &["keys", "show"]));
    assert!(shown.starts_with(&format!("the master key is {old}\nthe next one, which may be in use already, is ")), "{shown}");
    let told = done(&run(&site, &["keys", "rotate"]));
    assert!(told.contains("by a run that was interrupted"), "{told}");
    assert!(!new.exists());
    assert_ne!(master_key(&site), old);
    done(&run(&site, &["migrate"]));
    // And as far as the new file, and not as far as the vault.
    std::fs::write(&new, [7; 32]).expect("written");
    done(&run(&site, &["keys", "rotate"]));
    assert_eq!(std::fs::read(site.path().join("secrets/master.key")).expect("a key"), [7; 32]);
    let server = serve(&site);
    Person::administrator(&server).await;
    server.stop();
}

async fn a_key_from_elsewhere_is_taken_and_the_setting_named(engine: Engine) {
    let site = Site::on(engine);
    let (old, folder) = (site.master_key(), TempDir::new().expect("a folder"));
    let new = folder.path().join("new.key");
    let rotate = ["keys", "rotate", "--new-key-file", new.to_str().expect("UTF-8")];
    let with_old = |arguments: &[&str]| site.command(arguments).env("NALABO_MASTER_KEY", &old).output().expect("the binary runs");
    refused(&with_old(&["keys", "rotate"]), 2, "expected --new-key-file");
    std::fs::write(&new, "short").expect("written");
    refused(&with_old(&rotate), 1, "expected a file of 32 bytes");
    std::fs::remove_file(&new).expect("removed");
    let told = done(&with_old(&rotate));
    assert!(told.contains("now set NALABO_MASTER_KEY to what `base64 < "), "{told}");
    assert!(done(&with_old(&rotate)).contains("already"), "it can be asked again");
    refused(&with_old(&["migrate"]), 1, OLD);
    let text = STANDARD.encode(std::fs::read(&new).expect("made"));
    let with_new = site.command(&rotate).env("NALABO_MASTER_KEY", &text).output().expect("the binary runs");
    refused(&with_new, 1, "is the master key already");
    let server = site.serve_with(&[("NALABO_MASTER_KEY", &text)]);
    Person::administrator(&server).await;
    server.stop();
}

async fn display_name(person: &Person) -> Value {
    person.query("{ me { displayName } }", Value::Null).await["me"]["displayName"].clone()
}

/// Runs a command, while personal data is read again and again.
async fn beside(person: &Person, mut command: Command) -> Output {
    let running = tokio::task::spawn_blocking(move || command.output().expect("the binary runs"));
    while !running.is_finished() {
        assert_eq!(display_name(person).await, "kit");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.await.expect("it ended")
}

async fn a_server_goes_on_while_the_master_key_is_changed(engine: Engine) {
    let site = Site::on(engine);
    let server = serve(&site);
    Person::register(&server, "ada").await;
    server.stop();
    // This one remembers nothing of Ada.
    let server = serve(&site);
    let kit = Person::register(&server, "kit").await;
    let old = master_key(&site);
    let told = beside(&kit, with_file(&site, &["keys", "rotate"])).await;
    let new = master_key(&site);
    assert!(done(&told).contains(&format!("wrapped by the master key {new} instead of {old}")), "{}", said(&told));
    assert!(!site.path().join("secrets/master.key.new").exists());
    assert_eq!(display_name(&kit).await, "kit");
    let ada = Person::sign_in(&server, "ada@example.org", PASSWORD).await;
    assert_eq!(display_name(&ada).await, "ada");
    Person::register(&server, "newcomer").await;
    server.stop();

    let server = serve(&site);
    for name in ["ada", "kit", "newcomer"] {
        let person = Person::sign_in(&server, &format!("{name}@example.org"), PASSWORD).await;
        assert_eq!(display_name(&person).await, name);
    }
    server.stop();
}

async fn a_server_that_has_both_keys_goes_on_without_a_file(engine: Engine) {
    let site = Site::on(engine);
    let (old, folder) = (site.master_key(), TempDir::new().expect("a folder"));
    let new = folder.path().join("new.key");
    std::fs::write(&new, [7; 32]).expect("written");
    let next = STANDARD.encode([7; 32]);
    let both = [("NALABO_MASTER_KEY", old.as_str()), ("NALABO_MASTER_KEY_NEXT", next.as_str())];
    let server = site.serve_with(&both);
    Person::register(&server, "ada").await;
    server.stop();
    let server = site.serve_with(&both);
    let kit = Person::register(&server, "kit").await;
    let mut rotate = site.command(&["keys", "rotate", "--new-key-file", new.to_str().expect("UTF-8")]);
    rotate.env("NALABO_MASTER_KEY", &old);
    let told = beside(&kit, rotate).await;
    assert!(done(&told).contains("and NALABO_MASTER_KEY_NEXT no more"), "{}", said(&told));
    let ada = Person::sign_in(&server, "ada@example.org", PASSWORD).await;
    assert_eq!(display_name(&ada).await, "ada");
    server.stop();
    let server = site.serve_with(&[("NALABO_MASTER_KEY", next.as_str())]);
    Person::sign_in(&server, "kit@example.org", PASSWORD).await;
    server.stop();
}

async fn a_command_prints_the_master_key(engine: Engine) {
    let site = Site::on(engine);
    let (key, folder) = (site.master_key(), TempDir::new().expect("a folder"));
    let (file, kept) = (site.path().join("secrets/master.key"), folder.path().join("kept.key"));
    std::fs::write(&kept, STANDARD.decode(&key).expect("base64")).expect("written");
    if file.exists() {
        std::fs::remove_file(&file).expect("removed");
    }
    let prints = ["base64", kept.to_str().expect("UTF-8")];
    let output = |prints: &[&str]| without_file(&site, &["migrate"], prints).output().expect("the binary runs");
    done(&output(&prints));
    refused(&output(&["false"]), 1, "the command false, which is to print the master key, failed with exit code 1");
    let mut hangs = without_file(&site, &["migrate"], &["sleep", "60"]);
    let hung = hangs.env("NALABO_JOURNAL__MASTER_KEY_COMMAND_SECONDS", "1").output().expect("the binary runs");
    refused(&hung, 1, "did not end within 1s");
    refused(&output(&["echo", "canary"]), 1, "is malformed");
    assert!(!said(&output(&["echo", "canary"])).contains("canary"));
    let twice = without_file(&site, &["migrate"], &prints).env("NALABO_MASTER_KEY", &key).output().expect("the binary runs");
    refused(&twice, 1, "is given twice");
    let server = Server::start(&mut without_file(&site, &["serve", "--listen", "127.0.0.1:0"], &prints));
    Person::administrator(&server).await;
    server.stop();
}

/// The binary on a site whose master key a command prints.
fn without_file(site: &Site, arguments: &[&str], prints: &[&str]) -> Command {
    let mut command = site.command(arguments);
    command.env_remove("NALABO_MASTER_KEY").env("NALABO_JOURNAL__MASTER_KEY_COMMAND", format!("{prints:?}"));
    command
}
