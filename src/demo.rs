//! The tour of `nalabo demo`.

use std::{net::SocketAddr, path::PathBuf};

/// How the tour is made.
pub struct Options {
    pub once: bool,
    pub data_dir: Option<PathBuf>,
    pub listen: Option<SocketAddr>,
}

/// Why the tour did not come to its end.
#[derive(Debug, thiserror::Error)]
#[error("not written yet")]
pub struct DemoError;

/// Makes the tour.
///
/// # Errors
/// Always, for now.
pub async fn run(_options: Options) -> Result<(), DemoError> {
    Err(DemoError)
}
