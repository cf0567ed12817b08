//! Exports, imports, replays, evidence and backups, from the command line.

mod databases;

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    engines::{Engine, on_each_engine},
    people::{PASSWORD, Person},
    readme::{FRAME, tour},
    site::{PATIENCE, Server, Site, binary, said},
};

on_each_engine!(a_journal_is_looked_at_beside_a_server);

/// The binary on a data directory of its own.
fn on(data: &Path, arguments: &[&str]) -> Output {
    binary().args(arguments).arg("--data-dir").arg(data).output().expect("the binary runs")
}

fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn refused(output: &Output, code: i32, told: &str) {
    assert_eq!(output.status.code(), Some(code), "{}", said(output));
    assert!(said(output).contains(told), "{} instead of {told}", said(output));
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn verified(output: &Output) -> Value {
    serde_json::from_str(&done(output)).expect("JSON")
}

#[test]
fn the_manual_for_analysts_works() {
    let site = Site::with_workshops_on(Engine::Sqlite);
    site.serve().stop(); // Which makes the key that checkpoints are signed with.
    let folder = TempDir::new().expect("a folder");
    let root = env!("CARGO_MANIFEST_DIR");
    let manuals = ["docs/journal.md", "docs/backup.md"].map(|file| std::fs::read_to_string(format!("{root}/{file}")).expect(file));
    let binary = binary();
    let bin = Path::new(binary.get_program()).parent().expect("a folder").to_owned();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a path"));
    for manual in manuals {
        let commands = tour(&manual);
        assert!(!commands.is_empty());
        let mut bash = Command::new("bash");
        bash.envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
        bash.env("PATH", &path).env("NALABO_DATA_DIR", site.path()).current_dir(folder.path()).stdin(Stdio::null());
        let output = bash.arg("-c").arg(format!("{FRAME}set -x\n{}", commands.join("\n"))).output().expect("bash");
        assert!(output.status.success(), "{}", said(&output));
    }
}

#[test]
fn a_journal_moves_by_export_and_import() {
    let site = Site::with_workshops_on(Engine::Sqlite);
    let folder = TempDir::new().expect("a folder");
    let (file, other) = (folder.path().join("events.ndjson"), folder.path().join("other"));
    done(&site.run(&["events", "export", "--format", "ndjson", "--into", text(&file)]));
    let told = done(&on(&other, &["events", "import", text(&file)]));
    assert!(told.contains("contents"), "{told}");
    let ours = verified(&site.run(&["verify", "--json"]));
    let theirs = verified(&on(&other, &["verify", "--json"]));
    assert_eq!((&ours["position"], &ours["hash"]), (&theirs["position"], &theirs["hash"]));
    assert_eq!(done(&on(&other, &["events", "export", "--format", "ndjson"])), std::fs::read_to_string(&file).expect("text"));
    refused(&on(&other, &["events", "import", text(&file)]), 1, "an import needs an empty journal");

    refused(&site.run(&["events", "export", "--format", "ndjson", "--into", text(&file)]), 1, "cannot write");
    refused(&site.run(&["events", "export", "--format", "csv"]), 2, "unknown format `csv`");
    refused(&site.run(&["events", "export", "--format", "ndjson", "--from", "999999"]), 1, "beyond the head");
    refused(&site.run(&["events", "export", "--format", "ndjson", "--to", "soon"]), 2, "expected a position");
    refused(&site.run(&["events", "export", "--format", "parquet", "--follow"]), 2, "--follow");
    let whole = std::fs::read_to_string(&file).expect("text");
    let cut = folder.path().join("cut.ndjson");
    std::fs::write(&cut, &whole[..whole.floor_char_boundary(whole.len() / 2)]).expect("written");
    let empty = folder.path().join("empty");
    refused(&on(&empty, &["events", "import", text(&cut)]), 1, "nothing was imported");
    assert!(!empty.join("journal.db").exists());
}

#[test]
fn a_replay_is_a_file_that_any_tool_opens() {
    let site = Site::with_workshops_on(Engine::Sqlite);
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("then.db");
    done(&site.run(&["replay", "--position", "5", "--into", text(&file), "--only", "accounts,workshops"]));
    let query = "import sqlite3, sys; print(sorted(r[0] for r in sqlite3.connect(sys.argv[1]).execute(\"select name from sqlite_master where type = 'table'\")))";
    let tables = done(&Command::new("python3").args(["-c", query, text(&file)]).output().expect("python3"));
    assert!(tables.contains("'accounts'") && tables.contains("'workshops'") && !tables.contains("'sessions'"), "{tables}");
    refused(&site.run(&["replay", "--position", "5", "--into", text(&file)]), 1, "exists already");
    let next = folder.path().join("next.db");
    refused(&site.run(&["replay", "--position", "999999", "--into", text(&next)]), 1, "the head is at");
    refused(&site.run(&["replay", "--until", "1999-01-01", "--into", text(&next)]), 1, "nothing had been recorded");
    refused(&site.run(&["replay", "--until", "2999-01-01", "--into", text(&next)]), 1, "is not over yet");
    refused(&site.run(&["replay", "--position", "5", "--into", text(&next), "--only", "dreams"]), 2, "no read model dreams");
    refused(&site.run(&["replay", "--into", text(&next)]), 2, "--until");
    assert!(!next.exists());
}

#[tokio::test]
async fn a_backup_beside_a_server_is_restored_and_served() {
    let site = Site::with_workshops_on(Engine::Sqlite);
    let folder = TempDir::new().expect("a folder");
    let (into, keys, data) = (folder.path().join("backup"), folder.path().join("keys.db"), folder.path().join("data"));
    let checkpoints = folder.path().join("checkpoints.txt");
    let server = site.serve_with(&[("NALABO_EVIDENCE__FILE", text(&checkpoints))]);
    Person::register(&server, "early").await;
    server.stop(); // The last checkpoint, put elsewhere.
    let server = site.serve();
    Person::register(&server, "late").await;
    let manifest = verified(&site.run(&["backup", "--into", text(&into), "--with-keys", text(&keys), "--json"]));
    refused(&site.run(&["backup", "--into", text(&into)]), 1, "expected a folder that is empty");
    server.stop();
    let restore = ["restore", "--from", text(&into), "--with-keys", text(&keys)];
    done(&on(&data, &restore));
    refused(&on(&data, &restore), 1, "there is one already");
    std::fs::create_dir(data.join("secrets")).expect("a folder");
    std::fs::copy(site.path().join("secrets/master.key"), data.join("secrets/master.key")).expect("the master key is kept elsewhere");
    let key = manifest["verifier_key"].as_str().expect("a key beside a running server");
    let told = verified(&on(&data, &["verify", "--checkpoint", text(&checkpoints), "--key", key, "--json"]));
    assert_eq!((&told["position"], &told["hash"], &told["key"]), (&manifest["position"], &manifest["hash"], &manifest["verifier_key"]));
    assert_eq!(verified(&on(&data, &["verify", "--json"]))["key"], manifest["verifier_key"], "the vault has the key");
    assert!(!data.join("read-models").exists(), "they are not in a backup");
    let mut command = binary();
    let server = Server::start(command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data));
    for name in ["early", "late"] {
        let person = Person::sign_in(&server, &format!("{name}@example.org"), PASSWORD).await;
        let me = person.query("{ me { displayName } workshops(first: 1) { nodes { id } } }", Value::Null).await;
        assert_eq!(me["me"]["displayName"], name);
        assert_eq!(me["workshops"]["nodes"].as_array().expect("workshops").len(), 1, "the read models are built again");
    }
    server.stop();
}

