use serde::{Deserialize, Serialize};

use crate::Rejection;

/// Why `audit` turns a command down: it never does; whatever was asked is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AuditRejection {}

impl Rejection for AuditRejection {}
