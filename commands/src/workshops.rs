//! Writing, publishing and archiving workshops.

mod drafts;
mod import;
mod storage;
mod versions;

use std::sync::Arc;

use domain::{
    identity::Permission,
    kernel::{Digest, WorkshopId},
    workshops::{
        content::Content,
        workshop::{Editor, Workshop},
    },
};

pub use import::Imported;

use crate::{Dispatcher, Fault, Request, authorization::Act, contents::Contents, plans::Plans};

/// Tells whether a script can be run at all, which takes a shell.
#[async_trait::async_trait]
pub trait ScriptParser: Send + Sync {
    /// What is wrong with a Bash script; nothing, if it parses.
    async fn complaint(&self, script: &str) -> Result<Option<String>, Fault>;
}

/// Commands of the context `workshops`.
#[derive(Clone)]
pub struct Workshops {
    dispatcher: Dispatcher,
    contents: Contents,
    shell: Arc<dyn ScriptParser>,
    plans: Plans,
}

impl Workshops {
    pub(crate) fn new(dispatcher: Dispatcher, contents: Contents, shell: Arc<dyn ScriptParser>, plans: Plans) -> Self {
        Self { dispatcher, contents, shell, plans }
    }

    /// A workshop's state.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn workshop(&self, workshop: WorkshopId) -> Result<Workshop, Fault> {
        self.dispatcher.state(workshop.into()).await
    }

    /// The content under a digest, as an event names it.
    ///
    /// # Errors
    /// It is not there, or not readable.
    pub async fn content(&self, digest: &Digest) -> Result<Arc<Content>, Fault> {
        self.contents.read(digest).await
    }
}

/// As whom a request changes a workshop.
fn editor(request: &Request, act: &Act) -> Result<Editor, Fault> {
    Ok(request.own_unless(Permission::ManageWorkshops, act)?.map_or(Editor::Manager, Editor::Author))
}
