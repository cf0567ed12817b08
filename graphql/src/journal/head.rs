//! Where the journal ends, and what proves it.

use async_graphql::{Context, Object, SimpleObject};
use commands::authorization::reads;
use domain::kernel::Timestamp;
use journal::SignedCheckpoint as Signed;

use super::event::Position;
use crate::{
    context::Access,
    failure::{Failure, Result},
};

/// The end of the journal at an instant.
#[derive(SimpleObject)]
pub(crate) struct JournalHead {
    /// Names the journal, wherever it is moved.
    journal: String,
    /// 0 if nothing has happened yet.
    position: Position,
    /// The hash of the last event, which covers all before it; in hexadecimal. Null in an empty journal.
    hash: Option<String>,
    /// The latest signed statement of what the head was.
    checkpoint: Option<SignedCheckpoint>,
}

/// A signed statement of what the head was.
#[derive(SimpleObject)]
pub(crate) struct SignedCheckpoint {
    position: Position,
    /// In hexadecimal.
    hash: String,
    signed_at: Timestamp,
    /// The signed note, in the C2SP tlog-checkpoint form; `nalabo verify --checkpoint` takes it.
    note: String,
}

impl From<Signed> for SignedCheckpoint {
    fn from(signed: Signed) -> Self {
        let Signed { link, signed_at, note } = signed;
        Self { position: link.position.into(), hash: hex::encode(link.hash), signed_at, note }
    }
}

#[derive(Default)]
pub(crate) struct HeadQueries;

#[Object]
impl HeadQueries {
    /// Where the journal ends now, for analysts and administrators. To be kept elsewhere, so that it can be told later
    /// whether history was changed.
    async fn journal_head(&self, ctx: &Context<'_>) -> Result<JournalHead> {
        ctx.caller().allowed(&reads::JOURNAL_HEAD)?;
        let journal = &ctx.services().journal;
        let position = journal.head().await?;
        let last = match position.0 {
            0 => None,
            at => journal.read_raw(journal::Position(at - 1), 1).await?.pop(),
        };
        if position.0 > 0 && last.is_none() {
            return Err(Failure::Internal(format!("the event at position {position} is missing")));
        }
        Ok(JournalHead {
            journal: journal.id().to_string(),
            position: position.into(),
            hash: last.map(|event| hex::encode(event.hash)),
            checkpoint: journal.signed_checkpoint(position).await?.map(Into::into),
        })
    }
}
