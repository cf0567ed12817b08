//! The platform as it was.

use async_graphql::{Context, Lookahead, MergedObject, Object};
use commands::authorization::reads;
use domain::kernel::Timestamp;
use projections::time_travel::Unready;

use crate::{
    booking::{DashboardQueries, RunQueries},
    context::Access,
    failure::{Failure, Result},
    gamification::LeaderboardQueries,
    identity::AccountQueries,
    learning::SessionQueries,
    workshops::WorkshopQueries,
};

/// What anything may refer to.
const ALWAYS: [&str; 7] = ["accounts", "contacts", "roles", "communities", "community_members", "workshops", "versions"];
const LEARNING: [&str; 4] = ["sessions", "attempts", "environments", "clusters"];
const POINTS: [&str; 1] = ["leaderboard"];
const BOOKING: [&str; 5] = ["runs", "run_texts", "run_fill", "registrations", "registrants"];
/// Fields that are answered without what was learned.
const WITHOUT_LEARNING: [&str; 3] = ["instant", "leaderboard", "accounts"];
/// Fields that are answered from what was booked.
const OF_BOOKING: [&str; 8] =
    ["runs", "run", "registration", "registrations", "myRegistrations", "myBookings", "runDashboard", "bookingDashboard"];

/// The platform as of an instant. What is seen of it is what the caller may see now, and erased people are erased then, too.
#[derive(MergedObject)]
pub(crate) struct AsOf(Instant, LeaderboardQueries, WorkshopQueries, SessionQueries, AccountQueries, RunQueries, DashboardQueries);

/// The instant that is looked at.
pub(crate) struct Instant {
    at: Timestamp,
    position: journal::Position,
}

#[Object]
impl Instant {
    /// The instant asked for.
    async fn instant(&self) -> Timestamp {
        self.at
    }

    /// The last event recorded by then; 0 before the first.
    async fn position(&self) -> crate::journal::Position {
        self.position.into()
    }
}

#[derive(Default)]
pub(crate) struct TimeQueries;

#[Object]
impl TimeQueries {
    /// The platform as it was at an instant, for analysts and administrators; it is the only field of its operation. The
    /// first time an instant is asked for it may have to be built: until then the error is `NOT_READY`, with how far it has come.
    async fn as_of(&self, ctx: &Context<'_>, at: Timestamp) -> Result<AsOf> {
        ctx.caller().allowed(&reads::AS_OF)?;
        let account = ctx.caller().account()?;
        if at > chrono::Utc::now() {
            return Err(Failure::expected("at", "an instant that has gone by"));
        }
        let services = ctx.services();
        let wanted = read_models(&ctx.look_ahead(), ctx);
        let past = services.time_travel.open_within(account, at, &wanted, services.settings.patience).await?;
        let position = past.position();
        ctx.read_models().go_back(at, past)?;
        let instant = Instant { at, position };
        Ok(AsOf(instant, LeaderboardQueries, WorkshopQueries, SessionQueries, AccountQueries, RunQueries, DashboardQueries))
    }
}

/// What the fields asked for are answered from.
fn read_models(look: &Lookahead<'_>, ctx: &Context<'_>) -> Vec<&'static str> {
    let asked: Vec<String> = ctx.field().selection_set().map(|field| field.name().to_owned()).collect();
    let mut wanted = ALWAYS.to_vec();
    if asked.iter().any(|field| !WITHOUT_LEARNING.contains(&field.as_str()) && field != "position") {
        wanted.extend(LEARNING);
    }
    if look.field("leaderboard").exists() || look.field("learnerDashboard").exists() {
        wanted.extend(POINTS);
    }
    if asked.iter().any(|field| OF_BOOKING.contains(&field.as_str())) {
        wanted.extend(BOOKING);
    }
    wanted
}

impl From<Unready> for Failure {
    fn from(unready: Unready) -> Self {
        match unready {
            Unready::Building { progress } => Self::NotReady { position: progress.position, until: progress.until },
            Unready::QuotaExceeded { .. } => Self::Quota(unready.to_string()),
            Unready::Busy { .. } => Self::Unavailable(unready.to_string()),
            Unready::Failed(_) | Unready::Fault(_) => Self::Internal(unready.to_string()),
        }
    }
}
