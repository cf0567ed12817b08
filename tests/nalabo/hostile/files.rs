//! Files, folders and command lines that are not as they should be.

use std::{path::Path, process::Command};

use crate::{
    engines::Engine,
    site::{Site, binary, said},
};

fn workshop(folder: &Path, definition: &str, page: &str) {
    std::fs::create_dir_all(folder.join("steps")).expect("a folder");
    std::fs::write(folder.join("workshop.yaml"), definition).expect("written");
    std::fs::write(folder.join("steps/01-first.md"), page).expect("written");
}

const DEFINITION: &str = "format: 1\nslug: odd\ntitle: Odd\nsummary: Odd.\ncategory: devops\nduration: 5m\n";
const PAGE: &str = "---\ntitle: First\nrule: read\n---\nText.\n";

#[test]
fn broken_workshop_files_are_named_with_the_line_and_not_imported() {
    let bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n";
    let bomb_page = format!("---\ntitle: First\nrule: read\n{bomb}---\nText.\n");
    let site = Site::new();
    let before = site.events().len();
    for (definition, page, told) in [
        (DEFINITION, "---\ntitle: \"First\nrule: read\n---\nText.\n", "steps/01-first.md:"),
        (DEFINITION, "---\ntitle: First\nrule: maybe\n---\nText.\n", "steps/01-first.md:3"),
        (DEFINITION, "no header\n", "steps/01-first.md"),
        (DEFINITION, bomb_page.as_str(), "steps/01-first.md:"),
        (&format!("{DEFINITION}{bomb}"), PAGE, "workshop.yaml:"),
        (&format!("{DEFINITION}environment: [\n"), PAGE, "workshop.yaml:"),
        (&format!("{DEFINITION}surprise: 1\n"), PAGE, "surprise"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        workshop(folder.path(), definition, page);
        let path = folder.path().to_str().expect("UTF-8");
        for arguments in [&["workshops", "check", path][..], &["workshops", "import", path, "--publish"]] {
            let output = site.run(arguments);
            let said = said(&output);
            assert!(said.contains(told), "{arguments:?} with {page} says {said}, without {told}");
            assert!(said.len() < 20_000, "{arguments:?} says {} bytes", said.len());
            if arguments[1] == "check" {
                assert_eq!(output.status.code(), Some(1), "{arguments:?} says {said}");
            }
        }
        let published = site.events()[before..].iter().any(|event| event["type"] == "WorkshopPublished");
        assert!(!published, "{definition}{page}");
    }
}

#[test]
fn an_import_is_the_same_however_often_it_is_made() {
    let site = Site::with_workshops_on(Engine::Sqlite);
    let before = site.events().len();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/workshops");
    let output = site.run(&["workshops", "import", path, "--publish", "--json"]);
    assert!(output.status.success(), "{}", said(&output));
    let lines = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(lines.lines().filter(|line| line.contains("\"unchanged\"")).count(), 5, "{lines}");
    assert_eq!(site.events().len(), before);
}

#[test]
fn a_data_directory_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").expect("written");
    for path in [file.clone(), file.join("below")] {
        let output = binary().args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&path).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(said(&output).contains(path.to_str().expect("UTF-8")), "{}", said(&output));
    }
    assert_eq!(std::fs::read_to_string(&file).expect("still a file"), "in the way");
}

#[test]
fn a_data_directory_that_is_read_only_is_named() {
    let site = Site::new();
    let path = site.path();
    let path = path.to_str().expect("UTF-8");
    // Permissions do not keep root from writing; a mount of its own does.
    let mount = "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\"";
    let namespace = ["--user", "--map-root-user", "--mount", "bash", "-c"];
    let may = Command::new("unshare").args(namespace).args([mount, path]).output();
    if !may.as_ref().is_ok_and(|output| output.status.success()) {
        println!("skipped: this host does not let a test mount a folder read-only ({may:?})");
        return;
    }
    let binary = site.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut words: Vec<_> = vec![binary.get_program().to_owned()];
    words.extend(binary.get_args().map(ToOwned::to_owned));
    let mut serve = Command::new("unshare");
    serve.args(namespace).arg(format!("{mount} && exec \"$@\"")).arg(path).args(words);
    let output = serve.output().expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains(path), "{}", said(&output));
}

#[test]
fn a_data_directory_is_used_by_one_process_at_a_time() {
    let site = Site::new();
    let server = site.serve();
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["admin", "create", "--email", "b@example.org"], &["migrate"]] {
        let output = site.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains("in use by another nalabo process"), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(site.path().to_str().expect("UTF-8")), "{arguments:?}: {}", said(&output));
    }
    // Looking is no harm.
    assert_eq!(site.events().len(), 3, "of the administrator");
    server.stop();
    site.serve().stop();
}

#[test]
fn mistakes_on_the_command_line_exit_with_two_and_say_what_was_expected() {
    let site = Site::new();
    for (arguments, told) in [
        (&["dance"][..], "dance"),
        (&["serve", "--listen", "everywhere"], "--listen"),
        (&["serve", "--surprise"], "--surprise"),
        (&["workshops", "import"], "<PATH>"),
        (&["serve", "--config", "/nowhere/nalabo.toml"], "/nowhere/nalabo.toml"),
    ] {
        let output = site.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(told), "{arguments:?}: {}", said(&output));
    }
    let output = site.command(&["migrate"]).env("NALABO_JOURNAL__SYNCHRONOUS", "maybe").output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    for (arguments, told) in [
        (&["workshops", "check", "/nowhere"][..], "/nowhere"),
        (&["serve", "--listen", "0.0.0.0:0"], "--sandbox-on-public-address"),
        (&["admin", "create", "--email", "nonsense"], "mail"),
    ] {
        let output = site.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(told), "{arguments:?}: {}", said(&output));
    }
}

#[test]
fn a_journal_that_is_not_durable_is_refused_unless_that_is_accepted() {
    let site = Site::new();
    let off = [("NALABO_JOURNAL__SYNCHRONOUS", "off")];
    let output = site.command(&["serve", "--listen", "127.0.0.1:0"]).envs(off).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("--unsafe-durability"), "{}", said(&output));
    let mut accepted = site.command(&["serve", "--listen", "127.0.0.1:0", "--unsafe-durability"]);
    crate::site::Server::start(accepted.envs(off)).stop();
}
