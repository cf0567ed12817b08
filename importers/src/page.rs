//! A page's Markdown as blocks.

use std::collections::HashMap;

use domain::workshops::content::{Action, ActionKind, Block};

use crate::action::{Meaning, TestCall, meaning};
use crate::diagnostic::Findings;
use crate::imported::ActionSummary;
use crate::markdown::{Segment, segments};

/// What a page consists of, and its actions once more for the report.
#[derive(Debug)]
pub(crate) struct PageBlocks {
    pub(crate) blocks: Vec<Block>,
    pub(crate) actions: Vec<ActionSummary>,
}

/// Reads the Markdown of `file` that starts on `first_line`. `resolve` names the check that a test call runs.
pub(crate) fn read(
    file: &str,
    markdown: &str,
    first_line: u32,
    findings: &mut Findings,
    mut resolve: impl FnMut(TestCall, &mut Findings) -> String,
) -> PageBlocks {
    let mut page = PageBlocks { blocks: Vec::new(), actions: Vec::new() };
    for segment in segments(markdown, first_line) {
        match segment {
            Segment::Text(text) => page.blocks.push(Block::Text(text.to_owned())),
            Segment::Fence(fence) => {
                let kind = match meaning(file, &fence, findings) {
                    Meaning::Kind(kind) => kind,
                    Meaning::Test(call) => ActionKind::ExecuteTest { check: resolve(call, findings) },
                };
                page.actions.push(ActionSummary { kind: fence.language, line: fence.line });
                page.blocks.push(Block::Action(Action { kind, body: fence.body, line: fence.line }));
            }
        }
    }
    page
}

/// A file's name without folders, extension and leading number, as a title: `workshop/content/01-first-steps.md` is
/// "First steps".
pub(crate) fn title_from(file: &str) -> String {
    let stem = file.rsplit('/').next().unwrap_or(file).split('.').next().unwrap_or_default();
    let words = without_number(stem).replace(['-', '_'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(|| stem.to_owned(), |first| first.to_uppercase().chain(letters).collect())
}

/// `01-first-steps` without `01-`.
pub(crate) fn without_number(stem: &str) -> &str {
    match stem.split_once(['-', '_']) {
        Some((number, rest)) if !rest.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => stem,
    }
}

/// A text as a key: lower-case letters, digits and single hyphens.
pub(crate) fn key_from(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<_> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut key = words.join("-");
    key.truncate(72);
    key.trim_end_matches('-').to_owned()
}

/// Names that are taken, and the number that was last put behind each.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, u32>);

impl Names {
    /// Takes `name`, or `name-2`, `name-3` … if it is taken.
    pub(crate) fn claim(&mut self, name: &str) -> String {
        let mut candidate = name.to_owned();
        let mut number = self.0.get(name).copied().unwrap_or(1);
        while self.0.contains_key(&candidate) {
            number += 1;
            candidate = format!("{name}-{number}");
        }
        self.0.insert(name.to_owned(), number);
        self.0.entry(candidate.clone()).or_insert(1);
        candidate
    }
}

#[cfg(test)]
mod tests;
