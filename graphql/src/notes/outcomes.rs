//! What came of mutations, found out while they are executed, one after the other; and whose things queries and subscriptions showed.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use commands::{
    audit::{Trace, Traces},
    authorization::Act,
};
use domain::kernel::AccountId;

/// People who are named of all whose things one field showed: as many as are on a page.
const MOST_OTHERS: usize = 100;

/// Whose things one field showed that are not the caller's, as far as they have accounts.
#[derive(Clone, Debug, Default)]
pub(super) struct Others {
    whose: Vec<AccountId>,
    /// Those of whom it told what `account:read` shows.
    pub(super) told: Vec<AccountId>,
}

impl Others {
    /// Who is named in the note. Where the act is noted anyway, it says by itself that people are told of: naming all of a page each time
    /// would only fill the journal.
    pub(super) fn named(&self, act: &Act) -> Vec<AccountId> {
        let is_said = act.is_sensitive();
        let told = self.told.iter().filter(|account| !is_said && !self.whose.contains(account));
        self.whose.iter().chain(told).copied().take(MOST_OTHERS).collect()
    }
}

/// What came of mutations, by the key that each has in the answer. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcomes {
    /// Of the one that is being executed.
    pub(crate) traces: Traces,
    settled: Arc<Mutex<HashMap<String, Trace>>>,
    /// By the key that a field has in the answer.
    others: Arc<Mutex<HashMap<String, Others>>>,
    /// Keys of subscriptions of which it was noted that they show what is somebody else's.
    noted: Arc<Mutex<HashSet<String>>>,
}

impl Outcomes {
    /// One was decided; refused, if there is a code.
    pub(crate) fn decided(&self, key: &str, refusal: Option<String>) {
        let trace = Trace { refusal, ..self.traces.take() };
        self.settled.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), trace);
    }

    /// A field shows what is somebody else's; `told`: what `account:read` shows.
    pub(super) fn shown(&self, key: &str, whose: Option<AccountId>, told: bool) {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let known = others.entry(key.to_owned()).or_default();
        let Some(account) = whose else { return };
        let people = if told { &mut known.told } else { &mut known.whose };
        if people.len() < MOST_OTHERS && !people.contains(&account) {
            people.push(account);
        }
    }

    /// Whose things one showed; none, where it showed nothing of somebody else's.
    pub(super) fn others(&self, key: &str) -> Option<Others> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner).remove(key)
    }

    /// It was noted that a subscription shows what is somebody else's.
    pub(super) fn noted(&self, key: String) {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
    }

    /// Whether that was noted.
    pub(super) fn is_noted(&self, key: &str) -> bool {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }

    /// What was found out about one; where it was not decided, what is left.
    pub(crate) fn of(&self, key: &str) -> Trace {
        let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        settled.unwrap_or_else(|| self.traces.take())
    }
}
