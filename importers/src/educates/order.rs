//! Which pages a workshop shows, and in what order.

use super::Page;
use crate::bundle::Bundle;
use crate::diagnostic::Findings;
use crate::yaml::{Entry, Node, document};

const CONFIG: &str = "workshop/config.yaml";
const CLASSIC_MODULES: &str = "workshop/modules.yaml";
const CLASSIC_WORKSHOP: &str = "workshop/workshop.yaml";

/// A page, and the title that a configuration gives it.
type Titled<'p, 'a> = (&'p Page<'a>, Option<String>);

/// The pages of the default pathway, else those the classic renderer activates, else all: by weight and title where a page
/// has a weight, else by path.
pub(super) fn ordered<'p, 'a>(bundle: &Bundle, pages: &'p [Page<'a>], findings: &mut Findings) -> Vec<Titled<'p, 'a>> {
    if let Some(config) = yaml(bundle, CONFIG, findings)
        && let Some(steps) = pathway(&config)
    {
        let title = |name: &str| module_title(&config, name);
        return selected(CONFIG, steps, pages, title, findings);
    }
    if let Some(workshop) = yaml(bundle, CLASSIC_WORKSHOP, findings)
        && let Some(active) = workshop.at(&["modules", "activate"])
    {
        let modules = yaml(bundle, CLASSIC_MODULES, findings).unwrap_or(Node::null(1));
        let title = |name: &str| modules.at(&["modules", name, "name"]).and_then(Node::as_text).map(str::to_owned);
        return selected(CLASSIC_WORKSHOP, active.items(), pages, title, findings);
    }
    let mut all: Vec<_> = pages.iter().map(|page| (page, None)).collect();
    if pages.iter().any(|page| weight(page) != 0) {
        // Pages without a weight come last, as Hugo has it.
        all.sort_by_key(|(page, _)| (weight(page) == 0, weight(page), title(page), page.file));
    }
    all
}

fn yaml(bundle: &Bundle, path: &str, findings: &mut Findings) -> Option<Node> {
    document(bundle.text(path, findings)?, 1).map_err(|error| findings.error(path, error.line, error.to_string())).ok()
}

/// The steps of `pathways.default`, or of the first path when none is the default.
fn pathway(config: &Node) -> Option<&[Node]> {
    let paths = config.at(&["pathways", "paths"])?;
    let default = config.at(&["pathways", "default"]).and_then(Node::as_text).and_then(|name| paths.get(name));
    let path = default.or_else(|| paths.entries().first().map(|Entry { node, .. }| node))?;
    path.get("steps").map(Node::items)
}

fn module_title(config: &Node, name: &str) -> Option<String> {
    let modules = config.get("modules")?.items();
    let module = modules.iter().find(|module| module.get("name").and_then(Node::as_text) == Some(name))?;
    module.get("title").and_then(Node::as_text).map(str::to_owned)
}

fn selected<'p, 'a>(
    file: &str,
    names: &[Node],
    pages: &'p [Page<'a>],
    title: impl Fn(&str) -> Option<String>,
    findings: &mut Findings,
) -> Vec<Titled<'p, 'a>> {
    let mut selected: Vec<Titled<'p, 'a>> = Vec::new();
    for node in names {
        let name = node.as_text().unwrap_or_default();
        match pages.iter().find(|page| page.name == name) {
            None => findings.error(file, node.line, format!("there is no usable page workshop/content/{name}.md")),
            Some(page) if selected.iter().any(|(earlier, _)| earlier.name == name) => {
                findings.warning(file, node.line, format!("{} is named twice", page.file));
            }
            Some(page) => selected.push((page, title(name))),
        }
    }
    for page in pages.iter().filter(|page| !selected.iter().any(|(chosen, _)| chosen.name == page.name)) {
        findings.warning(page.file, None, format!("left out: {file} does not name it"));
    }
    selected
}

fn weight(page: &Page<'_>) -> i64 {
    page.header.get("weight").and_then(Node::as_text).and_then(|weight| weight.parse().ok()).unwrap_or(0)
}

fn title<'p>(page: &'p Page<'_>) -> &'p str {
    page.header.get("title").and_then(Node::as_text).unwrap_or_default()
}
