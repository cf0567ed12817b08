//! What came of mutations, found out while they are executed, one after the other; and whose things queries showed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use commands::audit::{Trace, Traces};
use domain::kernel::AccountId;

/// What came of mutations, by the key that each has in the answer. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcomes {
    /// Of the one that is being executed.
    pub(crate) traces: Traces,
    settled: Arc<Mutex<HashMap<String, Trace>>>,
    /// By the key that a query has in the answer: whose it is what it showed that is not the caller's, as far as they have accounts.
    others: Arc<Mutex<HashMap<String, Vec<AccountId>>>>,
}

impl Outcomes {
    /// One was decided; refused, if there is a code.
    pub(crate) fn decided(&self, key: &str, refusal: Option<String>) {
        let trace = Trace { refusal, ..self.traces.take() };
        self.settled.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), trace);
    }

    /// A query shows what is somebody else's.
    pub(super) fn shown(&self, key: String, whose: Option<AccountId>) {
        self.others.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().extend(whose);
    }

    /// Whose things one showed; none, where it showed nothing of somebody else's.
    pub(super) fn others(&self, key: &str) -> Option<Vec<AccountId>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner).remove(key)
    }

    /// What was found out about one; where it was not decided, what is left.
    pub(crate) fn of(&self, key: &str) -> Trace {
        let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        settled.unwrap_or_else(|| self.traces.take())
    }
}
