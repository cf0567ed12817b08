//! What may be asked of a history, and what is taken where nothing is said.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{UsageSpan, kept_step};

/// How many points an answer may have.
const MOST: i64 = 1000;
/// Steps begin at whole minutes.
const MINUTE: u32 = 60;
/// Steps that are taken where none is asked for: the finest that is kept and has at most [`MOST`] points.
const USUAL: [u32; 3] = [300, 3600, 86_400];

/// A question that cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: expected {expected}")]
pub struct RefusedSpan {
    /// `from`, `to` or `step`.
    pub field: &'static str,
    pub expected: String,
}

impl RefusedSpan {
    fn new(field: &'static str, expected: impl Into<String>) -> Self {
        Self { field, expected: expected.into() }
    }
}

impl UsageSpan {
    /// From an instant until another, now if it is left out, in steps of so many seconds: the first of 300, 3600 and 86400 that
    /// will do, if that is left out.
    ///
    /// # Errors
    /// Nothing is kept of that time, or not in such steps; or there would be more than 1000 of them.
    pub fn try_new(
        cluster: Option<Uuid>,
        from: DateTime<Utc>,
        to: Option<DateTime<Utc>>,
        step: Option<i32>,
        now: DateTime<Utc>,
    ) -> Result<Self, RefusedSpan> {
        let to = to.unwrap_or(now);
        if from >= to {
            return Err(RefusedSpan::new("from", "an instant before to"));
        }
        let kept = kept_step(from, now).ok_or_else(|| RefusedSpan::new("from", "an instant of the last 366 days"))?;
        let step = match step {
            Some(step) => checked(step, kept, to - from)?,
            None => usual(kept, to - from)?,
        };
        Ok(Self { cluster, from, to, step })
    }
}

/// A step that is asked for, if it can be answered.
fn checked(asked: i32, kept: u32, span: TimeDelta) -> Result<u32, RefusedSpan> {
    let refused = |expected: String| Err(RefusedSpan::new("step", format!("{expected}, got {asked}")));
    let finest = kept.max(MINUTE);
    let step = match u32::try_from(asked) {
        Ok(step) if step >= finest && step % finest == 0 => step,
        _ if kept == 0 => return refused(format!("a multiple of {MINUTE} seconds")),
        _ => return refused(format!("a multiple of {kept} seconds, which is what is kept of that time")),
    };
    if is_bounded(step, span) {
        return Ok(step);
    }
    refused(format!("at least {} seconds for so long a time: {MOST} points at most", span.num_seconds() / MOST + 1))
}

/// The step where none is asked for.
fn usual(kept: u32, span: TimeDelta) -> Result<u32, RefusedSpan> {
    // A year of days is within the bound; what is to come is not asked for.
    let step = USUAL.into_iter().find(|step| *step >= kept && is_bounded(*step, span));
    step.ok_or_else(|| RefusedSpan::new("to", "an instant at most 1000 days after from"))
}

fn is_bounded(step: u32, span: TimeDelta) -> bool {
    span.num_seconds() / i64::from(step) <= MOST
}

#[cfg(test)]
mod tests;
