//! What keeps content from being kept as a draft, or from being published.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    Outline,
    cluster_needs::of_cluster_needs,
    content::{Block, Category, Check, CompletionRule, Content, EnvironmentNeeds, ProvidedFile, Quiz, Step},
};
use crate::kernel::{Minutes, Points};

/// Something an author has to mend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// Where in the content, such as `steps[2].rule.check[0].script`.
    pub path: String,
    /// What was expected.
    pub expected: String,
}

impl Defect {
    /// Expected something else at `path`.
    pub fn new(path: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { path: path.into(), expected: expected.into() }
    }

    /// One sentence for all of them.
    #[must_use]
    pub fn listed(defects: &[Self]) -> String {
        let each: Vec<_> = defects.iter().map(|defect| format!("{}: expected {}", defect.path, defect.expected)).collect();
        each.join("; ")
    }
}

/// What a draft must hold to: bounds, so that events and pages stay small, and unambiguous keys.
#[must_use]
pub fn of_draft(content: &Content) -> Vec<Defect> {
    let mut found = Vec::new();
    let mut bound = |path: String, text: &str, most: usize| {
        if text.chars().count() > most {
            found.push(Defect::new(path, format!("at most {most} characters")));
        }
    };
    bound("title".into(), &content.title, 200);
    bound("summary".into(), &content.summary, 1000);
    bound("description".into(), &content.description, 20_000);
    if let Category::Other(word) = &content.category {
        bound("category".into(), word, 40);
    }
    for (at, tag) in content.tags.iter().enumerate() {
        bound(format!("tags[{at}]"), tag, 40);
    }
    for (at, language) in content.languages.iter().enumerate() {
        bound(format!("languages[{at}]"), language, 40);
    }
    for (at, step) in content.steps.iter().enumerate() {
        bound(format!("steps[{at}].title"), &step.title, 200);
    }
    if content.title.trim().is_empty() {
        found.push(Defect::new("title", "a title"));
    }
    of_numbers(content, &mut found);
    of_keys(&content.steps, &mut found);
    if let Some(needs) = &content.environment {
        of_environment(needs, &mut found);
    }
    found
}

fn of_numbers(content: &Content, found: &mut Vec<Defect>) {
    let mut most = |path: &str, value: usize, most: usize, unit: &str| {
        if value > most {
            found.push(Defect::new(path, format!("at most {most} {unit}")));
        }
    };
    most("tags", content.tags.len(), 20, "tags");
    most("languages", content.languages.len(), 20, "languages");
    most("steps", content.steps.len(), 200, "steps");
    // What events carry of it must leave them room under the journal's limit of 64 KiB.
    most("steps", serde_json::to_vec(&Outline::from(content)).map_or(usize::MAX, |json| json.len()), 49_152, "bytes of keys and titles");
    let mut points = |path: String, points: Points| {
        if points > Points(10_000) {
            found.push(Defect::new(path, "at most 10000 points"));
        }
    };
    points("completion_points".into(), content.completion_points);
    for (at, step) in content.steps.iter().enumerate() {
        points(format!("steps[{at}].points"), step.points);
    }
    if content.duration > Minutes(10_080) {
        found.push(Defect::new("duration", "at most 10080 minutes"));
    }
}

fn of_keys(steps: &[Step], found: &mut Vec<Defect>) {
    let mut keys = HashSet::new();
    for (at, step) in steps.iter().enumerate() {
        if !is_key(&step.key) {
            found.push(Defect::new(format!("steps[{at}].key"), "1 to 80 lower-case letters, digits and single hyphens between them"));
        } else if !keys.insert(&step.key) {
            found.push(Defect::new(format!("steps[{at}].key"), format!("a key that no other step has, not {} again", step.key)));
        }
    }
}

/// What a version must hold to, on top of [`of_draft`]. Whether scripts parse is found out elsewhere: it takes a shell.
#[must_use]
pub fn of_version(content: &Content) -> Vec<Defect> {
    let mut found = of_draft(content);
    if content.summary.trim().is_empty() {
        found.push(Defect::new("summary", "a summary"));
    }
    if content.steps.is_empty() {
        found.push(Defect::new("steps", "at least one step"));
    }
    for (at, step) in content.steps.iter().enumerate() {
        of_step(&format!("steps[{at}]"), step, content.environment.is_some(), &mut found);
    }
    found
}

