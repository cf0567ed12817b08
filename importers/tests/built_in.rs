//! The workshops that come with the product.

use std::collections::HashSet;

use domain::workshops::content::{Category, CompletionRule, Content};
use domain::workshops::defects;
use importers::{BuiltIn, Folder, Imported, read};

fn built_in() -> Vec<Imported> {
    read(&BuiltIn).expect("embedded")
}

fn content(imported: &Imported) -> &Content {
    imported.content.as_ref().expect("a readable definition")
}

#[test]
fn all_five_are_imported_without_a_diagnostic() {
    let all = built_in();
    let slugs: Vec<_> = all.iter().map(|imported| imported.slug.as_str()).collect();
    assert_eq!(
        slugs,
        [
            "find-the-intruder",
            "git-from-commit-to-merge",
            "questions-to-a-database",
            "shell-files-and-processes",
            "web-service-from-scratch"
        ]
    );
    for imported in &all {
        assert_eq!(imported.diagnostics, [], "{}", imported.slug);
        assert_eq!(defects::of_version(content(imported)), [], "{}", imported.slug);
    }
}

#[test]
fn they_are_the_files_on_disk() {
    let on_disk = read(&Folder::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../workshops"))).expect("a folder of workshops");
    assert_eq!(built_in(), on_disk);
}

#[test]
fn each_is_about_something_else_and_mixes_its_rules() {
    let all = built_in();
    let categories: HashSet<&Category> = all.iter().map(|imported| &content(imported).category).collect();
    assert_eq!(categories.len(), all.len());
    for imported in &all {
        let steps = &content(imported).steps;
        assert!((4..=6).contains(&steps.len()), "{}", imported.slug);
        let kinds: HashSet<_> = steps.iter().map(|step| std::mem::discriminant(&step.rule)).collect();
        assert!(kinds.len() >= 2, "{}", imported.slug);
    }
}

#[test]
fn every_check_has_a_solution() {
    for imported in &built_in() {
        for step in &content(imported).steps {
            if let CompletionRule::Check(checks) = &step.rule {
                assert!(checks.iter().all(|check| check.solution.is_some()), "{}: {}", imported.slug, step.key);
            }
        }
    }
}
