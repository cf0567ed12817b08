//! Who may depend on whom.

use std::{collections::BTreeSet, path::Path, sync::LazyLock};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::{
    none,
    repository::{files_with, required, root, text},
};

/// Each crate of ours may depend on those of lower floors, and on no other.
const FLOORS: [(&str, u8); 11] = [
    ("domain", 0),
    ("journal", 0),
    ("tables", 0),
    ("archive", 1),
    ("commands", 1),
    ("projections", 1),
    ("graphql", 2),
    ("orchestrator", 2),
    ("importers", 2),
    ("orchestrator-kubernetes", 3),
    ("nalabo", 4),
];

/// Libraries that one crate alone may know; nobody, if there is none.
const RESERVED: [(&str, Option<&str>); 10] = [
    ("sqlx", Some("journal")),
    ("sea-orm", Some("projections")),
    ("async-graphql", Some("graphql")),
    ("cqrs-es", Some("commands")),
    ("webauthn-rs", Some("commands")),
    ("kube", Some("orchestrator-kubernetes")),
    ("rust_xlsxwriter", Some("tables")),
    ("lettre", Some("nalabo")),
    ("minijinja", Some("nalabo")),
    ("k8s-openapi", Some("orchestrator-kubernetes")),
];

/// Libraries that must not be there twice, or at all.
const VERSIONS: [(&str, usize); 5] = [("sqlx", 1), ("sea-orm", 1), ("async-graphql", 1), ("openssl-sys", 0), ("aws-lc-sys", 0)];

static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    let mut metadata = workspace();
    // What tests alone use stands on no floor.
    metadata.packages.retain(|package| !is_for_tests(package));
    metadata
});

fn workspace() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps();
    command.exec().expect("cargo's metadata")
}

fn is_for_tests(package: &Package) -> bool {
    package.name.starts_with("test-")
}

fn floor(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(member, _)| *member == name).map(|(_, floor)| *floor)
}

/// A crate's folder, relative to the root; empty for the root's own.
fn folder(package: &Package) -> &Path {
    let manifest = package.manifest_path.as_std_path();
    manifest.parent().and_then(|folder| folder.strip_prefix(root()).ok()).expect("a manifest below the root")
}

#[test]
fn dependencies_point_downwards() {
    let mut findings = Vec::new();
    for package in &METADATA.packages {
        let Some(own) = floor(&package.name) else {
            findings.push(format!("{} has no floor", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            if floor(&dependency.name).is_some_and(|other| other >= own) {
                findings.push(format!("{} must not depend on {}", package.name, dependency.name));
            }
        }
    }
    assert_eq!(METADATA.packages.len(), FLOORS.len(), "crates of the workspace");
    none(&findings);
}

#[test]
fn libraries_are_known_to_the_crate_that_wraps_them() {
    let mut findings = Vec::new();
    for package in &METADATA.packages {
        for (library, owner) in RESERVED {
            let depends = package.dependencies.iter().any(|dependency| dependency.name == library);
            if depends && owner.is_none_or(|owner| package.name.as_str() != owner) {
                findings.push(format!("{} must not depend on {library}", package.name));
            }
        }
    }
    none(&findings);
}

#[test]
fn the_api_does_not_reach_around_the_dispatcher() {
    let mut findings = Vec::new();
    for file in files_with("rs").into_iter().filter(|file| file.starts_with("graphql/src")) {
        if text(&file).is_some_and(|text| text.contains("commands::stored")) {
            findings.push(format!("{}: the cqrs-es adapter is not for the API", file.display()));
        }
    }
    none(&findings);
}

#[test]
fn versions_and_lints_stand_in_the_root_alone() {
    let mut findings = Vec::new();
    for package in METADATA.packages.iter().filter(|package| package.name.as_str() != "nalabo") {
        let file = folder(package).join("Cargo.toml");
        findings.extend(not_inherited(&file.to_string_lossy(), &required(&file.to_string_lossy())));
    }
    let root = required("Cargo.toml");
    let (_, own) = root.split_once("\n[package]\n").expect("the root's own package");
    findings.extend(not_inherited("Cargo.toml", own));
    none(&findings);
}

fn not_inherited(file: &str, manifest: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let mut section = "";
    for line in manifest.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]") && !line.contains("workspace = true") {
            findings.push(format!("{file}: its version belongs into the root: {line}"));
        }
    }
    if !manifest.contains("[lints]\nworkspace = true") {
        findings.push(format!("{file}: expected the lints of the workspace"));
    }
    findings
}

