//! What events carry of a workshop's content: enough for catalogues and sessions, without the pages.

use serde::{Deserialize, Serialize};

use super::content::{Category, CompletionRule, Content, Difficulty, StepOrder, Visibility};
use crate::kernel::{Minutes, Points};

/// A workshop without its pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    pub title: String,
    pub summary: String,
    pub category: Category,
    pub difficulty: Difficulty,
    pub duration: Minutes,
    pub tags: Vec<String>,
    pub languages: Vec<String>,
    pub visibility: Visibility,
    pub order: StepOrder,
    pub completion_points: Points,
    /// How long its environment lives; none for a workshop without one.
    pub lifetime: Option<Minutes>,
    pub steps: Vec<StepOutline>,
}

/// A step without its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOutline {
    pub key: String,
    pub title: String,
    pub points: Points,
    pub rule: RuleKind,
}

/// How a step is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    Read,
    Answer,
    Check,
}

impl From<&CompletionRule> for RuleKind {
    fn from(rule: &CompletionRule) -> Self {
        match rule {
            CompletionRule::Read => Self::Read,
            CompletionRule::Answer(_) => Self::Answer,
            CompletionRule::Check(_) => Self::Check,
        }
    }
}

impl From<&Content> for Outline {
    fn from(content: &Content) -> Self {
        let step = |step: &super::content::Step| StepOutline {
            key: step.key.clone(),
            title: step.title.clone(),
            points: step.points,
            rule: (&step.rule).into(),
        };
        Self {
            title: content.title.clone(),
            summary: content.summary.clone(),
            category: content.category.clone(),
            difficulty: content.difficulty,
            duration: content.duration,
            tags: content.tags.clone(),
            languages: content.languages.clone(),
            visibility: content.visibility,
            order: content.order,
            completion_points: content.completion_points,
            lifetime: content.environment.as_ref().map(|needs| needs.lifetime),
            steps: content.steps.iter().map(step).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
