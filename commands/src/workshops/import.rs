//! Bringing workshops in from files: drafting what is new, revising what has changed, leaving alone what has not.

use domain::{
    kernel::{AccountId, WorkshopId},
    workshops::{
        WorkshopRejection as Rejection,
        content::Content,
        slug_claim::SlugClaim,
        workshop::{Live, Workshop},
    },
};

use super::Workshops;
use crate::{Accepted, Fault, Outcome, Request, authorization::acts};

/// What importing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// There was no workshop under this slug.
    Drafted,
    /// Its draft was replaced.
    Revised,
    /// Its draft has this content already.
    Unchanged,
}

impl Workshops {
    /// Makes a workshop's draft what a file says. `author` is whose a new workshop becomes.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn import(
        &self,
        request: &Request,
        author: AccountId,
        slug: &str,
        content: &Content,
    ) -> Result<Outcome<(WorkshopId, Imported), Rejection>, Fault> {
        request.allowed(&acts::WORKSHOP_IMPORT)?;
        let Some((workshop, before)) = self.under(slug).await? else {
            let drafted = self.draft_for(request, author, slug.to_owned(), content).await?;
            return Ok(with(drafted, |workshop| (workshop, Imported::Drafted)));
        };
        let revised = self.revise(request, workshop, content).await?;
        let after = self.under(slug).await?.map(|(_, live)| live.draft.content);
        let imported = if after == Some(before.draft.content) { Imported::Unchanged } else { Imported::Revised };
        Ok(with(revised, |()| (workshop, imported)))
    }

    async fn under(&self, slug: &str) -> Result<Option<(WorkshopId, Live)>, Fault> {
        let SlugClaim::Held { workshop } = self.dispatcher.state::<SlugClaim>(SlugClaim::stream_id(slug)).await? else { return Ok(None) };
        match self.dispatcher.state::<Workshop>(workshop.into()).await? {
            Workshop::Live(live) => Ok(Some((workshop, *live))),
            Workshop::Absent | Workshop::Archived { .. } => Ok(None),
        }
    }
}

fn with<T, U, R>(outcome: Outcome<T, R>, map: impl FnOnce(T) -> U) -> Outcome<U, R> {
    match outcome {
        Outcome::Accepted(Accepted { value, position }) => Outcome::Accepted(Accepted { value: map(value), position }),
        Outcome::Rejected(rejection) => Outcome::Rejected(rejection),
    }
}
