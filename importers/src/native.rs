//! Our own format, described in `docs/workshop-format.md`.

mod definition;
mod files;
mod kubernetes;
mod step;

use domain::workshops::content::{CompletionRule, Step};
use domain::workshops::defects;

use crate::bundle::Bundle;
use crate::diagnostic::{Findings, Severity};
use crate::imported::{Format, Imported, PageSummary};
use crate::page::key_from;

const STEPS: &str = "steps/";

/// Reads the whole workshop.
pub(crate) fn import(bundle: &Bundle) -> Imported {
    let mut findings = Findings::default();
    bundle.report_refused(&mut findings);
    let definition = definition::read(bundle, &mut findings);
    let (mut steps, mut summaries): (Vec<Step>, Vec<PageSummary>) = (Vec::new(), Vec::new());
    for file in bundle.under(STEPS) {
        let Some((step, summary)) = step::read(bundle, file, &mut findings) else { continue };
        if let Some(earlier) = summaries.iter().find(|earlier| earlier.step == step.key) {
            findings.error(file, 1, format!("left out: its key `{}` is that of {}", step.key, earlier.file));
            continue;
        }
        steps.push(step);
        summaries.push(summary);
    }
    report_unused(bundle, &steps, &mut findings);
    let slug = definition.as_ref().map_or_else(|| key_from(bundle.folder()), |definition| definition.slug.clone());
    let content = definition.map(|definition| {
        let mut content = definition.content;
        content.steps = steps;
        content
    });
    if let Some(content) = content.as_ref().filter(|_| !findings.has(Severity::Error)) {
        for defect in defects::of_version(content) {
            findings.error(definition::FILE, None, format!("{}: expected {}", defect.path, defect.expected));
        }
    }
    Imported::new(slug, Format::Nalabo, content, summaries, findings.into_diagnostics())
}

/// A script that no step names is probably a misspelt one.
fn report_unused(bundle: &Bundle, steps: &[Step], findings: &mut Findings) {
    let checks =
        || steps.iter().filter_map(|step| if let CompletionRule::Check(checks) = &step.rule { Some(checks) } else { None }).flatten();
    for file in bundle.under(step::CHECKS) {
        let name = file[step::CHECKS.len()..].trim_end_matches(".sh").trim_end_matches(".solution");
        if !checks().any(|check| check.name == name) {
            findings.warning(file, None, "no step has this check");
        }
    }
}

#[cfg(test)]
mod tests;
