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

/// What the tour of a document says, once all of it has worked.
fn toured(document: &str, programs: &[&str]) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let text = std::fs::read_to_string(format!("{root}/{document}")).unwrap_or_else(|error| panic!("{document}: {error}"));
    let commands = tour(&text);
    assert!(!commands.is_empty(), "{document} has no ```sh or ```console between <!-- tour --> and <!-- /tour -->");
    for program in programs {
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
    // Whoever follows a tour has said nothing of it.
    bash.env_remove("NALABO_SECOND_FACTOR__REQUIRED_FOR");
    bash.env("PATH", path).env("NALABO_LISTEN", format!("127.0.0.1:{port}")).env("NALABO_DATA_DIR", &data);
    let script = format!("{FRAME}{}", commands.join("\n"));
    let output = bash.arg("-c").arg(&script).current_dir(root).stdin(Stdio::null()).output().expect("bash");
    let said = said(&output);
    assert!(output.status.success(), "it ended with {}: {said}\n{script}", output.status);
    said
}

#[test]
fn the_tour_of_the_readme_works() {
    let said = toured("README.md", &["curl", "python3"]);
    for expected in ["ada@example.org", "\"passed\": true", "\"passed\": false", "StepCheckFailed"] {
        assert!(said.contains(expected), "{expected} is not in {said}");
    }
    assert!(!said.contains("\"code\": \""), "something was declined: {said}");
}

#[test]
fn the_tour_of_access_and_audit_works() {
    let said = toured("docs/access-tour.md", &["curl", "python3", "oathtool"]);
    let declined: Vec<_> = said.lines().filter_map(|line| line.trim().strip_prefix("\"code\": ")).collect();
    assert_eq!(declined, ["\"SECOND_FACTOR_REQUIRED\"", "\"REFRESH_TOKEN_INVALID\"", "\"UNAUTHENTICATED\""], "{said}");
    for expected in ["\"id\": \"author\"", "RefreshTokenReused", "REFRESH_TOKEN_REUSED", "SECOND_FACTOR_REQUIRED", "Role granted by Ada"] {
        assert!(said.contains(expected), "{expected} is not in {said}");
    }
}

/// What a document says that its commands print, in order.
fn shown(document: &str) -> Vec<String> {
    let (mut all, mut fence): (Vec<String>, Option<Vec<&str>>) = (Vec::new(), None);
    for line in document.lines() {
        match (line, &mut fence) {
            ("```", Some(lines)) => {
                all.push(lines.join("\n"));
                fence = None;
            }
            (_, Some(lines)) => lines.push(line),
            ("```json" | "```text", None) => fence = Some(Vec::new()),
            _ => {}
        }
    }
    all
}

#[test]
fn the_tour_of_booking_prints_what_it_shows() {
    let said = toured("docs/booking-tour.md", &["curl", "python3"]);
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/booking-tour.md")).expect("the document");
    let answers = shown(&document);
    assert!(answers.len() > 10, "{answers:?}");
    let mut rest = said.as_str();
    for answer in &answers {
        let at = rest.find(answer.as_str()).unwrap_or_else(|| panic!("not printed, or not in this order: {answer}\n{said}"));
        rest = &rest[at + answer.len()..];
    }
    for expected in ["PlaceOffered", "RefundRecorded"] {
        assert!(rest.contains(expected), "{expected} is not in {rest}");
    }
}
