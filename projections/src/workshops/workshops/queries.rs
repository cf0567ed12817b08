//! Finding workshops, as far as the viewer may see them.

use domain::{
    kernel::{AccountId, WorkshopId},
    workshops::content::{Category, Difficulty, Visibility},
};
use sea_orm::{
    Condition, DbBackend, IdenStatic, QueryFilter, Select,
    entity::prelude::*,
    sea_query::{ExprTrait, Func},
};

use super::{Column, Entity, Model, WorkshopState};
use crate::{After, Page, column::Word, paging};

/// Who looks for workshops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Finds what is published for everybody.
    Anonymous,
    /// Finds what is theirs as well.
    Account(AccountId),
    /// Finds everything.
    Manager,
}

/// What workshops are looked for; absent parts do not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub category: Option<Category>,
    pub difficulty: Option<Difficulty>,
    /// One of the workshop's tags, as written.
    pub tag: Option<String>,
    /// One of the workshop's languages, as a BCP 47 tag.
    pub language: Option<String>,
    /// Words that must all be in the title or the summary, in either case.
    pub text: Option<String>,
    pub author: Option<AccountId>,
    pub state: Option<WorkshopState>,
}

impl Model {
    /// Whether a viewer who knows the workshop's id or slug may see it.
    #[must_use]
    pub fn is_visible_to(&self, viewer: Viewer) -> bool {
        let open = self.state.0 == WorkshopState::Published && self.visibility.0 != Visibility::Private;
        match viewer {
            Viewer::Anonymous => open,
            Viewer::Account(account) => open || self.author == account.0,
            Viewer::Manager => true,
        }
    }
}

/// One workshop, whoever may see it.
///
/// # Errors
/// The read models cannot be read.
pub async fn find(db: &DatabaseConnection, workshop: WorkshopId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(workshop.0).one(db).await
}

/// Those of several workshops that exist, in no order, whoever may see them.
///
/// # Errors
/// The read models cannot be read.
pub async fn find_many(db: &DatabaseConnection, workshops: &[WorkshopId]) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(Column::Workshop.is_in(workshops.iter().map(|workshop| workshop.0))).all(db).await
}

/// The workshop under a slug, whoever may see it.
///
/// # Errors
/// The read models cannot be read.
pub async fn by_slug(db: &DatabaseConnection, slug: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Slug.eq(slug)).one(db).await
}

/// Workshops listed for a viewer, latest first.
///
/// # Errors
/// The read models cannot be read.
pub async fn page(
    db: &DatabaseConnection,
    filter: &Filter,
    viewer: Viewer,
    after: Option<After>,
    first: u64,
) -> Result<Page<Model>, DbErr> {
    paging::latest(db, listed(db.get_database_backend(), filter, viewer), (Column::ListedAt, Column::Workshop), after, first).await
}

/// How many workshops are listed for a viewer.
///
/// # Errors
/// The read models cannot be read.
pub async fn total(db: &DatabaseConnection, filter: &Filter, viewer: Viewer) -> Result<u64, DbErr> {
    listed(db.get_database_backend(), filter, viewer).count(db).await
}

fn listed(backend: DbBackend, filter: &Filter, viewer: Viewer) -> Select<Entity> {
    let words = filter.text.as_deref().unwrap_or_default().split_whitespace().map(str::to_lowercase);
    let place = if backend == DbBackend::Postgres { "strpos" } else { "instr" };
    let within = |word: String| Expr::expr(Func::cust(place).arg(Expr::col((Entity, Column::Text))).arg(word)).gt(0);
    let mut wanted = words.fold(Condition::all(), |all, word| all.add(within(word)));
    if let Some(category) = &filter.category {
        wanted = wanted.add(Column::Category.eq(Word(category.clone())));
    }
    if let Some(difficulty) = filter.difficulty {
        wanted = wanted.add(Column::Difficulty.eq(Word(difficulty)));
    }
    if let Some(author) = filter.author {
        wanted = wanted.add(Column::Author.eq(author.0));
    }
    if let Some(state) = filter.state {
        wanted = wanted.add(Column::State.eq(Word(state)));
    }
    for (column, value) in [(Column::Tags, &filter.tag), (Column::Languages, &filter.language)] {
        if let Some(value) = value {
            wanted = wanted.add(among(backend, column, value));
        }
    }
    Entity::find().filter(wanted).filter(listed_for(viewer))
}

/// That a JSON array holds a text.
fn among(backend: DbBackend, column: Column, value: &str) -> Expr {
    if backend == DbBackend::Postgres {
        let array = Expr::col((Entity, column)).cast_as("jsonb");
        return Expr::expr(Func::cust("jsonb_exists").arg(array).arg(value));
    }
    let among = format!(r#"EXISTS (SELECT 1 FROM json_each("workshops"."{}") WHERE value = ?)"#, column.as_str());
    Expr::cust_with_values(among, [value])
}

fn listed_for(viewer: Viewer) -> Condition {
    let published =
        Condition::all().add(Column::State.eq(Word(WorkshopState::Published))).add(Column::Visibility.eq(Word(Visibility::Public)));
    match viewer {
        Viewer::Anonymous => published,
        Viewer::Account(account) => Condition::any().add(published).add(Column::Author.eq(account.0)),
        Viewer::Manager => Condition::all(),
    }
}
