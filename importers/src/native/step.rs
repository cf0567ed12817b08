//! `steps/NN-name.md`.

use domain::kernel::Points;
use domain::workshops::content::{Check, CompletionRule, Quiz, Step};
use domain::workshops::defects::is_key;

use super::{STEPS, files};
use crate::action::TestCall;
use crate::bundle::{Bundle, is_plain};
use crate::diagnostic::Findings;
use crate::front_matter;
use crate::imported::PageSummary;
use crate::measure;
use crate::page::{self, key_from, title_from, without_number};
use crate::yaml::{Fields, Node, nearest};

/// Where scripts are.
pub(super) const CHECKS: &str = "checks/";
const MAX_CHECKS: usize = 50;
const FIELDS: [&str; 7] = ["title", "key", "points", "rule", "quiz", "checks", "files"];

/// A step and its summary; nothing if its file is no page or its header cannot be read, which is reported.
pub(super) fn read(bundle: &Bundle, file: &str, findings: &mut Findings) -> Option<(Step, PageSummary)> {
    let Some(stem) = file.strip_prefix(STEPS).and_then(|name| name.strip_suffix(".md")) else {
        findings.warning(file, None, "left out: only Markdown pages (.md) are steps");
        return None;
    };
    let page = front_matter::split(bundle.text(file, findings)?)
        .map_err(|error| findings.error(file, error.line, format!("left out: {error}")))
        .ok()?;
    let fields = Fields::of(file, &page.header, findings);
    fields.refuse_unknown(&FIELDS, findings);
    let key = fields.parsed("key", "lower-case letters, digits and hyphens", |key| is_key(key).then(|| key.to_owned()), findings);
    let key = key.unwrap_or_else(|| key_from(without_number(stem)));
    let title = fields.required("title", findings).map_or_else(|| title_from(file), str::to_owned);
    let rule = rule(bundle, file, &fields, findings);
    let checks = if let CompletionRule::Check(checks) = &rule { checks.as_slice() } else { &[] };
    let read = page::read(file, page.body, page.body_line, findings, |call, findings| resolve(file, call, checks, findings));
    let summary = PageSummary { file: file.to_owned(), title: title.clone(), step: key.clone(), actions: read.actions };
    let points = fields.parsed("points", "a whole number", |text| text.parse().ok(), findings).map(Points).unwrap_or_default();
    let files = files::read(bundle, file, &fields, findings);
    Some((Step { key, title, body: read.blocks, points, rule, files }, summary))
}

/// A test on the page runs one of the step's checks.
fn resolve(file: &str, call: TestCall, checks: &[Check], findings: &mut Findings) -> String {
    if !checks.iter().any(|check| check.name == call.name) {
        let names: Vec<_> = checks.iter().map(|check| check.name.as_str()).collect();
        let hint = nearest(&call.name, &names).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        findings.error(file, call.line, format!("this step has no check `{}`{hint}", call.name));
    }
    call.name
}

fn rule(bundle: &Bundle, file: &str, fields: &Fields<'_>, findings: &mut Findings) -> CompletionRule {
    let rule = fields.required("rule", findings).unwrap_or("read");
    for (field, its_rule) in [("quiz", "answer"), ("checks", "check")] {
        match fields.get(field) {
            Some(_) if rule != its_rule => findings.error(file, fields.line_of(field), format!("`{field}` goes with `rule: {its_rule}`")),
            None if rule == its_rule => findings.error(file, fields.line(), format!("`rule: {its_rule}` needs `{field}`")),
            _ => {}
        }
    }
    match rule {
        "answer" => fields.get("quiz").map_or(CompletionRule::Read, |node| CompletionRule::Answer(quiz(file, node, findings))),
        "check" => CompletionRule::Check(checks(bundle, file, fields, findings)),
        "read" => CompletionRule::Read,
        other => {
            findings.error(file, fields.line_of("rule"), format!("`rule`: expected read, answer or check, not `{other}`"));
            CompletionRule::Read
        }
    }
}

/// Right answers are given by their text, so that choices can be put into another order.
fn quiz(file: &str, node: &Node, findings: &mut Findings) -> Quiz {
    let fields = Fields::of(file, node, findings);
    fields.refuse_unknown(&["question", "choices", "correct"], findings);
    let question = fields.required("question", findings).unwrap_or_default().to_owned();
    let choices = fields.texts("choices", findings);
    let mut correct = Vec::new();
    for item in fields.items("correct", findings) {
        let answer = item.as_text().unwrap_or_default();
        match choices.iter().position(|choice| choice == answer).and_then(|index| u16::try_from(index).ok()) {
            Some(index) => correct.push(index),
            None => findings.error(file, item.line, format!("`correct`: `{answer}` is none of the choices")),
        }
    }
    Quiz { question, choices, correct }
}

fn checks(bundle: &Bundle, file: &str, fields: &Fields<'_>, findings: &mut Findings) -> Vec<Check> {
    let items = fields.items("checks", findings);
    if items.len() > MAX_CHECKS {
        findings.error(file, items[MAX_CHECKS].line, format!("a step may have at most {MAX_CHECKS} checks"));
    }
    items.iter().take(MAX_CHECKS).filter_map(|item| check(bundle, file, item, findings)).collect()
}

fn check(bundle: &Bundle, file: &str, node: &Node, findings: &mut Findings) -> Option<Check> {
    let fields = Fields::of(file, node, findings);
    fields.refuse_unknown(&["name", "title", "args", "timeout"], findings);
    let name = fields.required("name", findings)?;
    let path = format!("{CHECKS}{name}.sh");
    if !is_plain(name) || name.contains('/') {
        findings.error(file, node.line, format!("`{name}`: expected the name of a script in checks/"));
    } else if !bundle.has(&path) {
        findings.error(file, node.line, format!("there is no {path}"));
    }
    Some(Check {
        name: name.to_owned(),
        title: fields.required("title", findings).unwrap_or(name).to_owned(),
        script: bundle.script(&path, findings),
        arguments: fields.texts("args", findings),
        timeout: fields.parsed("timeout", "a duration such as 15s", measure::duration, findings).unwrap_or(Check::default_timeout()),
        solution: bundle.script(&format!("{CHECKS}{name}.solution.sh"), findings),
    })
}
