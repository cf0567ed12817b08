//! What is kept of the past, and what is being built.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use domain::kernel::AccountId;
use journal::Position;
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
};

use super::{Limits, Past};
use crate::Progress;

type Key = (Position, BTreeSet<&'static str>);

#[derive(Default)]
pub(super) struct Shelf {
    places: HashMap<Key, Place>,
    /// Counts uses, to know which was longest ago.
    uses: u64,
    changed: Arc<Notify>,
}

enum Place {
    Building { progress: watch::Receiver<Progress>, by: AccountId, build: AbortHandle },
    Kept { past: Arc<Past>, used: u64 },
    Failed(String),
}

/// What was found.
pub(super) enum Slot {
    Kept(Arc<Past>),
    Building(Progress),
    Failed(String),
}

impl Shelf {
    /// A failure is told once: whoever asks after that has it built again.
    pub(super) fn find(&mut self, position: Position, names: &BTreeSet<&'static str>) -> Option<Slot> {
        self.uses += 1;
        let key = (position, names.clone());
        match self.places.get_mut(&key)? {
            // It ended without a word.
            Place::Building { build, .. } if build.is_finished() => {
                self.places.remove(&key);
                None
            }
            Place::Building { progress, .. } => Some(Slot::Building(*progress.borrow())),
            Place::Kept { past, used } => {
                *used = self.uses;
                Some(Slot::Kept(Arc::clone(past)))
            }
            Place::Failed(why) => {
                let why = std::mem::take(why);
                self.places.remove(&key);
                Some(Slot::Failed(why))
            }
        }
    }

    /// Builds that go on, in all and for an account.
    pub(super) fn builds(&self, by: AccountId) -> (usize, usize) {
        let builds = || {
            self.places.values().filter_map(|place| match place {
                Place::Building { by, build, .. } if !build.is_finished() => Some(*by),
                _ => None,
            })
        };
        (builds().count(), builds().filter(|other| *other == by).count())
    }

    pub(super) fn begin(
        &mut self,
        position: Position,
        names: BTreeSet<&'static str>,
        by: AccountId,
        progress: watch::Receiver<Progress>,
        build: AbortHandle,
    ) {
        self.places.insert((position, names), Place::Building { progress, by, build });
    }

    pub(super) fn keep(&mut self, position: Position, names: &BTreeSet<&'static str>, past: Arc<Past>, limits: Limits) {
        self.uses += 1;
        self.places.insert((position, names.clone()), Place::Kept { past, used: self.uses });
        self.make_room(limits);
        self.changed.notify_waiters();
    }

    pub(super) fn fail(&mut self, position: Position, names: &BTreeSet<&'static str>, why: String) {
        self.places.insert((position, names.clone()), Place::Failed(why));
        self.changed.notify_waiters();
    }

    /// Ends what is being built, and lets go of what is kept.
    pub(super) fn clear(&mut self) {
        for (_, place) in self.places.drain() {
            if let Place::Building { build, .. } = place {
                build.abort();
            }
        }
    }

    /// Told when a build has ended.
    pub(super) fn watch(&self) -> tokio::sync::futures::OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
    }

    /// Takes away what was used longest ago, down to one. Whoever still looks at it may go on.
    fn make_room(&mut self, limits: Limits) {
        loop {
            let kept = self.places.iter().filter_map(|(key, place)| match place {
                Place::Kept { past, used } => Some((*used, past.bytes, key)),
                Place::Building { .. } | Place::Failed(_) => None,
            });
            let (count, bytes) = kept.clone().fold((0, 0), |(count, sum), (_, bytes, _)| (count + 1, sum + bytes));
            let oldest = kept.min_by_key(|(used, ..)| *used).map(|(.., key)| key.clone());
            let Some(oldest) = oldest.filter(|_| count > 1 && (count > limits.files || bytes > limits.bytes)) else { return };
            self.places.remove(&oldest);
        }
    }
}
