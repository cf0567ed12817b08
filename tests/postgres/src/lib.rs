//! Databases for tests on a `PostgreSQL` server of their own.
//!
//! `NALABO_TEST_POSTGRES` names a server that is there already, such as `postgres://nalabo@127.0.0.1:5433` (a superuser
//! without a password); otherwise each test process starts one on a free port of the loopback address and ends with it.
//! Never as root: the server then runs as the user `postgres`, or `nobody`.

mod server;

use std::{cell::RefCell, sync::OnceLock};

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

thread_local! {
    /// The databases of the test that runs on this thread.
    static DATABASES: RefCell<Databases> = const { RefCell::new(Databases(Vec::new())) };
}

/// Dropped with its thread, as a test ends: hundreds of tests with a database each would otherwise fill a small disk.
struct Databases(Vec<String>);

impl Drop for Databases {
    fn drop(&mut self) {
        if let Ok(server) = shared() {
            for name in &self.0 {
                // It goes with its server in the end.
                let _ = server.sql("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

/// The address of a new, empty database, which goes as the calling thread ends: ask for it where the test begins.
///
/// # Panics
/// If there is no server to be had, saying what is missing.
#[must_use]
pub fn database() -> String {
    for_a_test(Server::create_database)
}

/// As [`database`], with what there is in the one at an address.
///
/// # Panics
/// If it cannot be made, saying why.
#[must_use]
pub fn database_like(template: &str) -> String {
    for_a_test(|server| server.copy_database(name(template)))
}

/// The address of a new, empty database for [`database_like`], which goes with the server.
///
/// # Panics
/// If there is no server to be had, saying what is missing.
#[must_use]
pub fn template() -> String {
    made(Server::create_database)
}

fn for_a_test(make: impl FnOnce(&Server) -> Result<String, String>) -> String {
    let url = made(make);
    DATABASES.with_borrow_mut(|databases| databases.0.push(name(&url).to_owned()));
    url
}

fn made(make: impl FnOnce(&Server) -> Result<String, String>) -> String {
    shared().and_then(make).unwrap_or_else(|why| panic!("no PostgreSQL for tests: {why}"))
}

fn name(url: &str) -> &str {
    url.rsplit_once('/').unwrap_or_default().1
}

#[cfg(test)]
mod tests;
