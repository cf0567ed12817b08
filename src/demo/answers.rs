//! What the demo's learner knows: the right answers to the built-in workshop that it plays.

use domain::workshops::content::{CompletionRule, Content, Step};
use importers::BuiltIn;

use super::DemoError;

/// The workshop that is played.
pub(super) const SLUG: &str = "shell-files-and-processes";

/// The right answers of one workshop.
pub(super) struct Answers(Content);

impl Answers {
    /// Looked up in the files that the workshop was imported from: the API does not give them to learners.
    ///
    /// # Errors
    /// The workshop is not there.
    pub(super) fn try_new() -> Result<Self, DemoError> {
        let doing = "look up the answers";
        let workshops = importers::read(&BuiltIn).map_err(|error| DemoError::step(doing, error))?;
        let workshop = workshops.into_iter().find(|workshop| workshop.slug == SLUG);
        let content = workshop.and_then(|workshop| workshop.content);
        content.map(Self).ok_or_else(|| DemoError::step(doing, format!("there is no workshop {SLUG}")))
    }

    /// Indices of the right choices of a quiz.
    pub(super) fn choices(&self, step: &str) -> Vec<u16> {
        match self.step(step).map(|step| &step.rule) {
            Some(CompletionRule::Answer(quiz)) => quiz.correct.clone(),
            _ => Vec::new(),
        }
    }

    /// The commands that do what a step's checks look for, check by check. A step's own files appear a moment after the
    /// step is reached, which people do not notice: first it is looked for them.
    pub(super) fn commands(&self, step: &str) -> Vec<String> {
        let Some(Step { rule: CompletionRule::Check(checks), files, .. }) = self.step(step) else { return Vec::new() };
        let look = files.iter().map(|file| format!("until ls -l {} 2> /dev/null; do sleep 0.2; done", file.path));
        look.chain(checks.iter().filter_map(|check| check.solution.clone())).collect()
    }

    fn step(&self, key: &str) -> Option<&Step> {
        self.0.steps.iter().find(|step| step.key == key)
    }
}
