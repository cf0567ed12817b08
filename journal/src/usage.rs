//! What clusters had to give and what of it was taken, kept beside the events: measurements, not decisions.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::JournalError;

mod span;
mod sql;

pub use span::RefusedSpan;
pub(crate) use sql::{KEEP, PointRow, THIN, binds, point, points};

/// Keeps measurements of clusters, and thins them with time: as measured for a day, by five minutes for a week, by the hour for a
/// year.
#[async_trait::async_trait]
pub trait UsageHistory: Send + Sync + 'static {
    /// Keeps a measurement. A second one of the same cluster and instant changes nothing.
    async fn keep_usage(&self, sample: UsageSample) -> Result<(), JournalError>;

    /// What was measured within a span of time, in steps, those without a measurement left out, earliest first.
    async fn usage(&self, span: UsageSpan) -> Result<Vec<UsagePoint>, JournalError>;

    /// Sums up and removes some of what is old; how many rows that took away. It is all done once that is none.
    async fn thin_usage(&self, now: DateTime<Utc>) -> Result<u64, JournalError>;
}

/// One thing of which there is so much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// As measured; what is requested, where that is not.
    pub used: i64,
    /// By all that runs.
    pub requested: i64,
    /// All there is to give.
    pub allocatable: i64,
}

/// One look at a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageSample {
    /// Which cluster.
    pub cluster: Uuid,
    /// When, to the microsecond.
    pub at: DateTime<Utc>,
    /// How many seconds before that it stands for, at least 1.
    pub seconds: u32,
    /// In thousandths of a core.
    pub cpu: Amounts,
    /// In units of 2^20 bytes.
    pub memory: Amounts,
    /// In units of 2^20 bytes.
    pub storage: Amounts,
    /// Used are those that run, as are those requested.
    pub pods: Amounts,
    /// Environments with a place there.
    pub environments: i64,
}

/// What is asked of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageSpan {
    /// One cluster; none: all together.
    pub cluster: Option<Uuid>,
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first that is no longer asked for.
    pub to: DateTime<Utc>,
    /// Seconds, at least 1. Steps begin at multiples of it since 1970.
    pub step: u32,
}

/// One step of a history: what is used, requested and there are means over time, what is allocatable is as it was last. Of several
/// clusters, it is the sum of those that were measured in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsagePoint {
    /// When the step begins.
    pub at: DateTime<Utc>,
    /// In thousandths of a core.
    pub cpu: Amounts,
    /// In units of 2^20 bytes.
    pub memory: Amounts,
    /// In units of 2^20 bytes.
    pub storage: Amounts,
    /// Used are those that ran, as are those requested.
    pub pods: Amounts,
    /// Environments with a place there.
    pub environments: i64,
    /// How many seconds the measurements stand for, summed over clusters.
    pub cluster_seconds: i64,
    /// Allocatable thousandths of a core times seconds, summed over clusters.
    pub cpu_seconds: i64,
    /// Allocatable units of 2^20 bytes times seconds, summed over clusters.
    pub memory_seconds: i64,
}

impl UsageSpan {
    /// A step in microseconds.
    pub(crate) fn width(&self) -> i64 {
        i64::from(self.step.max(1)) * SECOND
    }
}

/// What is as old as this is kept by steps of so many seconds. Finest first.
const KEPT: [(TimeDelta, u32); 3] = [(TimeDelta::days(1), 300), (TimeDelta::days(7), 3600), (TimeDelta::days(366), 0)];
const SECOND: i64 = 1_000_000;

/// The finest step, in seconds, in which measurements of an instant are kept: 0 as measured; none, if they are not any more.
fn kept_step(at: DateTime<Utc>, now: DateTime<Utc>) -> Option<u32> {
    let [(day, minutes), (week, hour), (year, _)] = KEPT;
    match now - at {
        age if age < day => Some(0),
        age if age < week => Some(minutes),
        age if age < year => Some(hour),
        _ => None,
    }
}

/// Sums up by a step what is older than an instant, a part of it at a time.
pub(crate) struct Thinning {
    /// The step in which it is.
    pub(crate) from: i64,
    /// The step in which it will be; none: it goes.
    pub(crate) into: Option<i64>,
    /// Microseconds since 1970; not after this.
    pub(crate) before: i64,
}

impl Thinning {
    /// All there is to do.
    pub(crate) fn all(now: DateTime<Utc>) -> [Self; 3] {
        let [(day, minutes), (week, hour), (year, _)] = KEPT;
        // Steps are summed up whole, so that no step is half in the one form and half in the other.
        let before = |age: TimeDelta, step: u32| floor((now - age).timestamp_micros(), i64::from(step) * SECOND);
        [
            Self { from: 0, into: Some(minutes.into()), before: before(day, minutes) },
            Self { from: minutes.into(), into: Some(hour.into()), before: before(week, hour) },
            Self { from: hour.into(), into: None, before: before(year, hour) },
        ]
    }

    /// The width of a step in microseconds.
    pub(crate) fn width(&self) -> i64 {
        self.into.unwrap_or(1) * SECOND
    }

    /// Up to where a part goes whose first row is at `oldest`: a statement over all of a long pause could take too long.
    pub(crate) fn part(&self, oldest: i64) -> i64 {
        /// Steps that are summed up at once.
        const AT_ONCE: i64 = 12;
        let end = floor(oldest, self.width()) + self.width() * AT_ONCE;
        if self.into.is_some() { end.min(self.before) } else { self.before }
    }
}

const fn floor(at: i64, width: i64) -> i64 {
    at - at.rem_euclid(width)
}

#[cfg(test)]
mod tests;
