//! What learning earns.

mod entries;
mod queries;
mod subscriptions;

pub(crate) use queries::LeaderboardQueries;
pub(crate) use subscriptions::LeaderboardSubscriptions;
