//! Workshops as authors write them and catalogues list them.

mod queries;

use domain::{
    Decider,
    fact::Fact,
    kernel::{AccountId, Digest, Timestamp},
    workshops::{
        Outline,
        content::{Category, Difficulty, Visibility},
        workshop::{Workshop, WorkshopEvent},
    },
};
pub use queries::{Filter, Viewer, by_slug, find, find_many, page, total};
use sea_orm::{entity::prelude::*, sea_query::IndexCreateStatement};
use serde::{Deserialize, Serialize};

use crate::{
    After,
    column::{Json, Word},
    paging,
    read_model::{MissingRow, ReadModel, Recorded},
};

/// One workshop. What a catalogue shows and filters by is that of the latest version, or of the draft while there is none.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workshops")]
pub struct Model {
    /// A `WorkshopId`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workshop: Uuid,
    #[sea_orm(indexed)]
    pub slug: String,
    /// An [`AccountId`].
    pub author: Uuid,
    pub state: Word<WorkshopState>,
    /// Counts drafts from 1.
    pub revision: i64,
    /// The digest under which the journal keeps the draft's content.
    pub draft_content: String,
    pub draft_outline: Json<Outline>,
    /// The latest version; from 1.
    pub version: Option<i64>,
    /// The digest under which the journal keeps the latest version's content.
    pub content: Option<String>,
    pub outline: Option<Json<Outline>>,
    pub title: String,
    /// Title and summary in lower case, for searching.
    pub text: String,
    pub category: Word<Category>,
    pub difficulty: Word<Difficulty>,
    pub visibility: Word<Visibility>,
    pub tags: Json<Vec<String>>,
    pub languages: Json<Vec<String>>,
    pub drafted_at: Timestamp,
    pub updated_at: Timestamp,
    /// When the latest version was published.
    pub published_at: Option<Timestamp>,
    /// When the latest version was published, or else the workshop drafted: what lists are ordered by.
    pub listed_at: Timestamp,
}

/// How far a workshop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkshopState {
    /// Never published.
    Draft,
    Published,
    Archived,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl ReadModel for Entity {
    type Table = Self;
    const NAME: &'static str = "workshops";
    const VERSION: u32 = 1;
    const STREAMS: &'static [&'static str] = &[Workshop::STREAM];

    fn keys(&self, event: &Recorded) -> Vec<Uuid> {
        vec![event.stream.id]
    }

    fn fold(&self, workshop: &Uuid, row: Option<Model>, event: &Recorded) -> Result<Option<Model>, MissingRow> {
        let Fact::Workshop(fact) = &event.fact else { return Ok(row) };
        Ok(Some(match fact {
            WorkshopEvent::Drafted { author, slug, content, outline } => {
                Model::drafted(*workshop, *author, slug, content, outline, event.at)
            }
            WorkshopEvent::Revised { revision, content, outline } => {
                let row = row.ok_or(MissingRow)?;
                let row = if row.version.is_none() { row.listing(outline) } else { row };
                Model {
                    revision: i64::from(*revision),
                    draft_content: content.to_string(),
                    draft_outline: Json(outline.clone()),
                    updated_at: event.at,
                    ..row
                }
            }
            WorkshopEvent::Published { version, content, outline } => Model {
                state: Word(WorkshopState::Published),
                version: Some(i64::from(*version)),
                content: Some(content.to_string()),
                outline: Some(Json(outline.clone())),
                updated_at: event.at,
                published_at: Some(event.at),
                listed_at: event.at,
                ..row.ok_or(MissingRow)?.listing(outline)
            },
            WorkshopEvent::Archived => Model { state: Word(WorkshopState::Archived), updated_at: event.at, ..row.ok_or(MissingRow)? },
        }))
    }

    fn indexes() -> Vec<IndexCreateStatement> {
        vec![
            paging::index::<Self>(&[Column::ListedAt, Column::Workshop]),
            paging::index::<Self>(&[Column::Author, Column::ListedAt, Column::Workshop]),
        ]
    }
}

impl Model {
    fn drafted(workshop: Uuid, author: AccountId, slug: &str, content: &Digest, outline: &Outline, at: Timestamp) -> Self {
        let blank = Self {
            workshop,
            slug: slug.to_owned(),
            author: author.0,
            state: Word(WorkshopState::Draft),
            revision: 1,
            draft_content: content.to_string(),
            draft_outline: Json(outline.clone()),
            version: None,
            content: None,
            outline: None,
            title: String::new(),
            text: String::new(),
            category: Word(outline.category.clone()),
            difficulty: Word(outline.difficulty),
            visibility: Word(outline.visibility),
            tags: Json(vec![]),
            languages: Json(vec![]),
            drafted_at: at,
            updated_at: at,
            published_at: None,
            listed_at: at,
        };
        blank.listing(outline)
    }

    /// With what a catalogue shows and filters by.
    fn listing(self, outline: &Outline) -> Self {
        Self {
            title: outline.title.clone(),
            text: format!("{}\n{}", outline.title, outline.summary).to_lowercase(),
            category: Word(outline.category.clone()),
            difficulty: Word(outline.difficulty),
            visibility: Word(outline.visibility),
            tags: Json(outline.tags.clone()),
            languages: Json(outline.languages.clone()),
            ..self
        }
    }

    /// Where a page after this one begins.
    #[must_use]
    pub const fn after(&self) -> After {
        After { at: self.listed_at, id: self.workshop }
    }
}

#[cfg(test)]
mod tests;
