//! The README's tour, run as it is written.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::{Command, Stdio},
};

use crate::site::{binary, said};

/// Everything that is printed goes on, and what was started ends with the tour.
pub(crate) const FRAME: &str = "set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n";

/// The commands in fences between the markers of the tour, in order.
pub(crate) fn tour(readme: &str) -> Vec<String> {
    fences(readme, "tour")
}

/// The commands in fences between markers such as `<!-- tour -->` and `<!-- /tour -->`.
pub(crate) fn fences(readme: &str, marker: &str) -> Vec<String> {
    let (opening, closing) = (format!("<!-- {marker} -->"), format!("<!-- /{marker} -->"));
    let (mut commands, mut within, mut fence): (Vec<String>, bool, Option<Vec<&str>>) = (Vec::new(), false, None);
    for line in readme.lines() {
        match (line.trim(), &mut fence) {
            ("```", Some(lines)) => {
                commands.push(lines.join("\n"));
                fence = None;
            }
            (_, Some(lines)) => lines.push(line.strip_prefix("$ ").unwrap_or(line)),
            (line, None) if line == opening => within = true,
            (line, None) if line == closing => within = false,
            ("```sh" | "```console", None) if within => fence = Some(Vec::new()),
            _ => {}
        }
    }
    commands
}

#[test]
fn commands_are_taken_from_between_the_markers() {
    let readme = "```sh\nno\n```\n<!-- tour -->\ntext\n```sh\none\ntwo\n```\n```rust\nno\n```\n<!-- /tour -->\n<!-- tour -->\n```console\n$ three\n```\n<!-- /tour -->\n";
    assert_eq!(tour(readme), ["one\ntwo", "three"]);
}

#[test]
fn the_tour_of_the_readme_works() {
    let root = env!("CARGO_MANIFEST_DIR");
    let readme = std::fs::read_to_string(format!("{root}/README.md")).expect("README.md");
    let commands = tour(&readme);
    assert!(!commands.is_empty(), "README.md has no ```sh or ```console between <!-- tour --> and <!-- /tour -->");
    for program in ["curl", "python3"] {
        let there = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
        assert!(there, "the tour needs {program}: install it, or run scripts/test, which does it");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr()).expect("a free port").port();
    let binary = binary();
    let bin = std::path::Path::new(binary.get_program()).parent().expect("a folder").to_owned();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a path"));
    let mut bash = Command::new("bash");
    bash.envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bash.env("PATH", path).env("NALABO_LISTEN", format!("127.0.0.1:{port}")).env("NALABO_DATA_DIR", &data);
    let script = format!("{FRAME}{}", commands.join("\n"));
    let output = bash.arg("-c").arg(&script).current_dir(root).stdin(Stdio::null()).output().expect("bash");
    let said = said(&output);
    assert!(output.status.success(), "it ended with {}: {said}\n{script}", output.status);
    for expected in ["ada@example.org", "\"passed\": true", "\"passed\": false", "StepCheckFailed"] {
        assert!(said.contains(expected), "{expected} is not in {said}");
    }
    assert!(!said.contains("\"code\": \""), "something was declined: {said}");
}
