//! Databases for tests on a `PostgreSQL` server of their own.
//!
//! `NALABO_TEST_POSTGRES` names a server that is there already, such as `postgres://nalabo@127.0.0.1:5433` (a superuser
//! without a password); otherwise each test process starts one on a free port of the loopback address and ends with it.
//! Never as root: the server then runs as the user `postgres`, or `nobody`.

mod server;

use std::sync::OnceLock;

pub use server::{Server, ServerOptions};

/// Names a server to use instead of starting one.
pub const SERVER: &str = "NALABO_TEST_POSTGRES";

/// The server of this process: started on first use, ended with the process.
///
/// # Errors
/// What is missing, in one line.
pub fn shared() -> Result<&'static Server, String> {
    static SHARED: OnceLock<Result<Server, String>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| match std::env::var(SERVER) {
        Ok(url) => Server::at(&url),
        Err(_) => Server::start(&ServerOptions::default()),
    });
    shared.as_ref().map_err(Clone::clone)
}

/// The address of a new, empty database, which stays until its server ends.
///
/// # Panics
/// If there is no server to be had, saying what is missing.
#[must_use]
pub fn database() -> String {
    let url = shared().and_then(Server::create_database);
    url.unwrap_or_else(|why| panic!("no PostgreSQL for tests: {why}"))
}