fn of_step(path: &str, step: &Step, has_environment: bool, found: &mut Vec<Defect>) {
    if step.title.trim().is_empty() {
        found.push(Defect::new(format!("{path}.title"), "a title"));
    }
    let has_content = step.body.iter().any(|block| match block {
        Block::Text(text) => !text.trim().is_empty(),
        Block::Action(_) => true,
    });
    if !has_content {
        found.push(Defect::new(format!("{path}.body"), "content"));
    }
    of_files(&format!("{path}.files"), &step.files, found);
    match &step.rule {
        CompletionRule::Read => {}
        CompletionRule::Answer(quiz) => of_quiz(&format!("{path}.rule.answer"), quiz, found),
        CompletionRule::Check(checks) => {
            of_checks(&format!("{path}.rule.check"), checks, found);
            if !has_environment {
                found.push(Defect::new("environment", format!("an environment, because step {} has checks", step.key)));
            }
        }
    }
}

fn of_quiz(path: &str, quiz: &Quiz, found: &mut Vec<Defect>) {
    if quiz.question.trim().is_empty() {
        found.push(Defect::new(format!("{path}.question"), "a question"));
    }
    if !(2..=20).contains(&quiz.choices.len()) {
        found.push(Defect::new(format!("{path}.choices"), "2 to 20 choices"));
    }
    let distinct: HashSet<_> = quiz.correct.iter().collect();
    let in_range = quiz.correct.iter().all(|choice| usize::from(*choice) < quiz.choices.len());
    if quiz.correct.is_empty() || distinct.len() != quiz.correct.len() || !in_range {
        found.push(Defect::new(format!("{path}.correct"), "distinct indices of choices, from 0, at least one"));
    }
}

fn of_checks(path: &str, checks: &[Check], found: &mut Vec<Defect>) {
    if !(1..=50).contains(&checks.len()) {
        found.push(Defect::new(path, "1 to 50 checks"));
    }
    let mut names = HashSet::new();
    for (at, check) in checks.iter().enumerate() {
        if check.name.trim().is_empty() || check.name.chars().count() > 200 {
            found.push(Defect::new(format!("{path}[{at}].name"), "a name of 1 to 200 characters"));
        } else if !names.insert(&check.name) {
            found.push(Defect::new(format!("{path}[{at}].name"), format!("a name that no other check has, not {} again", check.name)));
        }
        if check.script.as_ref().is_none_or(|script| script.trim().is_empty()) {
            found.push(Defect::new(format!("{path}[{at}].script"), "a script"));
        }
        if !(1..=300).contains(&check.timeout.0) {
            found.push(Defect::new(format!("{path}[{at}].timeout"), "1 to 300 seconds"));
        }
    }
}

fn of_environment(needs: &EnvironmentNeeds, found: &mut Vec<Defect>) {
    let mut range = |name: &str, value: u32, least: u32, most: u32, unit: &str| {
        if !(least..=most).contains(&value) {
            found.push(Defect::new(format!("environment.{name}"), format!("{least} to {most} {unit}")));
        }
    };
    range("memory", needs.memory.0, 32, 16_384, "MiB");
    range("processes", needs.processes, 8, 4096, "processes");
    range("cpu", needs.cpu.0, 5, 36_000, "seconds");
    range("disk", needs.disk.0, 4, 16_384, "MiB");
    range("lifetime", needs.lifetime.0, 5, 1440, "minutes");
    of_files("environment.files", &needs.files, found);
    if let Some(needs) = &needs.kubernetes {
        of_cluster_needs("environment.kubernetes", needs, found);
    }
}

fn of_files(path: &str, files: &[ProvidedFile], found: &mut Vec<Defect>) {
    for (at, file) in files.iter().enumerate() {
        let plain = file.path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        if !plain || file.path.contains('\0') || file.path.len() > 255 {
            found.push(Defect::new(format!("{path}[{at}].path"), "a path inside the home, without . and .."));
        }
    }
}

/// Whether it may name a step or a workshop in an address.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let plain = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    (1..=80).contains(&text.len()) && plain && !text.starts_with('-') && !text.ends_with('-') && !text.contains("--")
}

#[cfg(test)]
mod tests;