/// Takes one request of HTTP and answers that it was taken; what was sent.
fn one_request(listener: &TcpListener) -> String {
    let (mut socket, _) = listener.accept().expect("somebody comes");
    socket.set_read_timeout(Some(PATIENCE)).expect("set");
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = socket.read(&mut buffer).expect("a request");
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let length = text.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse::<usize>().ok());
        if let (Some((_, body)), Some(length)) = (text.split_once("\r\n\r\n"), length)
            && body.len() >= length
        {
            socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").expect("answered");
            return body.to_owned();
        }
        assert!(read > 0, "the request ends too early: {text}");
    }
}

#[test]
fn a_server_signs_its_head_and_tells_witnesses() {
    let site = Site::with_workshops_on(Engine::Sqlite);
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("checkpoints.txt");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let server = site.serve_with(&[("NALABO_EVIDENCE__FILE", text(&file)), ("NALABO_EVIDENCE__WEBHOOK", &url)]);
    let note = one_request(&listener);
    drop(listener);
    server.stop();
    assert!(note.starts_with("nalabo/") && note.contains("\n\n\u{2014} nalabo/"), "{note}");
    assert!(std::fs::read_to_string(&file).expect("written").contains(&note));

    let told = verified(&site.run(&["verify", "--checkpoint", text(&file), "--json"]));
    assert!(told["checkpoints"].as_u64().is_some_and(|checkpoints| checkpoints >= 2), "{told}");
    let key = told["key"].as_str().expect("a key").to_owned();
    // Whoever has the key needs no vault.
    std::fs::rename(site.path().join("vault.db"), folder.path().join("vault.db")).expect("moved");
    verified(&site.run(&["verify", "--checkpoint", text(&file), "--key", &key, "--json"]));
    refused(&site.run(&["verify", "--checkpoint", text(&file)]), 1, "name one with --key");
    let wrong = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    refused(&site.run(&["verify", "--checkpoint", text(&file), "--key", wrong]), 1, "not signed by the key PeterNeumann");
    refused(&site.run(&["verify", "--key", "nonsense"]), 2, "expected a verifier key");

    let other = Site::new();
    refused(&other.run(&["verify", "--checkpoint", text(&file), "--key", &key]), 1, "not of journal");
    // The checkpoint tells that the end is gone, whatever the journal itself says.
    let cut = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript('drop trigger events_are_never_removed; delete from events where position > 3; delete from signed_checkpoints')";
    done(&Command::new("python3").args(["-c", cut, text(&site.path().join("journal.db"))]).output().expect("python3"));
    done(&site.run(&["verify", "--key", &key]));
    refused(&site.run(&["verify", "--checkpoint", text(&file), "--key", &key]), 1, "position 4: the event is missing");
}

