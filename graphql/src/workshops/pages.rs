//! The page of a step. What would give the solution away is shown to those who write the workshop, and to nobody else.

use async_graphql::{Object, SimpleObject};
use domain::workshops::content::{self, CompletionRule, Step};

use super::actions::Block;
use crate::input::number;

/// What a learner reads and does in one step.
#[derive(SimpleObject)]
pub(crate) struct StepPage {
    /// Text and actions in the order of the page.
    blocks: Vec<Block>,
    /// What is to be answered, if the step is completed by an answer.
    question: Option<Question>,
    /// What is checked, if the step is completed by checks.
    checks: Vec<Check>,
}

#[derive(SimpleObject)]
pub(crate) struct Question {
    text: String,
    choices: Vec<String>,
    /// Indices of the right choices, from 0; for those who write the workshop.
    correct: Option<Vec<i32>>,
}

/// A script that looks whether the learner did it.
pub(crate) struct Check {
    check: content::Check,
    disclosed: bool,
}

/// A script that looks whether the learner did it.
#[Object]
impl Check {
    /// Unique within the step.
    async fn name(&self) -> &str {
        &self.check.name
    }

    async fn title(&self) -> &str {
        &self.check.title
    }

    async fn timeout_seconds(&self) -> i32 {
        number(self.check.timeout.0)
    }

    /// For those who write the workshop.
    async fn script(&self) -> Option<&str> {
        self.check.script.as_deref().filter(|_| self.disclosed)
    }

    /// For those who write the workshop.
    async fn arguments(&self) -> Option<&[String]> {
        self.disclosed.then_some(self.check.arguments.as_slice())
    }

    /// For those who write the workshop.
    async fn solution(&self) -> Option<&str> {
        self.check.solution.as_deref().filter(|_| self.disclosed)
    }
}

impl StepPage {
    /// The page of a step; `disclosed` to those who write the workshop.
    pub(crate) fn of(step: &Step, disclosed: bool) -> Self {
        let blocks = step.body.iter().map(Block::from).collect();
        let page = Self { blocks, question: None, checks: vec![] };
        match &step.rule {
            CompletionRule::Read => page,
            CompletionRule::Answer(quiz) => Self {
                question: Some(Question {
                    text: quiz.question.clone(),
                    choices: quiz.choices.clone(),
                    correct: disclosed.then(|| quiz.correct.iter().map(|choice| i32::from(*choice)).collect()),
                }),
                ..page
            },
            CompletionRule::Check(checks) => {
                Self { checks: checks.iter().map(|check| Check { check: check.clone(), disclosed }).collect(), ..page }
            }
        }
    }
}
