//! The procedures of `docs/backup.md` for PostgreSQL, by the commands that stand there.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use test_postgres::{Server as Database, ServerOptions};

use crate::{
    engines::Engine,
    people::{PASSWORD, Person},
    readme::fences,
    site::{Server, Site, binary, said},
};

mod postgres {
    crate::engines::on_postgres! {
        a_dump_is_restored_on_another_server_verified_and_served(),
        a_dump_is_restored_by_a_role_that_may_make_no_other(),
        a_base_backup_is_started_verified_and_served(),
        the_commands_for_sqlite_name_what_to_use_instead(),
    }
}

/// The commands in `docs/backup.md` between these markers.
fn procedure(marker: &str) -> String {
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/backup.md")).expect("a manual");
    let commands = fences(&manual, marker);
    assert!(!commands.is_empty(), "docs/backup.md has nothing between <!-- {marker} --> and <!-- /{marker} -->");
    format!("set -euxo pipefail\n{}", commands.join("\n"))
}

/// Runs a procedure in a folder, as an operator who has the programs of the server and ours on the search path.
fn follow(marker: &str, mut bash: Command, folder: &Path, variables: &[(&str, &str)]) -> String {
    let ours = PathBuf::from(binary().get_program()).parent().expect("a folder").to_owned();
    let theirs = Database::programs().expect("programs");
    let path = std::env::var("PATH").expect("a path");
    bash.env("PATH", format!("{}:{}:{path}", ours.display(), theirs.display())).envs(variables.iter().copied());
    let output = bash.args(["-c", &procedure(marker)]).current_dir(folder).stdin(Stdio::null()).output().expect("bash");
    assert!(output.status.success(), "{marker}: {}", said(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn start_database() -> Database {
    let settings = vec!["wal_level=replica".to_owned(), "max_wal_senders=4".to_owned()];
    Database::start(&ServerOptions { settings, durable: false }).expect("a server")
}

fn database_name(url: &str) -> &str {
    url.rsplit('/').next().expect("a name")
}

/// A site whose server runs: somebody was there before the last checkpoint that was put elsewhere, and somebody after.
struct Lived {
    site: Site,
    server: Server,
    checkpoints: PathBuf,
    folder: TempDir,
}

impl Lived {
    async fn on(database: &Database) -> Self {
        let site = Site::at(&database.create_database().expect("a database"));
        let folder = TempDir::new().expect("a folder");
        let checkpoints = folder.path().join("checkpoints.txt");
        let server = site.serve_with(&[("NALABO_EVIDENCE__FILE", text(&checkpoints))]);
        Person::register(&server, "early").await;
        server.stop();
        let server = site.serve();
        Person::register(&server, "late").await;
        Self { site, server, checkpoints, folder }
    }

    fn url(&self) -> &str {
        self.site.database_url().expect("a database")
    }

    /// People who go on coming.
    fn keep_writing(&self) -> tokio::task::JoinHandle<()> {
        let client = self.server.client();
        tokio::spawn(async move {
            for number in 0.. {
                let input = json!({ "email": format!("guest-{number}@example.org"), "displayName": "guest", "password": PASSWORD });
                client.mutate("accountRegister", input, "account { id }").await.expect("registered");
            }
        })
    }

    /// Verifies what was restored at an address, by the procedure, and serves it to those who were there.
    async fn check(&self, database: &Database, url: &str) {
        let site = self.site.moved_to(url);
        let key: Value = serde_json::from_slice(&self.site.run(&["keys", "show", "--json"]).stdout).expect("JSON");
        let key = key["verifierKey"].as_str().expect("a key").to_owned();
        let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'read_models_%'";
        let before = database.sql(database_name(url), schemas).expect("an answer");
        let nalabo = site.command(&[]);
        let mut bash = Command::new("bash");
        bash.envs(nalabo.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let data = site.path();
        let variables = [("NALABO_DATA_DIR", text(&data)), ("CHECKPOINTS", text(&self.checkpoints)), ("VERIFIER_KEY", &key)];
        let told = follow("checks", bash, self.folder.path(), &variables);
        assert!(told.contains("are as they were written") && told.contains("checkpoints agree"), "{told}");

        let (ours, theirs) = (self.site.events(), site.events());
        assert_eq!(ours[..theirs.len()], theirs, "it is what was there then");

        let server = site.serve();
        for name in ["early", "late"] {
            let person = Person::sign_in(&server, &format!("{name}@example.org"), PASSWORD).await;
            let me = person.query("{ me { displayName } }", Value::Null).await;
            assert_eq!(me["me"]["displayName"], name, "the keys came along");
        }
        let administrator = Person::administrator(&server).await;
        let people = administrator.query("{ accounts(first: 50) { nodes { displayName } } }", Value::Null).await;
        let people = people["accounts"]["nodes"].as_array().expect("people").clone();
        assert!(
            people.len() >= 3 && people.iter().all(|person| person["displayName"].is_string()),
            "the vault knows everybody: {people:?}"
        );
        let after = database.sql(database_name(url), schemas).expect("an answer");
        assert_eq!(after, "1", "there were {before} generations of read models before");
        Person::register(&server, "newcomer").await;
        server.stop();
        assert!(site.run(&["verify"]).status.success());
    }
}

async fn a_dump_is_restored_on_another_server_verified_and_served() {
    let (from, to) = (start_database(), start_database());
    let lived = Lived::on(&from).await;
    let target = to.create_database().expect("a database");
    // Where the role is not there: it belongs to the server, and no dump of a database has it.
    assert_eq!(to.sql("postgres", "SELECT count(*) FROM pg_roles WHERE rolname = 'nalabo_app'").expect("an answer"), "0");
    let variables = [("DATABASE_URL", lived.url()), ("EMPTY_DATABASE_URL", &target)];
    let writing = lived.keep_writing();
    follow("dump", Command::new("bash"), lived.folder.path(), &variables);
    writing.abort();
    lived.check(&to, &target).await;
    lived.server.stop();
}

async fn a_dump_is_restored_by_a_role_that_may_make_no_other() {
    let (from, to) = (start_database(), start_database());
    let lived = Lived::on(&from).await;
    to.sql("postgres", "CREATE ROLE keeper LOGIN").expect("made");
    to.sql("postgres", "CREATE DATABASE kept OWNER keeper").expect("made");
    let target = to.url("kept").replace("nalabo@", "keeper@");
    let variables = [("DATABASE_URL", lived.url()), ("EMPTY_DATABASE_URL", &target)];
    follow("dump", Command::new("bash"), lived.folder.path(), &variables);
    let refused = lived.site.moved_to(&target).run(&["migrate"]);
    assert!(!refused.status.success() && said(&refused).contains("permission denied to create role"), "{}", said(&refused));
    let variables = [("ADMINISTRATOR_URL", to.url("kept")), ("ROLE", "keeper".to_owned())];
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    follow("role", Command::new("bash"), lived.folder.path(), &variables);
    lived.check(&to, &target).await;
    lived.server.stop();
}

async fn a_base_backup_is_started_verified_and_served() {
    let from = start_database();
    let lived = Lived::on(&from).await;
    let to = Database::start_on(&ServerOptions::default(), |data| {
        follow("base", Database::command("bash")?, data, &[("DATABASE_URL", lived.url()), ("COPY", text(data))]);
        Ok(())
    });
    let to = to.expect("a server on the copy");
    let url = to.url(database_name(lived.url()));
    lived.check(&to, &url).await;
    lived.server.stop();
}

async fn the_commands_for_sqlite_name_what_to_use_instead() {
    let site = Site::on(Engine::Postgres);
    let folder = TempDir::new().expect("a folder");
    let into = folder.path().join("backup");
    for (arguments, tool) in [(["backup", "--into", text(&into)], "pg_dump"), (["restore", "--from", text(&into)], "pg_restore")] {
        let output = site.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(tool) && said(&output).contains("docs/backup.md"), "{}", said(&output));
    }
    assert!(!into.exists());
}
