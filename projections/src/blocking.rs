//! Work that would keep the runtime from everything else.

/// Does it on a thread of its own. A panic goes on where it is awaited.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is going down, and whoever waits goes with it.
            Err(_) => std::future::pending().await,
        },
    }
}
