//! Turns at exports, each of which goes through much: so many at once on this node, one of somebody's at a time, and none for longer than
//! it may take, however slowly it is read.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::Instant,
};

/// At once, on this node.
const AT_ONCE: usize = 2;
/// For one, until its last byte was taken.
pub(super) const LONGEST: Duration = Duration::from_mins(10);
/// The same of the audit, which may be of years.
pub(super) const LONGEST_AUDIT: Duration = Duration::from_hours(1);

/// Turns at one kind of exports.
pub(super) struct Turns {
    free: Arc<Semaphore>,
    /// Whose turns there are.
    taken: Arc<Mutex<HashSet<String>>>,
    longest: Duration,
}

/// Somebody's turn. Its place is free again when it is dropped, or else when its time is over.
pub(super) struct Turn {
    place: Arc<Mutex<Option<Place>>>,
    clock: JoinHandle<()>,
    until: Instant,
}

/// One of the places that there are at once.
struct Place {
    whose: String,
    taken: Arc<Mutex<HashSet<String>>>,
    _permit: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) fn new(longest: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(AT_ONCE)), taken: Arc::default(), longest }
    }

    /// A turn for somebody; none, while they have one, or while others have all.
    pub(super) fn take(&self, whose: &str) -> Option<Turn> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        if !lock(&self.taken).insert(whose.to_owned()) {
            return None;
        }
        let place = Place { whose: whose.to_owned(), taken: Arc::clone(&self.taken), _permit: permit };
        let (place, until) = (Arc::new(Mutex::new(Some(place))), Instant::now() + self.longest);
        let held = Arc::clone(&place);
        // Whoever reads slowly asks for nothing meanwhile: it is given up beside them.
        let clock = tokio::spawn(async move {
            tokio::time::sleep_until(until).await;
            drop(lock(&held).take());
        });
        Some(Turn { place, clock, until })
    }
}

impl Turn {
    /// Whether its time is over.
    pub(super) fn is_over(&self) -> bool {
        lock(&self.place).is_none()
    }

    /// What comes of some work; nothing, if the turn is over before.
    pub(super) async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.until, work).await.ok()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.clock.abort();
        drop(lock(&self.place).take());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.taken).remove(&self.whose);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