#[test]
fn what_is_declared_is_used() {
    let mut findings = Vec::new();
    let for_tests = workspace().packages.into_iter().filter(is_for_tests);
    let mut used: BTreeSet<String> = for_tests.flat_map(|package| package.dependencies).map(|dependency| dependency.name).collect();
    for package in &METADATA.packages {
        let (code, tests) = sources(folder(package));
        for dependency in &package.dependencies {
            used.insert(dependency.name.clone());
            let name = dependency.name.replace('-', "_");
            let in_tests = dependency.kind == DependencyKind::Development && tests.iter().any(|text| mentions(text, &name));
            if !in_tests && !code.iter().any(|text| mentions(text, &name)) {
                findings.push(format!("{} does not use {}", package.name, dependency.name));
            }
        }
    }
    let manifest = required("Cargo.toml");
    let (_, declared) = manifest.split_once("[workspace.dependencies]\n").expect("the workspace's dependencies");
    let declared = declared.lines().take_while(|line| !line.starts_with('['));
    for name in declared.filter_map(|line| line.split_once(" = ").map(|(name, _)| name)) {
        if !used.contains(name) && name != "nalabo" {
            findings.push(format!("no crate depends on {name}"));
        }
    }
    none(&findings);
}

/// The texts of a crate's code, and those of its tests.
fn sources(folder: &Path) -> (Vec<String>, Vec<String>) {
    let read = |below: &str| -> Vec<String> {
        let below = folder.join(below);
        files_with("rs").iter().filter(|file| file.starts_with(&below)).filter_map(|file| text(file)).collect()
    };
    let mut code = read("src");
    code.extend(read("build.rs"));
    (code, read("tests"))
}

/// Whether a crate is named, in a path or a `use`.
fn mentions(text: &str, name: &str) -> bool {
    let starts_word = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let ends = |at: usize| {
        let rest = &text[at + name.len()..];
        rest.starts_with("::") || text[..at].ends_with("use ") && rest.starts_with([';', ' '])
    };
    text.match_indices(name).any(|(at, _)| starts_word(at) && ends(at))
}

#[test]
fn one_version_of_what_must_agree_and_none_of_what_is_replaced() {
    let lock = required("Cargo.lock");
    let mut findings = Vec::new();
    for (name, expected) in VERSIONS {
        let found = lock.matches(&format!("\nname = \"{name}\"\n")).count();
        if found != expected {
            findings.push(format!("expected {expected} of {name}, found {found}"));
        }
    }
    none(&findings);
}

/// The benches are built by themselves, `--locked` and not for every change: nobody would notice.
#[test]
fn locks_of_other_workspaces_know_what_our_crates_need() {
    let is_needed = |found: &&cargo_metadata::Dependency| found.kind != DependencyKind::Development && !found.optional;
    let mut missing = Vec::new();
    for file in ["benches/Cargo.lock", "benches/peers/Cargo.lock"] {
        let lock = text(Path::new(file)).expect("a text");
        for package in &METADATA.packages {
            let named = format!("name = \"{}\"\n", package.name);
            let Some(entry) = lock.split("[[package]]").find(|entry| entry.contains(&named)) else { continue };
            let needed = package.dependencies.iter().filter(is_needed).map(|found| &found.name);
            let absent = needed.filter(|name| !entry.contains(&format!("\"{name}\"")) && !entry.contains(&format!("\"{name} ")));
            missing.extend(absent.map(|name| format!("{file}: {} needs {name}; run cargo metadata beside it", package.name)));
        }
    }
    none(&missing);
}
