//! All read models there are. Their names and versions make the generation.

use chrono_tz::Tz;

use crate::{
    ProjectionError,
    audit::{activity, entries, subjects},
    booking::{registrants, registrations, run_fill, run_texts, runs},
    communities::{communities, members},
    environments::{alerts, clusters, environments, pools},
    gamification::leaderboard::Leaderboard,
    identity::{access_tokens, accounts, contacts, mails, roles, service_accounts, sign_ins, unusual_sign_ins},
    learning::{attempts, sessions},
    projector::Projector,
    workshops::{versions, workshops},
};

pub(crate) fn read_models(time_zone: Tz) -> Vec<Box<dyn Projector>> {
    vec![
        Box::new(accounts::Entity),
        Box::new(sign_ins::Entity),
        Box::new(roles::Entity),
        Box::new(access_tokens::Entity),
        Box::new(service_accounts::Entity),
        Box::new(contacts::Entity),
        Box::new(mails::Entity),
        Box::new(workshops::Entity),
        Box::new(versions::Entity),
        Box::new(sessions::Entity),
        Box::new(attempts::Entity),
        Box::new(environments::Entity),
        Box::new(clusters::Entity),
        Box::new(alerts::Entity),
        Box::new(pools::Entity),
        Box::new(Leaderboard::new(time_zone)),
        Box::new(entries::Entity),
        Box::new(subjects::Entity),
        Box::new(activity::Entity),
        Box::new(unusual_sign_ins::Entity),
        Box::new(runs::Entity),
        Box::new(run_texts::Entity),
        Box::new(run_fill::Entity),
        Box::new(registrations::Entity),
        Box::new(registrants::Entity),
        Box::new(communities::Entity),
        Box::new(members::Entity),
    ]
}

/// Those of these names, in the order in which they are listed.
pub(crate) fn only(time_zone: Tz, wanted: &[&str]) -> Result<Vec<Box<dyn Projector>>, ProjectionError> {
    let all = read_models(time_zone);
    let names: Vec<_> = all.iter().map(|model| model.name()).collect();
    if let Some(unknown) = wanted.iter().find(|name| !names.contains(name)) {
        return Err(ProjectionError::Unknown { name: (*unknown).to_owned(), names });
    }
    Ok(all.into_iter().filter(|model| wanted.contains(&model.name())).collect())
}

/// The names of all read models.
#[must_use]
pub fn names() -> Vec<&'static str> {
    // They do not depend on the time zone.
    read_models(Tz::UTC).iter().map(|model| model.name()).collect()
}
