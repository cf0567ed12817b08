//! Roles that are held everywhere.

use super::{AccountEvent, AnyRole, Grant, Grants, Rejection, Role, Timestamp};

/// What follows from giving a role to who holds these; `is_own`: by themselves.
pub(super) fn granted(grants: &Grants, grant: Grant, is_own: bool, now: Timestamp) -> Result<Vec<AccountEvent>, Rejection> {
    let Grant { role, until } = grant;
    if until.is_some_and(|until| until <= now) {
        return Err(Rejection::UntilPast);
    }
    // Whoever owns the platform does so for good, and a learner everybody is already.
    if until.is_some() && [Role::SuperAdministrator, Role::Learner].map(AnyRole::from).contains(&role) {
        return Err(Rejection::UntilNotAllowed);
    }
    let held = grants.get(role);
    // To have it end is to take it, if a moment later.
    if is_own && role == Role::Administrator.into() && held.is_some_and(|held| held.outlasts(until)) {
        return Err(Rejection::OwnRole);
    }
    if held == Some(grant) {
        return Ok(vec![]);
    }
    Ok(vec![AccountEvent::RoleGranted { grant, within: None, grants: grants.with(grant) }])
}