async fn a_journal_is_looked_at_beside_a_server(engine: Engine) {
    let site = Site::on(engine);
    let folder = TempDir::new().expect("a folder");
    // Before anything was signed there is no key, and looking makes none.
    for _ in 0..2 {
        let output = site.run(&["verify", "--json"]);
        assert_eq!(verified(&output)["signatures"], false);
        assert!(said(&output).contains("signatures are not checked") && said(&output).contains("no key checkpoint-signing yet"));
    }
    let checkpoints = folder.path().join("checkpoints.txt");
    let server = site.serve_with(&[("NALABO_EVIDENCE__FILE", text(&checkpoints)), ("NALABO_EVIDENCE__EVERY_EVENTS", "1")]);
    Person::register(&server, "kit").await;
    server.stop();
    let server = site.serve();
    let told = verified(&site.run(&["verify", "--checkpoint", text(&checkpoints), "--json"]));
    assert_eq!(told["signatures"], true);
    assert!(told["checkpoints"].as_u64().is_some_and(|checkpoints| checkpoints >= 2), "{told}");
    done(&site.run(&["events", "export", "--format", "ndjson", "--into", text(&folder.path().join("events.ndjson"))]));
    done(&site.run(&["replay", "--position", "3", "--into", text(&folder.path().join("then.db"))]));
    if engine == Engine::Sqlite {
        let manifest = verified(&site.run(&["backup", "--into", text(&folder.path().join("backup")), "--json"]));
        assert_eq!(manifest["verifier_key"], told["key"]);
    }
    Person::register(&server, "pat").await;
    server.stop();
}
