//! Documents that first-party clients are known to send. Where all others are refused, nobody can ask for what no page of ours asks
//! for. Clients name them by the SHA-256 of their text; nothing that a client sends is kept, so nobody can add one.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use domain::kernel::Digest;
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;

/// Why documents cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("cannot read {path}: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: expected a folder of .graphql files, or a JSON object from SHA-256 digests to documents: {reason}")]
    Manifest { path: PathBuf, reason: String },
    #[error("{path}: {digest} is not the SHA-256 of its document, which is {actual}")]
    Digest { path: PathBuf, digest: String, actual: Digest },
    #[error("{name} is no GraphQL document: {reason}")]
    Malformed { name: String, reason: String },
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Text(String),
    /// A document that should be known.
    Digest(Digest),
    /// A document and what should be its digest.
    Both(String, Digest),
}

/// Which documents are known, and whether others are executed.
#[derive(Debug, Default)]
pub struct Documents {
    known: HashMap<String, String>,
    /// Others are refused.
    exclusive: bool,
}

impl Documents {
    /// Reads a folder of `.graphql` files, each of them one document to the byte, or a manifest.
    ///
    /// # Errors
    /// The first that cannot be read, is not what it is called, or is no document.
    pub fn load(path: &Path, exclusive: bool) -> Result<Self, DocumentError> {
        let mut known = HashMap::new();
        for (name, text) in if path.is_dir() { folder(path)? } else { manifest(path)? } {
            let malformed = |error: async_graphql::parser::Error| DocumentError::Malformed { name, reason: error.to_string() };
            async_graphql::parser::parse_query(&text).map_err(malformed)?;
            known.insert(digest(&text).into(), text);
        }
        Ok(Self { known, exclusive })
    }

    /// How many are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The text to execute.
    pub(crate) fn text(&self, asked: Asked) -> Result<String, Failure> {
        let text = match asked {
            Asked::Digest(digest) => return self.known.get(digest.as_str()).cloned().ok_or(Failure::DocumentNotFound),
            Asked::Text(text) => text,
            Asked::Both(text, told) if digest(&text) == told => text,
            Asked::Both(..) => return Err(Failure::bad_input("query", "the digest is not that of the query")),
        };
        if self.exclusive && !self.known.contains_key(digest(&text).as_str()) {
            return Err(Failure::DocumentNotTrusted);
        }
        Ok(text)
    }
}

fn digest(text: &str) -> Digest {
    <[u8; 32]>::from(Sha256::digest(text)).into()
}

fn read(path: &Path) -> Result<String, DocumentError> {
    std::fs::read_to_string(path).map_err(|source| DocumentError::Unreadable { path: path.to_owned(), source })
}

fn folder(path: &Path) -> Result<Vec<(String, String)>, DocumentError> {
    let unreadable = |source| DocumentError::Unreadable { path: path.to_owned(), source };
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if file.extension().is_some_and(|extension| extension == "graphql" || extension == "gql") {
            documents.push((file.display().to_string(), read(&file)?));
        }
    }
    Ok(documents)
}

fn manifest(path: &Path) -> Result<Vec<(String, String)>, DocumentError> {
    let manifest: BTreeMap<String, String> =
        serde_json::from_str(&read(path)?).map_err(|error| DocumentError::Manifest { path: path.to_owned(), reason: error.to_string() })?;
    for (told, text) in &manifest {
        let actual = digest(text);
        if told.strip_prefix("sha256:").unwrap_or(told) != actual.as_str() {
            return Err(DocumentError::Digest { path: path.to_owned(), digest: told.clone(), actual });
        }
    }
    Ok(manifest.into_iter().collect())
}

#[cfg(test)]
mod tests;
