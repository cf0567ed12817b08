//! Content as authors send it.

use async_graphql::{InputObject, OneofObject};
use domain::{
    kernel::{Minutes, Points, Seconds},
    workshops::content::{self, ActionKind, CompletionRule, Content},
};

use super::{
    environment_needs::{EnvironmentNeedsInput, ProvidedFileInput},
    words::{self, Difficulty, StepOrder, Visibility},
};
use crate::failure::{Failure, Result};

/// What a workshop consists of.
#[derive(InputObject)]
pub(crate) struct WorkshopContentInput {
    /// A line.
    title: String,
    /// A paragraph.
    summary: String,
    /// `CommonMark`.
    #[graphql(default)]
    description: String,
    /// docker, kubernetes, cloud, devops, ai-ml, data-science, security, or another word.
    category: String,
    difficulty: Difficulty,
    /// How long a learner is expected to take.
    duration_minutes: u32,
    #[graphql(default)]
    tags: Vec<String>,
    /// Natural languages as BCP 47 tags, the first being the main one.
    #[graphql(default)]
    languages: Vec<String>,
    #[graphql(default_with = "Visibility::Public")]
    visibility: Visibility,
    #[graphql(default_with = "StepOrder::Sequential")]
    step_order: StepOrder,
    /// What finishing earns, on top of the steps.
    #[graphql(default)]
    completion_points: u32,
    /// Left out for a workshop that is only read and answered.
    environment: Option<EnvironmentNeedsInput>,
    steps: Vec<StepInput>,
}

/// One page of a workshop.
#[derive(InputObject)]
pub(crate) struct StepInput {
    /// Unique within the workshop; lower-case letters, digits and hyphens. Progress is kept under it.
    key: String,
    title: String,
    /// Text and actions in the order of the page.
    body: Vec<BlockInput>,
    #[graphql(default)]
    points: u32,
    rule: CompletionRuleInput,
    /// Put into the home when the step becomes the current one.
    #[graphql(default)]
    files: Vec<ProvidedFileInput>,
}

/// When a step counts as done.
#[derive(OneofObject)]
pub(crate) enum CompletionRuleInput {
    /// The learner says so; must be true.
    Read(bool),
    /// The learner picks the right choices.
    Answer(QuizInput),
    /// Every script exits with 0 in the learner's environment.
    Check(Vec<CheckInput>),
}

/// A question with a closed set of answers.
#[derive(InputObject)]
pub(crate) struct QuizInput {
    question: String,
    choices: Vec<String>,
    /// Indices into `choices`, from 0; all of them must be picked, and no other.
    correct: Vec<u16>,
}

/// A script that looks whether the learner did it.
#[derive(InputObject)]
pub(crate) struct CheckInput {
    /// Unique within the step.
    name: String,
    /// What the learner sees.
    title: String,
    /// Bash.
    script: Option<String>,
    #[graphql(default)]
    arguments: Vec<String>,
    #[graphql(default = 15)]
    timeout_seconds: u32,
    /// Bash that does what the learner should do; never shown to learners.
    solution: Option<String>,
}

/// A stretch of a page.
#[derive(OneofObject)]
pub(crate) enum BlockInput {
    /// `CommonMark`.
    Text(String),
    Action(ActionBlockInput),
}

/// Something the learner can click.
#[derive(InputObject)]
pub(crate) struct ActionBlockInput {
    action: ActionInput,
    /// As shown to the learner.
    #[graphql(default)]
    body: String,
}

/// What an action does.
#[derive(OneofObject)]
pub(crate) enum ActionInput {
    Execute(ExecuteActionInput),
    Input(InputActionInput),
    Interrupt(TerminalInput),
    Clear(TerminalInput),
    SelectTerminal(TerminalInput),
    Copy(CopyActionInput),
    OpenUrl(OpenUrlActionInput),
    Dashboard(VerbInput),
    Editor(VerbInput),
    Files(VerbInput),
    ExecuteTest(ExecuteTestActionInput),
    SectionBegin(SectionInput),
    SectionEnd(SectionInput),
    SectionHeading(SectionInput),
}

#[derive(InputObject)]
pub(crate) struct ExecuteActionInput {
    #[graphql(default_with = r#""1".to_owned()"#)]
    terminal: String,
    command: String,
}

#[derive(InputObject)]
pub(crate) struct InputActionInput {
    #[graphql(default_with = r#""1".to_owned()"#)]
    terminal: String,
    text: String,
    #[graphql(default = true)]
    enter: bool,
}

#[derive(InputObject)]
pub(crate) struct TerminalInput {
    #[graphql(default_with = r#""1".to_owned()"#)]
    terminal: String,
}

#[derive(InputObject)]
pub(crate) struct CopyActionInput {
    text: String,
    #[graphql(default)]
    edit: bool,
}

