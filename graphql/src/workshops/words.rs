//! The closed sets of words in which workshops are described.

use async_graphql::Enum;
use domain::workshops::content::Category;

use crate::failure::Failure;

/// How much a learner should already know.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::workshops::content::Difficulty")]
pub(crate) enum Difficulty {
    Beginner,
    Intermediate,
    Advanced,
    Expert,
}

/// Who finds the workshop.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::workshops::content::Visibility")]
pub(crate) enum Visibility {
    /// Listed for everybody.
    Public,
    /// Found by those who know its slug.
    Unlisted,
    /// Seen by its author and administrators.
    Private,
}

/// Whether steps must be completed one after the other.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::workshops::content::StepOrder")]
pub(crate) enum StepOrder {
    Sequential,
    Free,
}

/// How a step is completed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::workshops::RuleKind")]
pub(crate) enum StepRule {
    /// By `stepComplete`.
    Read,
    /// By `stepAnswer`.
    Answer,
    /// By `stepCheck`.
    Check,
}

/// How far a workshop is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "projections::workshops::workshops::WorkshopState")]
pub(crate) enum WorkshopState {
    /// Never published.
    Draft,
    Published,
    Archived,
}

/// A category in the API's spelling, such as `data-science`.
pub(super) fn category_name(category: &Category) -> Result<String, Failure> {
    match serde_json::to_value(category)? {
        serde_json::Value::String(name) => Ok(name),
        other => Err(Failure::Internal(format!("a category is not a word: {other}"))),
    }
}

/// The category of a name; one that is not known is kept in the author's word.
pub(super) fn category(name: String) -> Result<Category, Failure> {
    Ok(serde_json::from_value(serde_json::Value::String(name))?)
}
