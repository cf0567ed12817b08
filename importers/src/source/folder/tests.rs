use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Folder, ImportError, Source};
use crate::bundle::{Bundle, MAX_FILE_BYTES};
use crate::diagnostic::Findings;

fn write(root: &Path, path: &str, contents: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
    fs::write(file, contents).expect("writable");
}

fn bundles(root: &Path) -> Vec<Bundle> {
    Folder::new(root).bundles().expect("a folder of workshops")
}

fn refused(bundle: &Bundle) -> Vec<String> {
    let mut findings = Findings::default();
    bundle.report_refused(&mut findings);
    findings.into_diagnostics().iter().map(ToString::to_string).collect()
}

#[test]
fn a_folder_is_one_workshop_or_holds_several() {
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "b/workshop.yaml", "");
    write(root.path(), "a/resources/workshop.yaml", "");
    write(root.path(), "c/notes.txt", "no workshop");
    let names: Vec<_> = bundles(root.path()).iter().map(|bundle| bundle.folder().to_owned()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(bundles(&root.path().join("b"))[0].folder(), "b");
}

#[test]
fn only_files_with_a_meaning_are_read() {
    let root = tempfile::tempdir().expect("a folder");
    for path in ["workshop/content/a.md", "workshop/content/x/index.md", "workshop/examiner/tests/sub/t", "workshop/config.yaml"] {
        write(root.path(), path, "x");
    }
    for path in ["workshop/content/a.png", "workshop/static/b.md", ".git/config", "README.md", "workshop/setup.d/run.sh"] {
        write(root.path(), path, "x");
    }
    let bundle = &bundles(root.path())[0];
    let read: Vec<_> = bundle.under("").collect();
    assert_eq!(read, ["workshop/config.yaml", "workshop/content/a.md", "workshop/content/x/index.md", "workshop/examiner/tests/sub/t"]);
}

#[test]
fn links_out_of_the_folder_are_refused() {
    let outside = tempfile::tempdir().expect("a folder");
    write(outside.path(), "secret", "not yours");
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "workshop.yaml", "");
    write(root.path(), "steps/01-real.md", "here");
    write(root.path(), "checks/x.sh", "true");
    let link = |target: &Path, name: &str| symlink(target, root.path().join(name)).expect("a link");
    link(&outside.path().join("secret"), "steps/02-secret.md");
    link(outside.path(), "files");
    link(&root.path().join("steps/01-real.md"), "steps/03-same.md");
    link(&root.path().join("nowhere"), "steps/04-broken.md");
    link(&root.path().join("checks"), "resources");
    let bundle = &bundles(root.path())[0];
    let read: Vec<_> = bundle.under("").collect();
    assert_eq!(read, ["checks/x.sh", "steps/01-real.md", "steps/03-same.md", "workshop.yaml"]);
    let refused = refused(bundle);
    assert_eq!(refused.len(), 4);
    assert!(refused.contains(&"error: steps/02-secret.md: not read: a link that leaves the workshop's folder".to_owned()));
    assert!(refused.contains(&"error: files: not read: a link that leaves the workshop's folder".to_owned()));
}

#[test]
fn a_workshop_that_is_a_link_is_not_followed() {
    let outside = tempfile::tempdir().expect("a folder");
    write(outside.path(), "workshop.yaml", "");
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "a/workshop.yaml", "");
    symlink(outside.path(), root.path().join("b")).expect("a link");
    assert_eq!(bundles(root.path()).len(), 1);
}

#[test]
fn files_that_are_too_large_are_refused_by_name() {
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "workshop.yaml", "");
    write(root.path(), "steps/01.md", &"a".repeat(MAX_FILE_BYTES + 1));
    assert_eq!(refused(&bundles(root.path())[0]), ["error: steps/01.md: not read: a file may have at most 1048576 bytes"]);
}

#[test]
fn folders_that_are_nested_too_deeply_are_refused() {
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "workshop.yaml", "");
    write(root.path(), &format!("files/{}deep", "d/".repeat(20)), "x");
    assert_eq!(refused(&bundles(root.path())[0]).len(), 1);
}

#[test]
fn a_missing_folder_and_one_without_workshops_are_told_apart() {
    let root = tempfile::tempdir().expect("a folder");
    assert!(matches!(Folder::new(root.path().join("missing")).bundles(), Err(ImportError::Unreadable { .. })));
    assert!(matches!(Folder::new(root.path()).bundles(), Err(ImportError::NoWorkshop { .. })));
}
