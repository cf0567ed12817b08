//! What is kept of content, and how much room there is for it.

use domain::{
    kernel::{AccountId, Digest, WorkshopId},
    workshops::{
        Outline, WorkshopRejection as Rejection,
        content::Content,
        shelf::{Room, Shelf, ShelfCommand},
        workshop::{Edition, Live, Workshop},
    },
};
use sha2::{Digest as _, Sha256};

use super::Workshops;
use crate::{
    Actor, Fault, Request,
    dispatch::{Halt, Transaction},
};

/// Content as it is to be kept, and what events carry of it.
pub(super) struct Written {
    bytes: Vec<u8>,
    pub(super) edition: Edition,
}

impl Written {
    pub(super) fn try_new(content: &Content) -> Result<Self, Fault> {
        let bytes = serde_json::to_vec(content)?;
        let digest = Digest::from(<[u8; 32]>::from(Sha256::digest(&bytes)));
        Ok(Self { bytes, edition: Edition { content: digest, outline: Outline::from(content) } })
    }
}

impl Workshops {
    /// Makes room on an author's shelf for a draft, and for the version `published` that stays beside it; then keeps the draft beside
    /// the journal. What there is no room for is not kept.
    pub(super) async fn keep(
        &self,
        (request, transaction): (&Request, &Transaction),
        (author, workshop): (AccountId, WorkshopId),
        draft: &Written,
        published: Option<&Digest>,
    ) -> Result<(), Halt<Rejection>> {
        let beside = match published.filter(|published| **published != draft.edition.content) {
            Some(published) => self.contents.bytes(published).await?,
            None => 0,
        };
        let bytes = beside + draft.bytes.len() as u64;
        let put = ShelfCommand::Put { workshop, bytes, room: self.room(request, author).await? };
        transaction.decide::<Shelf>(author.into(), put).await?;
        let kept = self.dispatcher.journal().put_content(&draft.bytes).await?;
        if kept == draft.edition.content.as_str() {
            Ok(())
        } else {
            Err(Fault::Outside(format!("the journal keeps {} under {kept}", draft.edition.content)).into())
        }
    }

    /// The workshop that a transaction has decided on. None if it has become another meanwhile: then all is decided again.
    pub(super) async fn decided_on(&self, transaction: &Transaction, workshop: WorkshopId) -> Result<Option<Live>, Fault> {
        match self.workshop(workshop).await? {
            Workshop::Live(live) => Ok(Some(*live)),
            Workshop::Absent | Workshop::Archived { .. } => {
                transaction.start_over().await;
                Ok(None)
            }
        }
    }

    /// How much an author may have. Parts of this program are not held to it, and there is as much room as it takes for workshops that
    /// nobody in particular wrote.
    async fn room(&self, request: &Request, author: AccountId) -> Result<Option<Room>, Fault> {
        if matches!(request.actor, Actor::System(_)) || author.0.is_nil() {
            return Ok(None);
        }
        let (plan, limits) = self.plans.of(author).await?;
        Ok(Some(Room { plan, cap: limits.storage }))
    }
}
