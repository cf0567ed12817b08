use serde::{Deserialize, Serialize};

use crate::Rejection;

/// Why `gamification` turns a command down: it never does; earning the same twice is no mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum GamificationRejection {}

impl Rejection for GamificationRejection {}
