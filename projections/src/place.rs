//! Where generations of read models are kept, and what names one.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::projector::Projector;

/// Where generations are kept: as files beside each other, or as schemas of one database.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A directory: a `SQLite` file per generation. One process folds them.
    Directory(PathBuf),
    /// A `PostgreSQL` database: a schema per generation. Any number of processes share it, one of them folds.
    Postgres {
        /// Such as `postgres://user:password@host/database`.
        url: String,
    },
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory(path) => f.debug_tuple("Directory").field(path).finish(),
            // The address may hold a password.
            Self::Postgres { url: _ } => f.write_str("Postgres"),
        }
    }
}

/// All read models of one shape, in one place.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Generation {
    File(PathBuf),
    Schema { url: String, name: String },
}

impl std::fmt::Display for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Schema { url: _, name } => write!(f, "schema {name}"),
        }
    }
}

impl Generation {
    /// That of these read models.
    pub(crate) fn of(place: &Place, models: &[Box<dyn Projector>]) -> Self {
        let hash = hash(models.iter().map(|model| (model.name(), model.version(), model.shape())));
        match place {
            Place::Directory(directory) => Self::File(directory.join(format!("read-models-{hash}.db"))),
            Place::Postgres { url } => Self::Schema { url: url.clone(), name: format!("{SCHEMA}{hash}") },
        }
    }
}

/// What schemas of generations begin with.
const SCHEMA: &str = "read_models_";

/// Whether a file (without what stands beside it) holds a generation.
pub(crate) fn is_file(name: &str) -> bool {
    name.strip_prefix("read-models-").and_then(|rest| rest.strip_suffix(".db")).is_some_and(is_hash)
}

/// Whether a schema holds a generation.
pub(crate) fn is_schema(name: &str) -> bool {
    name.strip_prefix(SCHEMA).is_some_and(is_hash)
}

fn is_hash(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What names a generation: anything that makes the same events give other rows.
fn hash<'a>(parts: impl IntoIterator<Item = (&'a str, u32, String)>) -> String {
    let mut hash = Sha256::new();
    for (name, version, shape) in parts {
        for part in [name.as_bytes(), &version.to_be_bytes(), shape.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hex::encode(hash.finalize())[..16].to_owned()
}

#[cfg(test)]
mod tests;
