//! What is asked when somebody registers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Flaw;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What its answer goes by.
    pub key: String,
    pub label: String,
    pub kind: QuestionKind,
    pub required: bool,
}

/// Which answers a question takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    Text,
    Number,
    YesNo,
    Choice(Vec<String>),
    Choices(Vec<String>),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Text(String),
    Number(i64),
    YesNo(bool),
    Choices(Vec<String>),
}

/// The most that is said in all answers together, in bytes: an event has to hold them.
const MOST: usize = 32 * 1024;

/// Answers by the keys of their questions.
pub type Answers = BTreeMap<String, Answer>;

impl Answer {
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Number(_) | Self::YesNo(_) => 0,
            Self::Choices(chosen) => chosen.iter().map(String::len).sum(),
        }
    }
}

impl Question {
    /// What is wrong with answers to these questions.
    #[must_use]
    pub fn flaws_of(questions: &[Self], answers: &Answers) -> Vec<Flaw> {
        let mut flaws: Vec<Flaw> = questions.iter().filter_map(|question| question.flaw(answers.get(&question.key))).collect();
        let is_asked = |key: &str| questions.iter().any(|question| question.key == key);
        let strange = answers.keys().filter(|key| !is_asked(key)).map(|key| flaw(key, "answers to the run's questions alone"));
        flaws.extend(strange);
        if answers.values().map(Answer::size).sum::<usize>() > MOST {
            flaws.push(Flaw { at: "answers".to_owned(), expected: format!("{MOST} bytes of text at most, in all of them together") });
        }
        flaws
    }

    fn flaw(&self, answer: Option<&Answer>) -> Option<Flaw> {
        let Some(answer) = answer else {
            return self.required.then(|| flaw(&self.key, "an answer"));
        };
        let is_one_of = |all: &[String], choice: &String| all.contains(choice);
        let expected = match (&self.kind, answer) {
            (QuestionKind::Text, Answer::Text(text)) if text.chars().count() <= 1000 && (!self.required || !text.trim().is_empty()) => {
                return None;
            }
            (QuestionKind::Number, Answer::Number(_)) | (QuestionKind::YesNo, Answer::YesNo(_)) => return None,
            (QuestionKind::Choice(all), Answer::Text(choice)) if is_one_of(all, choice) => return None,
            (QuestionKind::Choices(all), Answer::Choices(chosen))
                if chosen.iter().all(|choice| is_one_of(all, choice))
                    && chosen.iter().collect::<BTreeSet<_>>().len() == chosen.len()
                    && (!self.required || !chosen.is_empty()) =>
            {
                return None;
            }
            (QuestionKind::Text, _) => "a text of 1000 characters at most".to_owned(),
            (QuestionKind::Number, _) => "a whole number".to_owned(),
            (QuestionKind::YesNo, _) => "true or false".to_owned(),
            (QuestionKind::Choice(all), _) => format!("one of {}", all.join(", ")),
            (QuestionKind::Choices(all), _) => format!("some of {}, each once", all.join(", ")),
        };
        Some(flaw(&self.key, &expected))
    }

    pub(super) fn flaws(&self, at: &str) -> Vec<Flaw> {
        let mut flaws = vec![];
        let mut expect = |is_met: bool, field: &str, expected: &str| {
            if !is_met {
                flaws.push(Flaw { at: format!("{at}.{field}"), expected: expected.to_owned() });
            }
        };
        expect((1..=40).contains(&self.key.len()), "key", "1 to 40 characters");
        expect((1..=300).contains(&self.label.trim().chars().count()), "label", "1 to 300 characters");
        if let QuestionKind::Choice(all) | QuestionKind::Choices(all) = &self.kind {
            let is_list = (2..=50).contains(&all.len()) && all.iter().all(|choice| (1..=100).contains(&choice.chars().count()));
            expect(is_list, "choices", "2 to 50 choices of 1 to 100 characters");
        }
        flaws
    }
}

fn flaw(key: &str, expected: &str) -> Flaw {
    Flaw { at: format!("answers.{}", key.chars().take(40).collect::<String>()), expected: expected.to_owned() }
}

#[cfg(test)]
mod tests;
