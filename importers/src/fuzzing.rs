//! What the fuzzer asks; its corpus is asked with the tests.

use crate::{Bundle, Imported, import};

const OURS: &[u8] = b"title: Fuzzed\nsummary: A page\ncategory: cloud\ndifficulty: beginner\nduration: 5m\n";
const EDUCATES: &[u8] = b"apiVersion: training.educates.dev/v1beta1\nkind: Workshop\nmetadata:\n  name: fuzzed\nspec:\n  title: Fuzzed\n  \
description: A page\n";
const PAGE: &[u8] = b"# First\n\nRead.\n";
/// Where the definition and the first page are, in our format and in that of Educates.
const PLACES: [(&str, &str, &[u8]); 2] =
    [("workshop.yaml", "steps/01-first.md", OURS), ("resources/workshop.yaml", "workshop/content/01-first.md", EDUCATES)];

/// Reads the YAML of a workshop.
///
/// # Panics
/// It was not understood, and nobody is told why.
pub fn read_workshop(yaml: &[u8]) {
    for (definition, page, _) in PLACES {
        imported((definition, yaml), (page, PAGE));
    }
}

/// Reads a page of a workshop: Markdown, front matter, and the actions in its fenced blocks.
///
/// # Panics
/// It was not understood, and nobody is told why.
pub fn read_page(markdown: &[u8]) {
    for (definition, page, yaml) in PLACES {
        imported((definition, yaml), (page, markdown));
    }
}

fn imported((definition, yaml): (&str, &[u8]), (page, markdown): (&str, &[u8])) -> Imported {
    let mut bundle = Bundle::new("fuzzed");
    bundle.insert(definition, yaml.to_vec());
    bundle.insert(page, markdown.to_vec());
    let imported = import(&bundle);
    assert!(imported.content.is_some() || imported.has_errors(), "there is no content, and no reason");
    imported
}

#[cfg(test)]
mod tests;
