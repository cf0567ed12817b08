//! A workshop from its first draft to the archive.

use serde::{Deserialize, Serialize};

use super::{Outline, WorkshopRejection as Rejection, defects::Defect};
use crate::{
    Decider, Event,
    kernel::{AccountId, Digest, Timestamp},
};

/// A workshop from its first draft to the archive.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Workshop {
    #[default]
    Absent,
    Live(Box<Live>),
    Archived {
        author: AccountId,
        /// The latest version and its number, if there was one.
        published: Option<Box<(u32, Edition)>>,
    },
}

/// A workshop that can be worked on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Live {
    pub author: AccountId,
    /// Counts drafts from 1.
    pub revision: u32,
    pub draft: Edition,
    /// The latest version and its number, once there is one.
    pub published: Option<(u32, Edition)>,
}

/// Content, and where it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edition {
    pub content: Digest,
    pub outline: Outline,
}

/// Who changes a workshop.
#[derive(Clone, Copy, Debug)]
pub enum Editor {
    /// May change what is theirs.
    Author(AccountId),
    /// May change everything.
    Manager,
}

#[derive(Debug)]
pub enum WorkshopCommand {
    Draft {
        author: AccountId,
        slug: String,
        edition: Edition,
        defects: Vec<Defect>,
    },
    Revise {
        by: Editor,
        edition: Edition,
        defects: Vec<Defect>,
    },
    /// `content` is what `defects` was found in; it must still be the draft.
    Publish {
        by: Editor,
        content: Digest,
        defects: Vec<Defect>,
    },
    Archive {
        by: Editor,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum WorkshopEvent {
    Drafted { author: AccountId, slug: String, content: Digest, outline: Outline },
    Revised { revision: u32, content: Digest, outline: Outline },
    Published { version: u32, content: Digest, outline: Outline },
    Archived,
}

impl Workshop {
    /// The workshop, if this editor may change it.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub fn live(&self, by: Editor) -> Result<&Live, Rejection> {
        match (self, by) {
            (Self::Live(live), Editor::Manager) => Ok(live),
            (Self::Live(live), Editor::Author(author)) if live.author == author => Ok(live),
            (Self::Archived { .. }, Editor::Manager) => Err(Rejection::Archived),
            (Self::Archived { author, .. }, Editor::Author(by)) if *author == by => Err(Rejection::Archived),
            // Whose workshop it is, is nobody else's business.
            (Self::Absent, _) | (Self::Live(_) | Self::Archived { .. }, Editor::Author(_)) => Err(Rejection::NotFound),
        }
    }
}

impl Decider for Workshop {
    const STREAM: &'static str = "workshop";
    const STATE_VERSION: u32 = 2;
    type Command = WorkshopCommand;
    type Event = WorkshopEvent;
    type Rejection = Rejection;

    fn decide(&self, command: WorkshopCommand, _now: Timestamp) -> Result<Vec<WorkshopEvent>, Rejection> {
        match command {
            WorkshopCommand::Draft { .. } if !matches!(self, Self::Absent) => Err(Rejection::SlugTaken),
            WorkshopCommand::Draft { defects, .. } if !defects.is_empty() => Err(Rejection::Defective(defects)),
            WorkshopCommand::Draft { author, slug, edition, .. } => {
                Ok(vec![WorkshopEvent::Drafted { author, slug, content: edition.content, outline: edition.outline }])
            }
            WorkshopCommand::Revise { by, edition, defects } => {
                let live = self.live(by)?;
                if !defects.is_empty() {
                    return Err(Rejection::Defective(defects));
                }
                if live.draft.content == edition.content {
                    return Ok(vec![]); // The same content again is no new draft.
                }
                Ok(vec![WorkshopEvent::Revised { revision: live.revision + 1, content: edition.content, outline: edition.outline }])
            }
            WorkshopCommand::Publish { by, content, defects } => {
                let live = self.live(by)?;
                let version = live.published.as_ref().map_or(1, |(version, _)| version + 1);
                if live.published.as_ref().is_some_and(|(_, edition)| edition.content == live.draft.content) {
                    return Err(Rejection::NothingToPublish);
                }
                if content != live.draft.content {
                    return Err(Rejection::Defective(vec![Defect::new(
                        "content",
                        "a draft that was not revised meanwhile; publish again",
                    )]));
                }
                if !defects.is_empty() {
                    return Err(Rejection::Defective(defects));
                }
                let Edition { content, outline } = live.draft.clone();
                Ok(vec![WorkshopEvent::Published { version, content, outline }])
            }
            WorkshopCommand::Archive { by } => match self.live(by) {
                Ok(_) => Ok(vec![WorkshopEvent::Archived]),
                Err(Rejection::Archived) => Ok(vec![]), // Archiving twice is no mistake.
                Err(rejection) => Err(rejection),
            },
        }
    }

    fn evolve(&mut self, event: &WorkshopEvent) {
        match (&mut *self, event) {
            (_, WorkshopEvent::Drafted { author, content, outline, .. }) => {
                let draft = Edition { content: content.clone(), outline: outline.clone() };
                *self = Self::Live(Box::new(Live { author: *author, revision: 1, draft, published: None }));
            }
            (Self::Live(live), WorkshopEvent::Revised { revision, content, outline }) => {
                live.revision = *revision;
                live.draft = Edition { content: content.clone(), outline: outline.clone() };
            }
            (Self::Live(live), WorkshopEvent::Published { version, content, outline }) => {
                live.published = Some((*version, Edition { content: content.clone(), outline: outline.clone() }));
            }
            (Self::Live(live), WorkshopEvent::Archived) => {
                let (author, published) = (live.author, live.published.take().map(Box::new));
                *self = Self::Archived { author, published };
            }
            (Self::Absent | Self::Archived { .. }, _) => {}
        }
    }
}

impl Event for WorkshopEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Drafted { .. } => "WorkshopDrafted",
            Self::Revised { .. } => "WorkshopRevised",
            Self::Published { .. } => "WorkshopPublished",
            Self::Archived => "WorkshopArchived",
        }
    }
}

#[cfg(test)]
mod tests;
