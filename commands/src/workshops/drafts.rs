//! Drafting and revising.

use domain::{
    kernel::{AccountId, WorkshopId},
    workshops::{
        WorkshopRejection as Rejection,
        content::Content,
        defects,
        slug_claim::{SlugClaim, SlugClaimCommand},
        workshop::{Workshop, WorkshopCommand},
    },
};
use serde_json::json;
use uuid::Uuid;

use super::{Workshops, editor};
use crate::{Fault, Outcome, Request, authorization::acts, dispatch::Operation};

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
        let edition = self.keep(content).await?;
        let workshop = WorkshopId(Uuid::now_v7());
        let operation = Operation::new(acts::WORKSHOP_DRAFT, json!({ "slug": slug, "content": edition.content }));
        let work = |transaction: crate::dispatch::Transaction| {
            let claim = SlugClaimCommand::Claim { slug: slug.clone(), workshop };
            let draft = WorkshopCommand::Draft { author, slug: slug.clone(), edition: edition.clone(), defects: vec![] };
            let stream = SlugClaim::stream_id(&slug);
            async move {
                transaction.decide::<SlugClaim>(stream, claim).await?;
                transaction.decide::<Workshop>(workshop.into(), draft).await?;
                Ok(workshop)
            }
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
        let edition = self.keep(content).await?;
        let operation = Operation::new(acts::WORKSHOP_REVISE, json!({ "workshop": workshop, "content": edition.content }));
        let command = || WorkshopCommand::Revise { by, edition: edition.clone(), defects: vec![] };
        self.dispatcher.command::<Workshop>(request, operation, workshop.into(), command).await
    }

    /// Takes a workshop out of the catalogue for good. Sessions of it go on.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn archive(&self, request: &Request, workshop: WorkshopId) -> Result<Outcome<(), Rejection>, Fault> {
        let by = editor(request, &acts::WORKSHOP_ARCHIVE)?;
        let operation = Operation::new(acts::WORKSHOP_ARCHIVE, json!({ "workshop": workshop }));
        self.dispatcher.command::<Workshop>(request, operation, workshop.into(), || WorkshopCommand::Archive { by }).await
    }
}
