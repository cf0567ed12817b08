//! Roles that are held within a community alone.

use super::{AccountEvent, AnyRole, CommunityId, Grant, Grants, GrantsWithin, Rejection, Timestamp};

/// What follows from giving a role within a community to who holds this everywhere and that within communities.
pub(super) fn granted(
    grants: &Grants,
    within: Option<&GrantsWithin>,
    community: CommunityId,
    grant: Grant,
    now: Timestamp,
) -> Result<Vec<AccountEvent>, Rejection> {
    if !grant.role.may_be_within() {
        return Err(Rejection::RoleNotWithin);
    }
    if grant.until.is_some_and(|until| until <= now) {
        return Err(Rejection::UntilPast);
    }
    let held = within.and_then(|within| within.get(community, grant.role));
    if held == Some(grant) {
        return Ok(vec![]);
    }
    let is_one_more = held.is_none_or(|held| !held.is_good(now));
    if is_one_more && within.is_some_and(|within| within.count(now) >= GrantsWithin::MOST) {
        return Err(Rejection::TooManyWithin);
    }
    Ok(vec![AccountEvent::RoleGranted { grant, within: Some(community), grants: grants.clone() }])
}

/// What follows from taking a role within a community. Taking one that is not held is no mistake.
pub(super) fn revoked(grants: &Grants, within: Option<&GrantsWithin>, community: CommunityId, role: AnyRole) -> Vec<AccountEvent> {
    let held = within.and_then(|within| within.get(community, role));
    let event = |_| AccountEvent::RoleRevoked { role, within: Some(community), grants: grants.clone() };
    held.map(event).into_iter().collect()
}

/// Takes in that a role is not held any more within a community.
pub(super) fn forget(within: &mut Option<Box<GrantsWithin>>, community: CommunityId, role: AnyRole) {
    if let Some(held) = within {
        held.remove(community, role);
    }
    if within.as_deref().is_some_and(GrantsWithin::is_empty) {
        *within = None;
    }
}

#[cfg(test)]
mod tests;
