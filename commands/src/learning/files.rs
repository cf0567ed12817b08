//! The files that steps provide.

use domain::{
    kernel::SessionId,
    learning::session::{Active, Session},
    workshops::content::{ProvidedFile, StepOrder},
};

use super::{LaboratoryError, Learning};
use crate::Fault;

impl Learning {
    /// What is to be in the home of a session that has completed `completed` steps: the workshop's own files, and
    /// those of each step reached, a later one over an earlier.
    ///
    /// # Errors
    /// The content is missing.
    pub async fn files(&self, active: &Active, completed: usize) -> Result<Vec<ProvidedFile>, Fault> {
        let content = self.content(active).await?;
        let reached = match content.order {
            StepOrder::Sequential => completed + 1,
            StepOrder::Free => content.steps.len(),
        };
        let own = content.environment.iter().flat_map(|needs| &needs.files);
        Ok(own.chain(content.steps.iter().take(reached).flat_map(|step| &step.files)).cloned().collect())
    }

    /// What steps have brought that were reached after `before` were completed.
    ///
    /// # Errors
    /// The content is missing.
    pub async fn files_since(&self, active: &Active, before: usize) -> Result<Vec<ProvidedFile>, Fault> {
        let content = self.content(active).await?;
        if content.order == StepOrder::Free {
            return Ok(vec![]); // They have been there from the start.
        }
        let reached = content.steps.iter().take(active.completed.len() + 1).skip(before + 1);
        Ok(reached.flat_map(|step| &step.files).cloned().collect())
    }

    /// Puts the files of the step that is reached once `completed` steps are into the home.
    ///
    /// # Errors
    /// The environment is there but does not take them.
    pub async fn provide(&self, session: SessionId, completed: u32) -> Result<(), Fault> {
        let Session::Active(active) = self.session(session).await? else { return Ok(()) };
        let content = self.content(&active).await?;
        if content.order == StepOrder::Free {
            return Ok(()); // They have been there from the start.
        }
        let next = usize::try_from(completed).ok().and_then(|at| content.steps.get(at));
        let Some(step) = next.filter(|step| !step.files.is_empty()) else { return Ok(()) };
        match self.laboratory.provide(session, &step.files).await {
            Ok(()) | Err(LaboratoryError::NotReady(_)) => Ok(()),
            Err(LaboratoryError::Failed(reason)) => Err(Fault::Outside(reason)),
        }
    }
}
