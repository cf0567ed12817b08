//! Documents: what they speak of must be there.

use std::path::{Path, PathBuf};

use crate::{
    none,
    repository::{files, files_with, required, root, text},
};

/// Sections of every decision.
const SECTIONS: [&str; 3] = ["\n## Context\n", "\n## Decision\n", "\n## Consequences\n"];

/// Ours; pages of workshops have links of their own, and what is made up for the fuzzer has whatever there is.
fn documents() -> Vec<PathBuf> {
    let is_made_up = |file: &PathBuf| file.starts_with("fuzz") || file.components().any(|part| part.as_os_str() == "tests");
    let is_ours = |file: &PathBuf| !file.starts_with("workshops") && !is_made_up(file);
    files_with("md").into_iter().filter(is_ours).collect()
}

/// Lines outside of fenced code, with their numbers.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((number, line));
        }
    }
    lines
}

#[test]
fn links_lead_somewhere() {
    let mut findings = Vec::new();
    for file in documents() {
        let text = text(&file).expect("a document is text");
        for (number, line) in prose(&text) {
            let broken = links(line).into_iter().filter(|link| !leads_somewhere(&file, link));
            findings.extend(broken.map(|link| format!("{}:{number}: {link} leads nowhere", file.display())));
        }
    }
    none(&findings);
}

/// Targets of links and pictures in a line.
fn links(line: &str) -> Vec<&str> {
    let marks = [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"')];
    let targets = marks.iter().flat_map(|(open, close)| line.split(open).skip(1).filter_map(|rest| rest.split(*close).next()));
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).collect()
}

fn leads_somewhere(file: &Path, link: &str) -> bool {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() { file.to_owned() } else { file.parent().expect("a folder").join(path) };
    if !root().join(&target).exists() {
        return false;
    }
    anchor.is_empty() || text(&target).is_some_and(|text| prose(&text).iter().any(|(_, line)| slug(line).as_deref() == Some(anchor)))
}

/// What a heading is linked by.
fn slug(line: &str) -> Option<String> {
    let heading = line.starts_with('#').then(|| line.trim_start_matches('#').trim())?;
    let kept = heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>();
    Some(kept.replace(' ', "-"))
}

#[test]
fn files_that_documents_name_exist() {
    let mut findings = Vec::new();
    // That one names files of its readers.
    for file in documents().into_iter().filter(|file| !file.ends_with("workshop-format.md")) {
        let text = text(&file).expect("a document is text");
        for (number, line) in prose(&text) {
            let missing = line.split('`').skip(1).step_by(2).filter(|span| is_path(span) && !exists(&file, span));
            findings.extend(missing.map(|span| format!("{}:{number}: there is no {span}", file.display())));
        }
    }
    none(&findings);
}

/// Whether code in a document names a file or a folder of the repository.
fn is_path(span: &str) -> bool {
    let plain = span.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let first = span.split('/').next().unwrap_or_default();
    let ours = root().join(first).is_dir() || [".rs", ".md", ".sql", ".toml", ".sh"].iter().any(|end| span.ends_with(end));
    plain && span.contains('/') && !span.starts_with('/') && !span.starts_with("./nalabo-data") && ours
}

fn exists(document: &Path, span: &str) -> bool {
    [root().join(span), root().join(document.parent().expect("a folder")).join(span)].iter().any(|path| path.exists())
}

#[test]
fn the_code_map_knows_every_crate_and_context() {
    let map = required("docs/ARCHITECTURE.md");
    let folders = files().into_iter().filter_map(|file| {
        let parts: Vec<_> = file.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        match &parts[..] {
            [krate, manifest] if manifest == "Cargo.toml" => Some(format!("`{krate}/`")),
            [domain, src, context, ..] if domain == "domain" && src == "src" && parts.len() > 3 => Some(format!("`{context}`")),
            _ => None,
        }
    });
    let mut missing: Vec<String> = folders.filter(|folder| !map.contains(folder)).collect();
    missing.dedup();
    none(&missing);
}

#[test]
fn decisions_are_numbered_and_complete() {
    let mut findings = Vec::new();
    let decisions: Vec<_> = documents().into_iter().filter(|file| file.starts_with("docs/adr") && !file.ends_with("README.md")).collect();
    for (number, file) in (1..).zip(&decisions) {
        let text = text(file).expect("a document is text");
        let name = file.file_name().expect("a name").to_string_lossy();
        if !name.starts_with(&format!("{number:04}-")) {
            findings.push(format!("{name}: expected number {number:04}"));
        }
        let missing = SECTIONS.iter().filter(|section| !text.contains(*section));
        findings.extend(missing.map(|section| format!("{name}: expected {}", section.trim())));
    }
    assert!(!decisions.is_empty());
    none(&findings);
}
