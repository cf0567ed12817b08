//! What is found out about a request while it is worked on.

use std::sync::{Arc, Mutex, PoisonError};

/// What is found out about a request while it is worked on. Clones share it, so that whoever notes what came of it sees what commands
/// saw.
#[derive(Clone, Debug, Default)]
pub struct Traces(Arc<Mutex<Trace>>);

/// What was found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Whether an event tells of it.
    pub recorded: bool,
    /// The code of the rule that forbade it.
    pub refusal: Option<String>,
    /// What it was about: ids in the API's form.
    pub subjects: Vec<String>,
}

impl Traces {
    /// An event tells of it.
    pub fn recorded(&self) {
        self.change(|trace| trace.recorded = true);
    }

    /// A rule forbade it.
    pub fn refused(&self, code: String) {
        self.change(|trace| trace.refusal = Some(code));
    }

    /// It is about this.
    pub fn about(&self, id: &impl ToString) {
        self.change(|trace| trace.subjects.push(id.to_string()));
    }

    /// What was found out since this was asked last.
    #[must_use]
    pub fn take(&self) -> Trace {
        self.change(std::mem::take)
    }

    fn change<R>(&self, change: impl FnOnce(&mut Trace) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
