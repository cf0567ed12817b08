//! Mutations that nobody waits for any more.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use commands::Commands;
use tokio::runtime::Handle;

use super::{Asked, deed, note};
use crate::caller::Caller;

/// The code of what was given up because whoever asked had gone. It may have been done all the same; then events tell of it.
const GONE: &str = "GONE";

/// Mutations until what came of them is noted. Once a client has gone, what works for it is dropped, and if this is among it, that is
/// noted: a try at a password counts before it is looked at, and nobody is to count them up unseen by going away each time.
pub(crate) struct Unanswered(Option<(Arc<Commands>, Caller, Asked)>);

impl Unanswered {
    /// Of what is asked for. Where that is no mutation there is nothing to note.
    pub(crate) fn of(commands: &Arc<Commands>, caller: &Caller, asked: &Asked) -> Self {
        Self((asked.kind == OperationType::Mutation).then(|| (commands.clone(), caller.clone(), asked.clone())))
    }

    /// What came of it is noted.
    pub(crate) fn answered(mut self) {
        self.0 = None;
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        // Without a runtime the process is over.
        if let (Some((commands, caller, asked)), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(async move { gone(&commands, &caller, &asked).await });
        }
    }
}

/// Notes that nobody was there to be answered, of each field of which nothing else tells.
async fn gone(commands: &Commands, caller: &Caller, asked: &Asked) {
    let request = caller.request(None);
    for field in &asked.fields {
        // What would have been shown of others was not.
        if let Some((deed, false)) = deed(caller, asked.kind, field, Some(GONE), false) {
            // What is wrong is logged where it is found out.
            let _ = note(commands, &request, deed).await;
        }
    }
}
