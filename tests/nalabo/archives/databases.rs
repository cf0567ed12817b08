//! From files into a database.

use tempfile::TempDir;

use super::{done, refused, text, verified};
use crate::{
    engines::Engine,
    people::Person,
    site::{Site, binary},
};

mod postgres {
    crate::engines::on_postgres! { a_journal_in_files_moves_into_a_database() }
}

async fn a_journal_in_files_moves_into_a_database() {
    let from = Site::with_workshops_on(Engine::Sqlite);
    let server = from.serve();
    Person::register(&server, "kit").await;
    server.stop();
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("events.ndjson");
    done(&from.run(&["events", "export", "--format", "ndjson", "--into", text(&file)]));
    let whole = std::fs::read_to_string(&file).expect("text");
    let ours = verified(&from.run(&["verify", "--json"]));
    let key = ours["key"].as_str().expect("a key");

    let url = test_postgres::database();
    let database = url.rsplit('/').next().expect("a name");
    let sql = |statement: &str| test_postgres::shared().expect("a server").sql(database, statement).expect("an answer");
    let to = |arguments: &[&str]| {
        let mut command = binary();
        command.env("NALABO_DATABASE_URL", &url).env("NALABO_JOURNAL__UNSAFE_DURABILITY", "true");
        command.args(arguments).arg("--data-dir").arg(folder.path().join("data")).output().expect("the binary runs")
    };
    // A file that breaks off, and one in which a name was edited: nothing is left of them, not even their journal's id.
    let id = || sql("SELECT id FROM journal.journal");
    for (broken, told) in [
        (whole[..whole.floor_char_boundary(whole.len() / 2)].to_owned(), "nothing was imported"),
        (whole.replacen("AccountRegistered", "AccountRegistred", 1), "not as it was written"),
    ] {
        let cut = folder.path().join("broken.ndjson");
        std::fs::write(&cut, broken).expect("written");
        refused(&to(&["events", "import", text(&cut)]), 1, told);
        assert_ne!(id(), ours["journal"].as_str().expect("an id"));
        for table in ["events", "contents", "signed_checkpoints"] {
            assert_eq!(sql(&format!("SELECT count(*) FROM journal.{table}")), "0", "{table}");
        }
    }
    let imported = verified(&to(&["events", "import", text(&file), "--json"]));
    assert_eq!((&imported["journal"], &imported["position"], &imported["hash"]), (&ours["journal"], &ours["position"], &ours["hash"]));
    let theirs = verified(&to(&["verify", "--key", key, "--json"]));
    for told in ["journal", "position", "hash", "key", "checkpoints", "signatures"] {
        assert_eq!(theirs[told], ours[told], "{told}");
    }
    assert_eq!(done(&to(&["events", "export", "--format", "ndjson"])), whole, "byte for byte");
    refused(&to(&["events", "import", text(&file)]), 1, "an import needs an empty journal");

    // Not while a server has it open, which would go on under the old id.
    let site = Site::on(Engine::Postgres);
    let server = site.serve();
    refused(&site.run(&["events", "import", text(&file)]), 1, "needs it alone");
    server.stop();
}
