//! Workshops of Educates: `resources/workshop.yaml` and Hugo pages under `workshop/content`.

mod checks;
mod definition;
mod kubernetes;
mod order;

use domain::kernel::Points;
use domain::workshops::content::{ActionKind, Block, CompletionRule, Content, Step};
use domain::workshops::defects;

use crate::bundle::Bundle;
use crate::diagnostic::Findings;
use crate::front_matter;
use crate::imported::{Format, Imported, PageSummary};
use crate::page::{self, Names, key_from, title_from};
use crate::yaml::Node;

const CONTENT: &str = "workshop/content/";

/// A page of `workshop/content` before it becomes a step.
struct Page<'a> {
    file: &'a str,
    /// Its path below `workshop/content` without `.md` or `/index.md`, as configurations name it.
    name: &'a str,
    header: Node,
    markdown: &'a str,
    first_line: u32,
}

/// Whether the files look like Educates'.
pub(crate) fn recognizes(bundle: &Bundle) -> bool {
    definition::path(bundle).is_some() || bundle.under(CONTENT).next().is_some()
}

/// Reads the whole workshop.
pub(crate) fn import(bundle: &Bundle) -> Imported {
    let mut findings = Findings::default();
    bundle.report_refused(&mut findings);
    let definition = definition::read(bundle, &mut findings);
    let pages = pages(bundle, &mut findings);
    let (mut steps, mut summaries, mut keys) = (Vec::new(), Vec::new(), Names::default());
    for (page, title) in order::ordered(bundle, &pages, &mut findings) {
        let (step, summary) = step(bundle, page, title, &mut keys, &mut findings);
        steps.push(step);
        summaries.push(summary);
    }
    if steps.is_empty() {
        findings.error("workshop/content", None, "expected at least one page");
    }
    let slug = definition.as_ref().map_or_else(|| key_from(bundle.folder()), |definition| definition.slug.clone());
    let content = definition.map(|definition| finished(definition, steps));
    if let Some(content) = &content {
        for defect in defects::of_draft(content) {
            findings.error(definition::path(bundle).unwrap_or(CONTENT), None, format!("{}: expected {}", defect.path, defect.expected));
        }
    }
    Imported::new(slug, Format::Educates, content, summaries, findings.into_diagnostics())
}

fn finished(definition: definition::Definition, steps: Vec<Step>) -> Content {
    let runs_kubectl = |block: &Block| matches!(block, Block::Action(action) if matches!(&action.kind, ActionKind::Execute { command, .. } if command.split_whitespace().any(|word| word == "kubectl")));
    let mut content = definition.content;
    if let Some(needs) = &mut content.environment
        && steps.iter().flat_map(|step| &step.body).any(runs_kubectl)
    {
        needs.programs.push("kubectl".into());
    }
    content.steps = steps;
    content
}

fn pages<'a>(bundle: &'a Bundle, findings: &mut Findings) -> Vec<Page<'a>> {
    let mut pages = Vec::new();
    for file in bundle.under(CONTENT) {
        let Some(path) = file[CONTENT.len()..].strip_suffix(".md") else {
            findings.warning(file, None, "left out: only Markdown pages (.md) are read");
            continue;
        };
        if path == "_index" || path.ends_with("/_index") {
            findings.warning(file, None, "left out: the page of a section is no step");
            continue;
        }
        let Some(text) = bundle.text(file, findings) else { continue };
        match front_matter::split(text) {
            Ok(split) if is_draft(&split.header) => findings.warning(file, None, "left out: it is a draft"),
            Ok(split) => {
                let name = path.strip_suffix("/index").unwrap_or(path);
                pages.push(Page { file, name, header: split.header, markdown: split.body, first_line: split.body_line });
            }
            Err(error) => findings.error(file, error.line, format!("left out: {error}")),
        }
    }
    pages
}

fn is_draft(header: &Node) -> bool {
    header.get("draft").and_then(Node::as_text) == Some("true")
}

/// A page as a step.
fn step(bundle: &Bundle, page: &Page<'_>, title: Option<String>, keys: &mut Names, findings: &mut Findings) -> (Step, PageSummary) {
    let own_title = page.header.get("title").and_then(Node::as_text).map(str::to_owned);
    let title = title.or(own_title).unwrap_or_else(|| title_from(page.name));
    let key = keys.claim(&key_from(page.name));
    let (mut checks, mut names) = (Vec::new(), Names::default());
    let read = page::read(page.file, page.markdown, page.first_line, findings, |call, findings| {
        let check = checks::check(bundle, page.file, call, &mut names, findings);
        let name = check.name.clone();
        checks.push(check);
        name
    });
    let rule = if checks.is_empty() { CompletionRule::Read } else { CompletionRule::Check(checks) };
    let summary = PageSummary { file: page.file.to_owned(), title: title.clone(), step: key.clone(), actions: read.actions };
    (Step { key, title, body: read.blocks, points: Points(0), rule, files: Vec::new() }, summary)
}

#[cfg(test)]
mod tests;
