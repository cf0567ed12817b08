//! How long before a run something is done about its sessions.

use commands::booking::Lead;
use domain::kernel::Minutes;
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// The longest that any of these is: a day.
const LONGEST: u32 = 24 * 60;

/// How long before a run something is done about its sessions.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunsConfig {
    /// So many minutes before its start who is confirmed may begin a session.
    pub session_minutes: u32,
    /// So many minutes before its start environments are made for them.
    pub environment_minutes: u32,
    /// So many minutes after its start those that are left are given back.
    pub late_minutes: u32,
}

impl Default for RunsConfig {
    fn default() -> Self {
        let Lead { begin, warm, late } = Lead::default();
        Self { session_minutes: begin.0, environment_minutes: warm.0, late_minutes: late.0 }
    }
}

impl RunsConfig {
    /// The same, as commands have it.
    pub(crate) const fn lead(&self) -> Lead {
        let Self { session_minutes, environment_minutes, late_minutes } = *self;
        Lead { begin: Minutes(session_minutes), warm: Minutes(environment_minutes), late: Minutes(late_minutes) }
    }

    /// # Errors
    /// The first setting that is not as expected, by its name.
    pub(super) fn checked(&self) -> Result<(), ConfigError> {
        let all = [
            ("session_minutes", self.session_minutes),
            ("environment_minutes", self.environment_minutes),
            ("late_minutes", self.late_minutes),
        ];
        match all.iter().find(|(_, minutes)| *minutes > LONGEST) {
            Some((name, _)) => Err(ConfigError(format!("runs.{name}: expected 0 to {LONGEST} minutes"))),
            None => Ok(()),
        }
    }
}
