//! For how long accounts are kept that nobody uses.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// The shortest: who has an account is told two weeks before.
const SHORTEST: u32 = 30;
/// The longest: ten years.
const LONGEST: u32 = 3650;

/// For how long accounts are kept that nobody uses.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// Those that were not used for so many days are erased; 0: none is for that.
    pub inactive_days: u32,
}

impl RetentionConfig {
    /// For how long; none: for ever.
    ///
    /// # Errors
    /// It is too short, or too long.
    pub(crate) fn kept_for(&self) -> Result<Option<TimeDelta>, ConfigError> {
        match self.inactive_days {
            0 => Ok(None),
            days @ SHORTEST..=LONGEST => Ok(Some(TimeDelta::days(days.into()))),
            _ => Err(ConfigError(format!("retention.inactive_days: expected 0, or {SHORTEST} to {LONGEST} days"))),
        }
    }
}
