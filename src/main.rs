//! The binary. All it does is in the library, so that tests reach it too.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    nalabo::cli::run().await
}
