//! Reads that many ask for at about the same time, done by few statements: for each there and back costs more than what is read.
//!
//! Nobody waits for others to come. What is asked for while as many reads run as may is read by the next of them, which begins after
//! that was asked for: so whoever asks sees all that was there by then.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

/// How many reads run at once.
const AT_ONCE: usize = 2;
/// How much one of them is asked for, at the most.
const MOST: usize = 64;

/// As many answers as questions, in their order.
type Read<W, T> = dyn Fn(Vec<W>) -> BoxFuture<'static, Vec<T>> + Send + Sync;

/// One kind of read.
pub(crate) struct Batches<W, T>(Arc<Shared<W, T>>);

struct Shared<W, T> {
    read: Box<Read<W, T>>,
    /// How long whoever asks waits, in the queue as well.
    patience: Duration,
    queue: Mutex<Queue<W, T>>,
}

struct Queue<W, T> {
    waiting: VecDeque<(W, oneshot::Sender<T>)>,
    running: usize,
}

impl<W, T> Batches<W, T>
where
    W: Send + 'static,
    T: Send + 'static,
{
    pub(crate) fn new(patience: Duration, read: impl Fn(Vec<W>) -> BoxFuture<'static, Vec<T>> + Send + Sync + 'static) -> Self {
        let queue = Mutex::new(Queue { waiting: VecDeque::new(), running: 0 });
        Self(Arc::new(Shared { read: Box::new(read), patience, queue }))
    }

    /// Reads what is wanted; `None` if that took too long, or the read panicked. Who gives up waiting stops nothing that others wait for.
    pub(crate) async fn get(&self, wanted: W) -> Option<T> {
        let (told, answer) = oneshot::channel();
        if self.0.queue(wanted, told) {
            tokio::spawn(Running { shared: Arc::clone(&self.0), is_over: false }.run());
        }
        tokio::time::timeout(self.0.patience, answer).await.ok()?.ok()
    }
}

impl<W, T> Shared<W, T> {
    /// Whether another read is to begin for it.
    fn queue(&self, wanted: W, told: oneshot::Sender<T>) -> bool {
        let mut queue = self.lock();
        queue.waiting.push_back((wanted, told));
        let begins = queue.running < AT_ONCE;
        queue.running += usize::from(begins);
        begins
    }

    fn lock(&self) -> MutexGuard<'_, Queue<W, T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that reads as long as anybody waits.
struct Running<W, T> {
    shared: Arc<Shared<W, T>>,
    is_over: bool,
}

impl<W, T> Running<W, T> {
    async fn run(mut self) {
        while let Some((wanted, told)) = self.next() {
            for (told, answer) in told.into_iter().zip((self.shared.read)(wanted).await) {
                // Whoever asked may have gone.
                drop(told.send(answer));
            }
        }
    }

    fn next(&mut self) -> Option<(Vec<W>, Vec<oneshot::Sender<T>>)> {
        let mut queue = self.shared.lock();
        let (mut wanted, mut tell) = (Vec::new(), Vec::new());
        while wanted.len() < MOST
            && let Some((one, told)) = queue.waiting.pop_front()
        {
            // Whoever asked may have given up.
            if !told.is_closed() {
                wanted.push(one);
                tell.push(told);
            }
        }
        if wanted.is_empty() {
            queue.running -= 1;
            self.is_over = true;
            return None;
        }
        Some((wanted, tell))
    }
}

impl<W, T> Drop for Running<W, T> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut queue = self.shared.lock();
            queue.running -= 1;
            // Nobody waits for a read that nobody begins.
            if queue.running == 0 {
                queue.waiting.clear();
            }
        }
    }
}

impl<W, T> Clone for Batches<W, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W, T> fmt::Debug for Batches<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
