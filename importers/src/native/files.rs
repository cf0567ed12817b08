//! Files that learners find in their home.

use domain::workshops::content::ProvidedFile;

use crate::bundle::{Bundle, is_plain};
use crate::diagnostic::Findings;
use crate::yaml::{Fields, Node, Value};

const FOLDER: &str = "files/";

/// The field `files`: names below `files/`, or mappings that say where in the home such a file goes.
pub(super) fn read(bundle: &Bundle, file: &str, fields: &Fields<'_>, findings: &mut Findings) -> Vec<ProvidedFile> {
    fields.items("files", findings).iter().filter_map(|item| provided(bundle, file, item, findings)).collect()
}

fn provided(bundle: &Bundle, file: &str, item: &Node, findings: &mut Findings) -> Option<ProvidedFile> {
    let (path, from, executable) = if let Value::Scalar(name) = &item.value {
        (name.as_str(), name.as_str(), false)
    } else {
        let fields = Fields::of(file, item, findings);
        fields.refuse_unknown(&["path", "from", "executable"], findings);
        let path = fields.required("path", findings)?;
        (path, fields.text("from", findings).unwrap_or(path), fields.flag("executable", findings).unwrap_or(false))
    };
    let source = format!("{FOLDER}{from}");
    if !is_plain(path) || !is_plain(from) {
        findings.error(file, item.line, format!("`{path}`: expected a path without . and .."));
    } else if !bundle.has(&source) {
        findings.error(file, item.line, format!("there is no {source}"));
    }
    bundle.text(&source, findings).map(|contents| ProvidedFile { path: path.to_owned(), contents: contents.to_owned(), executable })
}
