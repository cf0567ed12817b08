//! What came of mutations, found out while they are executed, one after the other; and whose things queries and subscriptions showed.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use commands::audit::{Trace, Traces};
use domain::kernel::AccountId;

/// People who are named of all whose things one field showed: as many as are on a page.
const MOST_OTHERS: usize = 100;

/// What came of mutations, by the key that each has in the answer. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcomes {
    /// Of the one that is being executed.
    pub(crate) traces: Traces,
    settled: Arc<Mutex<HashMap<String, Trace>>>,
    /// By the key that a field has in the answer: whose it is what it showed that is not the caller's, as far as they have accounts.
    others: Arc<Mutex<HashMap<String, Vec<AccountId>>>>,
    /// Keys of subscriptions of which it was noted that they show what is somebody else's.
    noted: Arc<Mutex<HashSet<String>>>,
}

impl Outcomes {
    /// One was decided; refused, if there is a code.
    pub(crate) fn decided(&self, key: &str, refusal: Option<String>) {
        let trace = Trace { refusal, ..self.traces.take() };
        self.settled.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), trace);
    }

    /// A field shows what is somebody else's.
    pub(super) fn shown(&self, key: &str, whose: Option<AccountId>) {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let known = others.entry(key.to_owned()).or_default();
        if let Some(account) = whose
            && known.len() < MOST_OTHERS
            && !known.contains(&account)
        {
            known.push(account);
        }
    }

    /// Whose things one showed; none, where it showed nothing of somebody else's.
    pub(super) fn others(&self, key: &str) -> Option<Vec<AccountId>> {
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
