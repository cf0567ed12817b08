//! Tries at a step.

use async_graphql::{Context, Enum, Object, SimpleObject};
use domain::{kernel::Timestamp, learning::session::CheckEnd};
use projections::learning::attempts;

use crate::{failure::Result, input::number, personal};

/// One try at a step: an answer, or a run of its checks up to the first that failed.
#[derive(SimpleObject)]
pub(crate) struct Attempt {
    /// Counts tries at the step from 1.
    number: i32,
    passed: bool,
    at: Timestamp,
    /// Of an answer: what was chosen, as indices from 0.
    choices: Option<Vec<i32>>,
    checks: Vec<CheckRun>,
}

/// How a check's script ended.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckRunEnd {
    /// By itself: with 0 it passed.
    Exited,
    Signalled,
    TimedOut,
    OutputLimit,
}

/// One run of one check.
pub(crate) struct CheckRun {
    row: attempts::Model,
    end: CheckEnd,
}

/// One run of one check.
#[Object]
impl CheckRun {
    /// The check's name within the step.
    async fn check(&self) -> &str {
        &self.row.check_name
    }

    async fn passed(&self) -> bool {
        self.row.passed
    }

    async fn end(&self) -> CheckRunEnd {
        match self.end {
            CheckEnd::Exited(_) => CheckRunEnd::Exited,
            CheckEnd::Signalled(_) => CheckRunEnd::Signalled,
            CheckEnd::TimedOut => CheckRunEnd::TimedOut,
            CheckEnd::OutputLimit => CheckRunEnd::OutputLimit,
        }
    }

    /// With what it exited, if it did.
    async fn exit_code(&self) -> Option<i32> {
        match self.end {
            CheckEnd::Exited(code) => Some(code),
            CheckEnd::Signalled(_) | CheckEnd::TimedOut | CheckEnd::OutputLimit => None,
        }
    }

    /// The last 4 KiB of what it printed; null once the learner's data was erased.
    async fn output(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &self.row.output {
            Some(output) => personal::open(ctx, &output.0).await,
            None => Ok(None),
        }
    }

    /// Equal where two runs of this learner's printed the same; it tells nothing else.
    async fn digest(&self) -> Option<&str> {
        self.row.digest.as_deref()
    }

    async fn milliseconds(&self) -> Option<i32> {
        self.row.milliseconds.map(number)
    }
}

impl Attempt {
    /// The tries at a step among those of a session, earliest first.
    pub(super) fn of_step(rows: &[attempts::Model], step: &str) -> Vec<Self> {
        let of_step: Vec<&attempts::Model> = rows.iter().filter(|row| row.step == step).collect();
        of_step.chunk_by(|one, other| one.attempt == other.attempt).filter_map(Self::of_rows).collect()
    }

    fn of_rows(rows: &[&attempts::Model]) -> Option<Self> {
        let last = rows.last()?;
        let choices = last.choices.as_ref().map(|choices| choices.iter().map(|choice| i32::from(*choice)).collect());
        let run = |row: &&attempts::Model| row.end.as_ref().map(|end| CheckRun { row: (*row).clone(), end: end.0 });
        Some(Self {
            number: number(last.attempt),
            passed: rows.iter().all(|row| row.passed),
            at: last.at,
            choices,
            checks: rows.iter().filter_map(run).collect(),
        })
    }
}
