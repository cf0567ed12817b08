//! Who signs in with more than a password.

use std::collections::BTreeSet;

use domain::identity::Role;
use serde::{Deserialize, Serialize};

use super::Config;

/// Who signs in with more than a password.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondFactorConfig {
    /// The built-in roles that are worth nothing without a second factor, unless administrators said otherwise of one. Left out:
    /// administrators and super administrators, and in development nobody.
    pub required_for: Option<BTreeSet<Role>>,
    /// Whether a code can be had by mail in place of one of the second factor.
    pub email_codes: bool,
}

impl Config {
    /// The roles that are worth nothing without a second factor.
    pub(crate) fn second_factor_for(&self) -> BTreeSet<Role> {
        match &self.second_factor.required_for {
            Some(roles) => roles.clone(),
            None if self.development => BTreeSet::new(),
            None => [Role::Administrator, Role::SuperAdministrator].into(),
        }
    }
}
