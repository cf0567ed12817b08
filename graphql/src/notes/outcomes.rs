//! What came of mutations, found out while they are executed, one after the other.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use commands::audit::{Trace, Traces};

/// What came of mutations, by the key that each has in the answer. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcomes {
    /// Of the one that is being executed.
    pub(crate) traces: Traces,
    settled: Arc<Mutex<HashMap<String, Trace>>>,
}

impl Outcomes {
    /// One was decided; refused, if there is a code.
    pub(crate) fn decided(&self, key: &str, refusal: Option<String>) {
        let trace = Trace { refusal, ..self.traces.take() };
        self.settled.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), trace);
    }

    /// What was found out about one; where it was not decided, what is left.
    pub(crate) fn of(&self, key: &str) -> Trace {
        let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        settled.unwrap_or_else(|| self.traces.take())
    }
}
