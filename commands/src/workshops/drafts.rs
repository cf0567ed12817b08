//! Drafting and revising.

use domain::{
    kernel::{AccountId, WorkshopId},
    workshops::{
        WorkshopRejection as Rejection,
        content::Content,
        defects,
        shelf::{Shelf, ShelfCommand},
        slug_claim::{SlugClaim, SlugClaimCommand},
        workshop::{Workshop, WorkshopCommand},
    },
};
use serde_json::json;
use uuid::Uuid;

use super::{Workshops, editor, storage::Written};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Operation, Transaction},
};

impl Workshops {
    /// Starts a workshop under a slug of its own.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn draft(&self, request: &Request, slug: String, content: &Content) -> Result<Outcome<WorkshopId, Rejection>, Fault> {
        let author = request.person(&acts::WORKSHOP_DRAFT)?;
        self.draft_for(request, author, slug, content).await
    }

    pub(super) async fn draft_for(
        &self,
        request: &Request,
        author: AccountId,
        slug: String,
        content: &Content,
    ) -> Result<Outcome<WorkshopId, Rejection>, Fault> {
        let defects = defects::of_draft(content);
        if !defects.is_empty() {
            return Ok(Outcome::Rejected(Rejection::Defective(defects)));
        }
        let (slug, written) = (&slug, &Written::try_new(content)?);
        let workshop = WorkshopId(Uuid::now_v7());
        let operation = Operation::new(acts::WORKSHOP_DRAFT, json!({ "slug": slug, "content": written.edition.content }));
        let work = |transaction: Transaction| async move {
            let claim = SlugClaimCommand::Claim { slug: slug.clone(), workshop };
            transaction.decide::<SlugClaim>(SlugClaim::stream_id(slug), claim).await?;
            let draft = WorkshopCommand::Draft { author, slug: slug.clone(), edition: written.edition.clone(), defects: vec![] };
            transaction.decide::<Workshop>(workshop.into(), draft).await?;
            self.keep((request, &transaction), (author, workshop), written, None).await?;
            Ok(workshop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Replaces the draft. The same content again changes nothing.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn revise(&self, request: &Request, workshop: WorkshopId, content: &Content) -> Result<Outcome<(), Rejection>, Fault> {
        let by = editor(request, &acts::WORKSHOP_REVISE)?;
        let defects = defects::of_draft(content);
        if !defects.is_empty() {
            return Ok(Outcome::Rejected(Rejection::Defective(defects)));
        }
        let written = &Written::try_new(content)?;
        let operation = Operation::new(acts::WORKSHOP_REVISE, json!({ "workshop": workshop, "content": written.edition.content }));
        let work = |transaction: Transaction| async move {
            let revise = WorkshopCommand::Revise { by, edition: written.edition.clone(), defects: vec![] };
            if transaction.decide::<Workshop>(workshop.into(), revise).await?
                && let Some(live) = self.decided_on(&transaction, workshop).await?
            {
                let published = live.published.as_ref().map(|(_, edition)| &edition.content);
                self.keep((request, &transaction), (live.author, workshop), written, published).await?;
            }
            Ok(())
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Takes a workshop out of the catalogue for good. Sessions of it go on.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn archive(&self, request: &Request, workshop: WorkshopId) -> Result<Outcome<(), Rejection>, Fault> {
        let by = editor(request, &acts::WORKSHOP_ARCHIVE)?;
        let operation = Operation::new(acts::WORKSHOP_ARCHIVE, json!({ "workshop": workshop }));
        let work = |transaction: Transaction| async move {
            if transaction.decide::<Workshop>(workshop.into(), WorkshopCommand::Archive { by }).await?
                && let Some(live) = self.decided_on(&transaction, workshop).await?
            {
                transaction.decide::<Shelf>(live.author.into(), ShelfCommand::Clear { workshop }).await?;
            }
            Ok(())
        };
        self.dispatcher.execute(request, operation, work).await
    }
}
