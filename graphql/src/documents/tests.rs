use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use super::{Asked, DocumentError, Documents, digest};
use crate::failure::Failure;

const ME: &str = "query Me { me { id } }\n";
const OTHER: &str = "{ journalHead { position } }";

/// A folder with a file of documents.
fn with(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(name);
    std::fs::write(&file, text).expect("written");
    (folder, file)
}

fn trusted() -> Documents {
    let (folder, _) = with("me.graphql", ME);
    std::fs::write(folder.path().join("README.md"), "no document").expect("written");
    Documents::load(folder.path(), true).expect("documents")
}

#[test]
fn a_document_is_known_by_its_digest_and_by_its_text() {
    let documents = trusted();
    assert_eq!(documents.len(), 1);
    for asked in [Asked::Digest(digest(ME)), Asked::Text(ME.into()), Asked::Both(ME.into(), digest(ME))] {
        assert_eq!(documents.text(asked.clone()).ok().as_deref(), Some(ME), "{asked:?}");
    }
}

#[test]
fn others_are_refused_where_only_the_known_are_taken() {
    let documents = trusted();
    let refused = |asked| documents.text(asked).expect_err("refused");
    assert!(matches!(refused(Asked::Text(OTHER.into())), Failure::DocumentNotTrusted));
    assert!(matches!(refused(Asked::Text(ME.trim_end().into())), Failure::DocumentNotTrusted), "to the byte");
    assert!(matches!(refused(Asked::Both(OTHER.into(), digest(OTHER))), Failure::DocumentNotTrusted));
    assert!(matches!(refused(Asked::Both(OTHER.into(), digest(ME))), Failure::BadInput { .. }));
    assert!(matches!(refused(Asked::Digest(digest(OTHER))), Failure::DocumentNotFound));
}

#[test]
fn elsewhere_others_are_executed_and_not_kept() {
    let (folder, _) = with("me.graphql", ME);
    let documents = Documents::load(folder.path(), false).expect("documents");
    assert!(documents.text(Asked::Both(OTHER.into(), digest(OTHER))).is_ok());
    assert!(matches!(documents.text(Asked::Digest(digest(OTHER))), Err(Failure::DocumentNotFound)));
    assert!(Documents::default().text(Asked::Text(OTHER.into())).is_ok());
}

#[test]
fn a_manifest_names_documents_by_their_digests() {
    let (_folder, file) =
        with("manifest.json", &json!({ digest(ME).as_str(): ME, format!("sha256:{}", digest(OTHER)): OTHER }).to_string());
    assert_eq!(Documents::load(&file, true).expect("documents").len(), 2);
    let (_folder, file) = with("manifest.json", &json!({ digest(OTHER).as_str(): ME }).to_string());
    assert!(matches!(Documents::load(&file, true), Err(DocumentError::Digest { .. })));
}

#[test]
fn what_is_no_document_is_named() {
    for (name, text) in [("broken.graphql", "{ me {"), ("list.json", "[]"), ("text.json", "text")] {
        let (folder, file) = with(name, text);
        let path = if name == "broken.graphql" { folder.path().to_owned() } else { file };
        let error = Documents::load(&path, true).expect_err(name).to_string();
        assert!(error.contains(name), "{error}");
    }
    assert!(matches!(Documents::load(&PathBuf::from("/nowhere"), true), Err(DocumentError::Unreadable { .. })));
}
