//! For how long what is personal is kept: accounts that nobody uses, guests whose run is over, and what came from a network address.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// The shortest: who has an account is told two weeks before, and of a run it may take as long to know what it came to.
const SHORTEST: u32 = 30;
/// The longest: ten years.
const LONGEST: u32 = 3650;

/// The longest that months are counted: ten years.
const MOST_MONTHS: u32 = 120;

/// For how long what is personal is kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// Those that were not used for so many days are erased; 0: none is for that.
    pub inactive_days: u32,
    /// Keys of digests of network addresses are destroyed so many months after their month has ended; 0: they are kept for good.
    pub address_months: u32,
    /// Guests whose run was over or called off so many days ago are erased; 0: none is for that.
    pub guest_days: u32,
}

impl RetentionConfig {
    /// For how long; none: for ever.
    ///
    /// # Errors
    /// It is too short, or too long.
    pub(crate) fn kept_for(&self) -> Result<Option<TimeDelta>, ConfigError> {
        days("inactive_days", self.inactive_days)
    }

    /// How long after their run guests are kept; none: for ever.
    ///
    /// # Errors
    /// It is too short, or too long.
    pub(crate) fn guests_kept_for(&self) -> Result<Option<TimeDelta>, ConfigError> {
        days("guest_days", self.guest_days)
    }

    /// For how many months after its own the key of a month's digests of network addresses is kept; none: for good.
    ///
    /// # Errors
    /// They are too many.
    pub(crate) fn addresses_kept_for(&self) -> Result<Option<u32>, ConfigError> {
        match self.address_months {
            0 => Ok(None),
            months @ 1..=MOST_MONTHS => Ok(Some(months)),
            _ => Err(ConfigError(format!("retention.address_months: expected 0, or 1 to {MOST_MONTHS} months"))),
        }
    }
}

fn days(setting: &str, days: u32) -> Result<Option<TimeDelta>, ConfigError> {
    match days {
        0 => Ok(None),
        SHORTEST..=LONGEST => Ok(Some(TimeDelta::days(days.into()))),
        _ => Err(ConfigError(format!("retention.{setting}: expected 0, or {SHORTEST} to {LONGEST} days"))),
    }
}
