//! What follows a moment later is waited for, and not for ever.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use crate::site::PATIENCE;

/// How long nobody looks in between.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks again and again until it is as it must be in the end; what was seen then.
pub(crate) async fn until<T: Debug>(what: &str, mut look: impl AsyncFnMut() -> T, is_so: impl Fn(&T) -> bool) -> T {
    let began = Instant::now();
    loop {
        let seen = look().await;
        if is_so(&seen) {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "{what} is waited for in vain: {seen:?}");
        tokio::time::sleep(PAUSE).await;
    }
}
