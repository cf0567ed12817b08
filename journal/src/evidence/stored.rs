//! The checkpoints that a journal keeps of itself.

use super::{Checkpoint, Finding, Verifier, WalkError, parse};
use crate::{History, Link, Position};

/// Every signed checkpoint that the journal keeps, for a [`super::Walk`]; those beyond the head included. Without a verifier
/// their signatures are not checked.
///
/// # Errors
/// [`WalkError::Wrong`] at the position of one that was changed, or is of another key or journal; or a fault.
pub async fn stored(history: &dyn History, verifier: Option<&Verifier>) -> Result<Vec<(Link, String)>, WalkError> {
    let mut found = Vec::new();
    let mut at = Position(i64::MAX);
    while let Some(row) = history.signed_checkpoint(at).await? {
        let position = row.link.position;
        let wrong = |what: String| Finding::new(position, format!("the checkpoint stored here is worth nothing: {what}"));
        let checkpoint = match verifier {
            Some(verifier) => verifier.open(&row.note),
            None => parse(&row.note),
        };
        let Checkpoint { journal, link, .. } = checkpoint.map_err(|error| wrong(error.to_string()))?;
        if journal != Some(history.id()) {
            return Err(wrong("it is of another journal".into()).into());
        }
        if link != row.link {
            return Err(wrong("its note does not say what its row says".into()).into());
        }
        found.push((link, format!("the stored checkpoint at position {position}")));
        at = Position(position.0 - 1);
    }
    found.reverse();
    Ok(found)
}
