//! Publishing: the draft becomes a numbered version that never changes.

use domain::{
    kernel::WorkshopId,
    workshops::{
        WorkshopRejection as Rejection,
        content::{Check, CompletionRule, Content},
        defects::{self, Defect},
        shelf::{Shelf, ShelfCommand},
        workshop::{Live, Workshop, WorkshopCommand},
    },
};
use serde_json::json;

use super::{Workshops, editor};
use crate::{Fault, Outcome, Request, authorization::acts, dispatch::Operation};

impl Workshops {
    /// Publishes the draft as the next version, if nothing is wrong with it.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn publish(&self, request: &Request, workshop: WorkshopId) -> Result<Outcome<(), Rejection>, Fault> {
        let by = editor(request, &acts::WORKSHOP_PUBLISH)?;
        let operation = Operation::new(acts::WORKSHOP_PUBLISH, json!({ "workshop": workshop }));
        let work = |transaction: crate::dispatch::Transaction| async move {
            // What stands in the draft is looked at here; that it is still the draft, the decision makes sure.
            let state = self.dispatcher.state::<Workshop>(workshop.into()).await?;
            let Live { author, draft, .. } = state.live(by).map_err(crate::dispatch::Halt::Rejected)?;
            let content = self.content(&draft.content).await?;
            let defects = self.defects(&content).await?;
            let command = WorkshopCommand::Publish { by, content: draft.content.clone(), defects };
            transaction.decide::<Workshop>(workshop.into(), command).await?;
            // There is one content now where there may have been two.
            let put = ShelfCommand::Put { workshop, bytes: self.contents.bytes(&draft.content).await?, room: None };
            transaction.decide::<Shelf>((*author).into(), put).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Everything that keeps content from being published.
    ///
    /// # Errors
    /// No shell to parse scripts with.
    pub async fn defects(&self, content: &Content) -> Result<Vec<Defect>, Fault> {
        let mut found = defects::of_version(content);
        for (at, step) in content.steps.iter().enumerate() {
            let CompletionRule::Check(checks) = &step.rule else { continue };
            for (nth, Check { script, solution, .. }) in checks.iter().enumerate() {
                for (name, script) in [("script", script), ("solution", solution)] {
                    let Some(script) = script else { continue };
                    if let Some(complaint) = self.shell.complaint(script).await? {
                        let path = format!("steps[{at}].rule.check[{nth}].{name}");
                        found.push(Defect::new(path, format!("a script that parses; bash says: {complaint}")));
                    }
                }
            }
        }
        Ok(found)
    }
}
