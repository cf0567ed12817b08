//! All read models there are. Their names and versions make the generation.

use chrono_tz::Tz;

use crate::{
    environments::environments,
    gamification::leaderboard::Leaderboard,
    identity::{accounts, sign_ins},
    learning::{attempts, sessions},
    projector::Projector,
    workshops::{versions, workshops},
};

pub(crate) fn read_models(time_zone: Tz) -> Vec<Box<dyn Projector>> {
    vec![
        Box::new(accounts::Entity),
        Box::new(sign_ins::Entity),
        Box::new(workshops::Entity),
        Box::new(versions::Entity),
        Box::new(sessions::Entity),
        Box::new(attempts::Entity),
        Box::new(environments::Entity),
        Box::new(Leaderboard::new(time_zone)),
    ]
}
