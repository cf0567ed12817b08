//! What comes out of an import.

use std::collections::BTreeMap;

use domain::workshops::content::Content;
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity};

/// Whose format a folder is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Ours.
    Nalabo,
    /// Educates' `Workshop` resource and Hugo pages.
    Educates,
}

/// A workshop as it was understood. As JSON it is the report of `workshops check`, which leaves the content out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// The workshop's name in addresses; the folder's name if its definition gives none.
    pub slug: String,
    /// Whose format it is in.
    pub format: Format,
    /// Absent when the definition could not be read.
    #[serde(skip)]
    pub content: Option<Content>,
    /// In the order of the workshop.
    pub pages: Vec<PageSummary>,
    /// How often each clickable action occurs, by its name in the source, such as `terminal:execute`.
    pub actions_by_kind: BTreeMap<String, usize>,
    /// In the order of their discovery.
    pub diagnostics: Vec<Diagnostic>,
}

impl Imported {
    /// Whether anything was found that keeps the workshop from being used.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// How many clickable actions there are on all pages.
    #[must_use]
    pub fn action_count(&self) -> usize {
        self.actions_by_kind.values().sum()
    }

    pub(crate) fn new(
        slug: String,
        format: Format,
        content: Option<Content>,
        pages: Vec<PageSummary>,
        diagnostics: Vec<Diagnostic>,
    ) -> Self {
        let mut actions_by_kind = BTreeMap::new();
        for action in pages.iter().flat_map(|page| &page.actions) {
            *actions_by_kind.entry(action.kind.clone()).or_default() += 1;
        }
        Self { slug, format, content, pages, actions_by_kind, diagnostics }
    }
}

/// One page of an imported workshop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PageSummary {
    /// Relative to the workshop's folder.
    pub file: String,
    /// As learners see it.
    pub title: String,
    /// The step's key.
    pub step: String,
    /// In the order of the page.
    pub actions: Vec<ActionSummary>,
}

/// A clickable action of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionSummary {
    /// As written in the source, such as `terminal:execute`.
    pub kind: String,
    /// Where its fence starts, from 1.
    pub line: u32,
}
