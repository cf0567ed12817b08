//! Taking over a whole history as it is.

use crate::{JournalError, RawEvent, SignedCheckpoint};

/// Writes a history into a journal that is empty, under the id of the journal it was exported from. Nothing of it is there
/// before [`Import::finish`]; dropping it instead leaves nothing.
///
/// Who imports verifies: rows are written as they are given.
#[async_trait::async_trait]
pub trait Import: Send {
    /// Takes the next events, in order.
    ///
    /// # Errors
    /// A fault, or a position or id that is taken.
    async fn take(&mut self, events: Vec<RawEvent>) -> Result<(), JournalError>;

    /// Takes bytes that events refer to by their digest.
    ///
    /// # Errors
    /// A fault.
    async fn content(&mut self, bytes: Vec<u8>) -> Result<(), JournalError>;

    /// Takes a signed checkpoint.
    ///
    /// # Errors
    /// A fault.
    async fn signed_checkpoint(&mut self, checkpoint: SignedCheckpoint) -> Result<(), JournalError>;

    /// Puts all of it in place, flushed to disk.
    ///
    /// # Errors
    /// A fault; then the journal is as empty as before.
    async fn finish(self: Box<Self>) -> Result<(), JournalError>;
}
