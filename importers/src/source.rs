//! Where workshops come from.

mod built_in;
mod folder;

use std::path::PathBuf;

pub use built_in::BuiltIn;
pub use folder::Folder;

use crate::bundle::Bundle;

/// Somewhere that workshops are read from.
pub trait Source {
    /// Every workshop found, in the order of their folders.
    ///
    /// # Errors
    /// It cannot be read at all, or holds no workshop.
    fn bundles(&self) -> Result<Vec<Bundle>, ImportError>;
}

/// Why nothing could be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The folder is missing, no folder, or not allowed to be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// What was asked for.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// Neither the folder nor one right below it is a workshop.
    #[error(
        "{}: expected a workshop or a folder of workshops (with workshop.yaml, or with resources/workshop.yaml and workshop/content)",
        path.display()
    )]
    NoWorkshop {
        /// What was asked for.
        path: PathBuf,
    },
}
