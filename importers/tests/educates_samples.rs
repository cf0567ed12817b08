//! Workshops of Educates' own, where they lie beside the workspace; they are not part of the product.

#![expect(clippy::print_stderr, reason = "a test that checks nothing says so")]

use importers::{Folder, Imported, read};

fn sample(name: &str) -> Option<Imported> {
    let folder = format!("{}/../../shared/data/educates/{name}", env!("CARGO_MANIFEST_DIR"));
    if !std::path::Path::new(&folder).exists() {
        eprintln!("skipped: no {name} beside the workspace");
        return None;
    }
    Some(read(&Folder::new(folder)).expect("a workshop").remove(0))
}

fn check(name: &str, pages: usize, actions: usize, kinds: &[(&str, usize)]) {
    let Some(imported) = sample(name) else { return };
    assert_eq!((imported.slug.as_str(), imported.pages.len(), imported.action_count()), (name, pages, actions));
    for (kind, count) in kinds {
        assert_eq!(imported.actions_by_kind.get(*kind), Some(count), "{kind}");
    }
    assert!(!imported.has_errors(), "{:?}", imported.diagnostics);
}

#[test]
fn kubernetes_fundamentals() {
    let kinds =
        [("execute", 61), ("execute-1", 1), ("execute-2", 1), ("terminal:input", 4), ("dashboard:open-url", 3), ("terminal:interrupt", 1)];
    check("lab-k8s-fundamentals", 18, 71, &kinds);
}

#[test]
fn examiner_actions() {
    let kinds =
        [("examiner:execute-test", 35), ("terminal:execute", 7), ("section:begin", 2), ("section:end", 2), ("terminal:interrupt", 1)];
    check("lab-examiner-actions", 10, 47, &kinds);
    let Some(imported) = sample("lab-examiner-actions") else { return };
    let missing = imported.diagnostics.iter().filter(|diagnostic| diagnostic.message.contains("has no script")).count();
    assert_eq!(missing, 35);
}

#[test]
fn terminal_actions() {
    check("lab-terminal-actions", 14, 49, &[]);
}

#[test]
fn section_actions() {
    check("lab-section-actions", 12, 127, &[("section:begin", 45), ("section:end", 45), ("terminal:execute", 34), ("section:heading", 3)]);
}
