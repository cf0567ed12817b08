//! What a learner can click, as a page has it.

use std::collections::BTreeMap;

use async_graphql::{SimpleObject, Union};
use domain::workshops::content::{self, ActionKind};

use crate::input::number;

/// A stretch of a page.
#[derive(Union)]
pub(crate) enum Block {
    Text(TextBlock),
    Action(ActionBlock),
}

#[derive(SimpleObject)]
pub(crate) struct TextBlock {
    /// `CommonMark`.
    markdown: String,
}

#[derive(SimpleObject)]
pub(crate) struct ActionBlock {
    action: Action,
    /// As the author wrote it.
    body: String,
    /// Where it starts in the author's file, from 1.
    line: i32,
}

/// Something the learner can click.
#[derive(Union)]
pub(crate) enum Action {
    Execute(ExecuteAction),
    Input(InputAction),
    Interrupt(InterruptAction),
    Clear(ClearAction),
    SelectTerminal(SelectTerminalAction),
    Copy(CopyAction),
    OpenUrl(OpenUrlAction),
    Dashboard(DashboardAction),
    Editor(EditorAction),
    Files(FilesAction),
    ExecuteTest(ExecuteTestAction),
    SectionBegin(SectionBeginAction),
    SectionEnd(SectionEndAction),
    SectionHeading(SectionHeadingAction),
    Unknown(UnknownAction),
}

macro_rules! action {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(SimpleObject)]
        pub(crate) struct $name { $($field: $type),* }
    };
}

action! {
    /// Type a command and Enter into a terminal ("*": all of them).
    ExecuteAction { terminal: String, command: String }
}
action! {
    /// Type text into a terminal, with Enter or without.
    InputAction { terminal: String, text: String, enter: bool }
}
action! {
    /// Send the interrupt character.
    InterruptAction { terminal: String }
}
action! {
    ClearAction { terminal: String }
}
action! {
    SelectTerminalAction { terminal: String }
}
action! {
    /// Put text on the clipboard; `edit` if the learner is to change it first.
    CopyAction { text: String, edit: bool }
}
action! {
    OpenUrlAction { url: String }
}
action! {
    /// A `dashboard:*` action.
    DashboardAction { verb: String, arguments: Vec<Argument> }
}
action! {
    /// An `editor:*` action.
    EditorAction { verb: String, arguments: Vec<Argument> }
}
action! {
    /// A `files:*` action.
    FilesAction { verb: String, arguments: Vec<Argument> }
}
action! {
    /// Run a check of this step.
    ExecuteTestAction { check: String }
}
action! {
    SectionBeginAction { name: Option<String>, title: Option<String> }
}
action! {
    SectionEndAction { name: Option<String> }
}
action! {
    SectionHeadingAction { title: Option<String> }
}
action! {
    /// Kept, but nobody here knows what it does.
    UnknownAction { name: String }
}

/// A named value.
#[derive(SimpleObject)]
pub(crate) struct Argument {
    name: String,
    value: String,
}

fn arguments(given: &BTreeMap<String, String>) -> Vec<Argument> {
    given.iter().map(|(name, value)| Argument { name: name.clone(), value: value.clone() }).collect()
}

impl From<&content::Block> for Block {
    fn from(block: &content::Block) -> Self {
        match block {
            content::Block::Text(markdown) => Self::Text(TextBlock { markdown: markdown.clone() }),
            content::Block::Action(action) => {
                Self::Action(ActionBlock { action: (&action.kind).into(), body: action.body.clone(), line: number(action.line) })
            }
        }
    }
}

impl From<&ActionKind> for Action {
    fn from(kind: &ActionKind) -> Self {
        match kind.clone() {
            ActionKind::Execute { terminal, command } => Self::Execute(ExecuteAction { terminal, command }),
            ActionKind::Input { terminal, text, enter } => Self::Input(InputAction { terminal, text, enter }),
            ActionKind::Interrupt { terminal } => Self::Interrupt(InterruptAction { terminal }),
            ActionKind::Clear { terminal } => Self::Clear(ClearAction { terminal }),
            ActionKind::SelectTerminal { terminal } => Self::SelectTerminal(SelectTerminalAction { terminal }),
            ActionKind::Copy { text, edit } => Self::Copy(CopyAction { text, edit }),
            ActionKind::OpenUrl { url } => Self::OpenUrl(OpenUrlAction { url }),
            ActionKind::Dashboard { verb, arguments: given } => Self::Dashboard(DashboardAction { verb, arguments: arguments(&given) }),
            ActionKind::Editor { verb, arguments: given } => Self::Editor(EditorAction { verb, arguments: arguments(&given) }),
            ActionKind::Files { verb, arguments: given } => Self::Files(FilesAction { verb, arguments: arguments(&given) }),
            ActionKind::ExecuteTest { check } => Self::ExecuteTest(ExecuteTestAction { check }),
            ActionKind::SectionBegin { name, title } => Self::SectionBegin(SectionBeginAction { name, title }),
            ActionKind::SectionEnd { name } => Self::SectionEnd(SectionEndAction { name }),
            ActionKind::SectionHeading { title } => Self::SectionHeading(SectionHeadingAction { title }),
            ActionKind::Unknown { name } => Self::Unknown(UnknownAction { name }),
        }
    }
}
