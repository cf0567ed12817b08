//! Workshops to work on.

use domain::{
    kernel::{Minutes, Points},
    workshops::content::{
        Block, Category, Check, CompletionRule, Content, Difficulty, EnvironmentNeeds, ProvidedFile, Quiz, Step, StepOrder, Visibility,
    },
};

/// A workshop of these steps, without an environment.
pub(crate) fn content(title: &str, steps: Vec<Step>) -> Content {
    Content {
        title: title.into(),
        summary: "What it is about".into(),
        description: String::new(),
        category: Category::Docker,
        difficulty: Difficulty::Beginner,
        duration: Minutes(30),
        tags: vec![],
        languages: vec![],
        visibility: Visibility::Public,
        order: StepOrder::Sequential,
        completion_points: Points(50),
        environment: None,
        steps,
    }
}

/// Two pages to read, worth 10 points each and 50 for both.
pub(crate) fn reading(title: &str) -> Content {
    content(title, vec![read("one"), read("two")])
}

/// A page, a question, and two checks in an environment.
pub(crate) fn practice(title: &str) -> Content {
    let checks = CompletionRule::Check(vec![check("first"), check("second")]);
    let steps = vec![read("page"), step("question", CompletionRule::Answer(quiz())), step("task", checks)];
    Content { environment: Some(EnvironmentNeeds::default()), ..content(title, steps) }
}

pub(crate) fn step(key: &str, rule: CompletionRule) -> Step {
    Step { key: key.into(), title: key.into(), body: vec![Block::Text("Text".into())], points: Points(10), rule, files: vec![] }
}

pub(crate) fn read(key: &str) -> Step {
    step(key, CompletionRule::Read)
}

/// The second and the third of four are right.
pub(crate) fn quiz() -> Quiz {
    let choices = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    Quiz { question: "Which?".into(), choices, correct: vec![1, 2] }
}

pub(crate) fn check(name: &str) -> Check {
    let script = Some("test -f done".to_owned());
    Check { name: name.into(), title: name.into(), script, arguments: vec![], timeout: Check::default_timeout(), solution: None }
}

pub(crate) fn file(path: &str) -> ProvidedFile {
    ProvidedFile { path: path.into(), contents: "x".into(), executable: false }
}
