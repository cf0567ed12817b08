//! What the runner does between rounds, and how others wait for it.

use std::{ops::ControlFlow, pin::Pin, time::Duration};

use journal::Position;
use tokio::{sync::watch, time::Instant};

use super::Projections;

/// From the beginning of a round that came to the journal's end to that of the next: what comes meanwhile is folded together, and a
/// round costs almost as much for one event as for many.
const REST: Duration = Duration::from_millis(25);
/// Where rounds take long because there is much to do, they take a third of the time, up to so long from one to the next.
const LONG_REST: Duration = Duration::from_millis(150);

/// When the next round begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next {
    AtOnce,
    /// When the journal has grown and there was a rest of [`REST`] to [`LONG_REST`], or after so long.
    Head(Duration),
    Pause(Duration),
}

/// Waits for the next round after one that began then; breaks at shutdown.
pub(super) async fn until(
    next: Next,
    began: Instant,
    head: &mut watch::Receiver<Position>,
    shutdown: Pin<&mut impl Future<Output = ()>>,
) -> ControlFlow<()> {
    let turn = async {
        match next {
            Next::AtOnce => tokio::task::yield_now().await,
            Next::Pause(pause) => tokio::time::sleep(pause).await,
            Next::Head(at_most) => {
                let rest = (3 * began.elapsed()).clamp(REST, LONG_REST);
                // Without a journal there is nothing more to read, but others may still fold.
                let _ = tokio::time::timeout(at_most, async {
                    if head.changed().await.is_err() {
                        std::future::pending::<()>().await;
                    }
                })
                .await;
                tokio::time::sleep_until(began + rest).await;
            }
        }
    };
    tokio::select! {
        biased;
        () = shutdown => ControlFlow::Break(()),
        () = turn => ControlFlow::Continue(()),
    }
}

/// Pauses that double, up to two seconds.
#[derive(Debug, Default)]
pub(super) struct Backoff(u32);

impl Backoff {
    pub(super) fn longer(&mut self) -> Duration {
        let pause = Duration::from_millis(50 << self.0.min(7)).min(Duration::from_secs(2));
        self.0 += 1;
        pause
    }
}

impl Projections {
    /// Whether all read models that go on reach `position` within a span of time.
    pub async fn reached(&self, position: Position, within: Duration) -> bool {
        let mut level = self.level.subscribe();
        tokio::time::timeout(within, level.wait_for(|level| *level >= position)).await.is_ok_and(|reached| reached.is_ok())
    }

    /// Sees the level of the read models each time it moves.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.level.subscribe()
    }

    /// How far the read models are that go on: the lowest of their positions.
    #[must_use]
    pub fn level(&self) -> Position {
        *self.level.borrow()
    }

    /// Whether the read models that go on have seen all that is in the journal.
    #[must_use]
    pub fn is_level(&self) -> bool {
        self.level() >= self.head()
    }
}