#[derive(InputObject)]
pub(crate) struct OpenUrlActionInput {
    url: String,
}

#[derive(InputObject)]
pub(crate) struct VerbInput {
    verb: String,
    #[graphql(default)]
    arguments: Vec<ArgumentInput>,
}

/// A named value.
#[derive(InputObject)]
pub(crate) struct ArgumentInput {
    name: String,
    value: String,
}

#[derive(InputObject)]
pub(crate) struct ExecuteTestActionInput {
    /// The name of a check of this step.
    check: String,
}

#[derive(InputObject)]
pub(crate) struct SectionInput {
    name: Option<String>,
    title: Option<String>,
}

impl TryFrom<WorkshopContentInput> for Content {
    type Error = Failure;

    fn try_from(input: WorkshopContentInput) -> Result<Self> {
        let steps = input.steps.into_iter().enumerate().map(|(at, step)| read_step(at, step));
        Ok(Self {
            title: input.title,
            summary: input.summary,
            description: input.description,
            category: words::category(input.category)?,
            difficulty: input.difficulty.into(),
            duration: Minutes(input.duration_minutes),
            tags: input.tags,
            languages: input.languages,
            visibility: input.visibility.into(),
            order: input.step_order.into(),
            completion_points: Points(input.completion_points),
            environment: input.environment.map(TryInto::try_into).transpose()?,
            steps: steps.collect::<Result<_>>()?,
        })
    }
}

fn read_step(at: usize, input: StepInput) -> Result<content::Step> {
    let rule = match input.rule {
        CompletionRuleInput::Read(true) => CompletionRule::Read,
        CompletionRuleInput::Read(false) => {
            let field = format!("content.steps[{at}].rule.read");
            return Err(Failure::expected(&field, "true"));
        }
        CompletionRuleInput::Answer(QuizInput { question, choices, correct }) => {
            CompletionRule::Answer(content::Quiz { question, choices, correct })
        }
        CompletionRuleInput::Check(checks) => CompletionRule::Check(checks.into_iter().map(Into::into).collect()),
    };
    Ok(content::Step {
        key: input.key,
        title: input.title,
        body: input.body.into_iter().map(Into::into).collect(),
        points: Points(input.points),
        rule,
        files: input.files.into_iter().map(Into::into).collect(),
    })
}

impl From<CheckInput> for content::Check {
    fn from(CheckInput { name, title, script, arguments, timeout_seconds, solution }: CheckInput) -> Self {
        Self { name, title, script, arguments, timeout: Seconds(timeout_seconds), solution }
    }
}

impl From<BlockInput> for content::Block {
    fn from(input: BlockInput) -> Self {
        match input {
            BlockInput::Text(text) => Self::Text(text),
            // It comes from no file, so it starts on no line of one.
            BlockInput::Action(ActionBlockInput { action, body }) => Self::Action(content::Action { kind: action.into(), body, line: 0 }),
        }
    }
}

impl From<ActionInput> for ActionKind {
    fn from(input: ActionInput) -> Self {
        let named = |arguments: Vec<ArgumentInput>| arguments.into_iter().map(|argument| (argument.name, argument.value)).collect();
        match input {
            ActionInput::Execute(ExecuteActionInput { terminal, command }) => Self::Execute { terminal, command },
            ActionInput::Input(InputActionInput { terminal, text, enter }) => Self::Input { terminal, text, enter },
            ActionInput::Interrupt(TerminalInput { terminal }) => Self::Interrupt { terminal },
            ActionInput::Clear(TerminalInput { terminal }) => Self::Clear { terminal },
            ActionInput::SelectTerminal(TerminalInput { terminal }) => Self::SelectTerminal { terminal },
            ActionInput::Copy(CopyActionInput { text, edit }) => Self::Copy { text, edit },
            ActionInput::OpenUrl(OpenUrlActionInput { url }) => Self::OpenUrl { url },
            ActionInput::Dashboard(VerbInput { verb, arguments }) => Self::Dashboard { verb, arguments: named(arguments) },
            ActionInput::Editor(VerbInput { verb, arguments }) => Self::Editor { verb, arguments: named(arguments) },
            ActionInput::Files(VerbInput { verb, arguments }) => Self::Files { verb, arguments: named(arguments) },
            ActionInput::ExecuteTest(ExecuteTestActionInput { check }) => Self::ExecuteTest { check },
            ActionInput::SectionBegin(SectionInput { name, title }) => Self::SectionBegin { name, title },
            ActionInput::SectionEnd(SectionInput { name, title: _ }) => Self::SectionEnd { name },
            ActionInput::SectionHeading(SectionInput { name: _, title }) => Self::SectionHeading { title },
        }
    }
}
