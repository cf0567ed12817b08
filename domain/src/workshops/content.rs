//! What a workshop consists of. Too large for an event: it is stored beside the journal under its digest, and
//! events carry the [`Outline`](super::Outline).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cluster_needs::KubernetesNeeds;
use crate::kernel::{Mebibytes, Minutes, Points, Seconds};

/// One state of a workshop's content, as authors write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// A line.
    pub title: String,
    /// A paragraph.
    pub summary: String,
    /// `CommonMark`.
    #[serde(default)]
    pub description: String,
    pub category: Category,
    pub difficulty: Difficulty,
    /// How long a learner is expected to take.
    pub duration: Minutes,
    #[serde(default)]
    pub tags: Vec<String>,
    /// Natural languages as BCP 47 tags, the first being the main one.
    #[serde(default)]
    pub languages: Vec<String>,
    #[serde(default)]
    pub visibility: Visibility,
    #[serde(default)]
    pub order: StepOrder,
    /// What finishing earns, on top of the steps.
    #[serde(default)]
    pub completion_points: Points,
    /// Absent for a workshop that is only read and answered.
    #[serde(default)]
    pub environment: Option<EnvironmentNeeds>,
    pub steps: Vec<Step>,
}

/// What a workshop is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    Docker,
    Kubernetes,
    Cloud,
    Devops,
    AiMl,
    DataScience,
    Security,
    /// Any other, in the author's word.
    #[serde(untagged)]
    Other(String),
}

/// How much a learner should already know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difficulty {
    Beginner,
    Intermediate,
    Advanced,
    Expert,
}

/// Who finds the workshop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// Listed for everybody.
    #[default]
    Public,
    /// Found by those who know its slug.
    Unlisted,
    /// Seen by its author and administrators.
    Private,
}

/// Whether steps must be completed one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOrder {
    #[default]
    Sequential,
    Free,
}

/// What a learner needs to work in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnvironmentNeeds {
    /// Memory of all processes together.
    pub memory: Mebibytes,
    /// Processes and threads at once.
    pub processes: u32,
    /// CPU time of one process.
    pub cpu: Seconds,
    /// What the home may hold.
    pub disk: Mebibytes,
    /// How long it lives at the most.
    pub lifetime: Minutes,
    /// Programs that must be there, such as `git`.
    pub programs: Vec<String>,
    /// Files that are there from the start.
    pub files: Vec<ProvidedFile>,
    /// A part of a Kubernetes cluster; absent for a workshop that does without. Content from before has no such field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<KubernetesNeeds>,
}

impl Default for EnvironmentNeeds {
    fn default() -> Self {
        Self {
            memory: Mebibytes(256),
            processes: 64,
            cpu: Seconds(120),
            disk: Mebibytes(64),
            lifetime: Minutes(120),
            programs: Vec::new(),
            files: Vec::new(),
            kubernetes: None,
        }
    }
}

/// A file put into the learner's home.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvidedFile {
    /// Relative to the home, without `..`.
    pub path: String,
    pub contents: String,
    #[serde(default)]
    pub executable: bool,
}

/// One page of a workshop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Unique within the workshop; lower-case letters, digits and hyphens. Progress is kept under it.
    pub key: String,
    pub title: String,
    /// Text and actions in the order of the page.
    pub body: Vec<Block>,
    #[serde(default)]
    pub points: Points,
    pub rule: CompletionRule,
    /// Put into the home when the step becomes the current one.
    #[serde(default)]
    pub files: Vec<ProvidedFile>,
}

/// A stretch of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Block {
    /// `CommonMark`.
    Text(String),
    /// Something the learner can click.
    Action(Action),
}

/// A clickable action, such as "run this in the terminal".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    pub kind: ActionKind,
    /// The fence's contents as written.
    pub body: String,
    /// Where the fence starts in its file, from 1.
    pub line: u32,
}

/// What an action does. Names follow Educates' clickable actions, which our own format uses too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionKind {
    /// Type a command and Enter into a terminal (`terminal` is `"*"` for all).
    Execute {
        terminal: String,
        command: String,
    },
    /// Type text into a terminal, with Enter or without.
    Input {
        terminal: String,
        text: String,
        enter: bool,
    },
    /// Send the interrupt character.
    Interrupt {
        terminal: String,
    },
    Clear {
        terminal: String,
    },
    SelectTerminal {
        terminal: String,
    },
    /// Put text on the clipboard; `edit` if the learner is to change it first.
    Copy {
        text: String,
        edit: bool,
    },
    OpenUrl {
        url: String,
    },
    /// Other `dashboard:*` actions, by their verb.
    Dashboard {
        verb: String,
        arguments: BTreeMap<String, String>,
    },
    /// `editor:*` actions, by their verb.
    Editor {
        verb: String,
        arguments: BTreeMap<String, String>,
    },
    /// `files:*` actions, by their verb.
    Files {
        verb: String,
        arguments: BTreeMap<String, String>,
    },
    /// Run a named check; `check` is the [`Check::name`] of this step.
    ExecuteTest {
        check: String,
    },
    SectionBegin {
        name: Option<String>,
        title: Option<String>,
    },
    SectionEnd {
        name: Option<String>,
    },
    SectionHeading {
        title: Option<String>,
    },
    /// Kept, but nobody here knows what it does.
    Unknown {
        name: String,
    },
}

/// When a step counts as done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompletionRule {
    /// The learner says so.
    Read,
    /// The learner picks the right choices.
    Answer(Quiz),
    /// Every script exits with 0 in the learner's environment.
    Check(Vec<Check>),
}

/// A question with a closed set of answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiz {
    pub question: String,
    pub choices: Vec<String>,
    /// Indices into `choices`, from 0; all of them must be picked, and no other.
    pub correct: Vec<u16>,
}

/// A script that looks whether the learner did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Unique within the step.
    pub name: String,
    /// What the learner sees.
    pub title: String,
    /// Bash. Absent where an import named a script that was not there; such a step cannot be published.
    #[serde(default)]
    pub script: Option<String>,
    #[serde(default)]
    pub arguments: Vec<String>,
    #[serde(default = "Check::default_timeout")]
    pub timeout: Seconds,
    /// Bash that does what the learner should do; for authors' tests only, never shown to learners.
    #[serde(default)]
    pub solution: Option<String>,
}

impl Check {
    /// How long a script may run if it does not say.
    #[must_use]
    pub const fn default_timeout() -> Seconds {
        Seconds(15)
    }
}

#[cfg(test)]
mod tests;
