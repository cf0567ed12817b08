//! Lists that must name every file of their kind.

use std::path::{Path, PathBuf};

use crate::{
    none,
    repository::{files_with, required, text},
};

const REACTIONS: &str = "commands/src/reactions";

/// Files of a folder whose text holds `mark`, tests aside.
fn marked(folder: &str, mark: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let is_test = |file: &Path| file.components().any(|part| part.as_os_str() == "tests") || file.ends_with("tests.rs");
    let files = files_with("rs").into_iter().filter(|file| file.starts_with(folder) && !is_test(file));
    files.filter(|file| text(file).is_some_and(|text| mark(&text))).collect()
}

fn stem(file: &Path) -> &str {
    file.file_stem().and_then(|stem| stem.to_str()).expect("a name")
}

#[test]
fn every_read_model_is_registered() {
    let registry = required("projections/src/registry.rs");
    let files = marked("projections/src", |text| text.contains("\nimpl ReadModel for "));
    let unregistered = files.iter().filter(|file| !registry.contains(stem(file)));
    none(&unregistered.map(|file| format!("{}: not in the registry", file.display())).collect::<Vec<_>>());
    assert_eq!(registry.matches("Box::new(").count(), files.len(), "read models");
}

#[test]
fn every_table_of_totals_is_kept_by_a_read_model() {
    let models = marked("projections/src", |text| text.contains("\nimpl ReadModel for "));
    let models: Vec<String> = models.iter().filter_map(|file| text(file)).collect();
    let tallies = marked("projections/src", |text| text.lines().any(|line| line.starts_with("impl Tally<") && line.contains(" for ")));
    let kept = |file: &Path| models.iter().any(|model| model.contains(&format!("Kept::<{}::", stem(file))));
    none(&tallies.iter().filter(|file| !kept(file)).map(|file| format!("{}: nobody keeps it", file.display())).collect::<Vec<_>>());
    assert!(!tallies.is_empty());
}

#[test]
fn every_reaction_is_in_the_list_under_the_name_of_its_file() {
    let list = required("commands/src/reactions.rs");
    let (_, all) = list.split_once("pub fn all()").expect("the list");
    let files = marked(REACTIONS, |text| text.contains("\nimpl Reaction for "));
    let mut findings = Vec::new();
    for file in &files {
        let name = stem(file);
        if !all.contains(&format!("{name}::")) {
            findings.push(format!("{}: not in the list", file.display()));
        }
        if !text(file).is_some_and(|text| text.contains(&format!("\"{name}\""))) {
            findings.push(format!("{}: expected the name {name}", file.display()));
        }
    }
    none(&findings);
    assert!(!files.is_empty());
}
