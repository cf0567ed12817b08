//! How one run does.

use std::collections::BTreeMap;

use async_graphql::{Context, Object, SimpleObject};
use chrono::NaiveDate;
use domain::kernel::RunId;
use projections::booking::{registration_days, registrations::RegistrationState as State, run_fill, run_totals};

use super::{
    Run,
    money::{Money, money},
    words::RegistrationState,
};
use crate::{context::Access, failure::Result, input::number};

/// How a run does.
pub(crate) struct RunDashboard {
    run: Run,
    totals: Vec<run_totals::Model>,
    fill: Option<run_fill::Model>,
}

/// How many registrations are in a state.
#[derive(SimpleObject)]
pub(crate) struct RegistrationCount {
    state: RegistrationState,
    registrations: i32,
    /// Of all of them together.
    seats: i32,
}

/// What came in and goes back, in one currency.
#[derive(SimpleObject)]
pub(crate) struct Revenue {
    /// What came in and was not given back.
    received: Money,
    /// What was given back.
    refunded: Money,
    /// What is still to be given back.
    owed: Money,
    /// What is to be paid by who was asked to pay.
    due: Money,
}

/// How full a run was at the end of a day (UTC) on which that changed.
#[derive(SimpleObject)]
pub(crate) struct RunFillDay {
    day: NaiveDate,
    capacity: i32,
    taken: i32,
    /// Registrations that waited.
    waiting: i32,
}

/// Who came, of those who have a place.
#[derive(SimpleObject)]
pub(crate) struct RunCheckIn {
    /// Seats that are confirmed and not checked in.
    expected: i32,
    checked_in: i32,
    no_show: i32,
}

/// How many registered on a day (UTC), for all runs.
#[derive(SimpleObject)]
pub(crate) struct RegistrationDay {
    day: NaiveDate,
    registrations: i32,
    /// Of all of them together.
    seats: i32,
    /// Places that they have now.
    places: i32,
}

impl From<registration_days::Model> for RegistrationDay {
    fn from(row: registration_days::Model) -> Self {
        let registration_days::Model { day, registrations, seats, places } = row;
        Self { day, registrations: number(registrations), seats: number(seats), places: number(places) }
    }
}

impl RunDashboard {
    pub(super) async fn load(ctx: &Context<'_>, id: RunId, run: Run) -> Result<Self> {
        let totals = run_totals::of(ctx.db(), Some(id)).await?;
        Ok(Self { run, totals, fill: run_fill::find(ctx.db(), id).await? })
    }
}

/// How a run does.
#[Object]
impl RunDashboard {
    async fn run(&self) -> &Run {
        &self.run
    }

    /// How many registrations there are, by their states.
    async fn registrations(&self) -> Vec<RegistrationCount> {
        registrations(&self.totals)
    }

    /// What came in and goes back; null before the first registration.
    async fn revenue(&self) -> Option<Revenue> {
        revenue(&self.totals).pop()
    }

    /// How it filled up, in the order of the days.
    async fn fill(&self) -> Vec<RunFillDay> {
        let day = |day: &run_fill::Day| RunFillDay {
            day: day.day,
            capacity: number(day.capacity),
            taken: number(day.taken),
            waiting: number(day.waiting),
        };
        self.fill.iter().flat_map(|fill| fill.days.iter().map(day)).collect()
    }

    /// Who came, in seats.
    async fn check_in(&self) -> RunCheckIn {
        check_in(&self.totals)
    }
}

/// Who came, in seats.
pub(super) fn check_in(totals: &[run_totals::Model]) -> RunCheckIn {
    let seats = |state: State| number(totals.iter().filter(|total| total.state.0 == state).map(|total| total.seats).sum::<i64>());
    RunCheckIn { expected: seats(State::Confirmed), checked_in: seats(State::Attended), no_show: seats(State::NoShow) }
}

/// Registrations by their states, in the order of a registration's life.
pub(super) fn registrations(totals: &[run_totals::Model]) -> Vec<RegistrationCount> {
    let mut counts: BTreeMap<State, (i64, i64)> = BTreeMap::new();
    for total in totals {
        let (registrations, seats) = counts.entry(total.state.0).or_default();
        (*registrations, *seats) = (*registrations + total.registrations, *seats + total.seats);
    }
    let count = |(state, (registrations, seats)): (State, (i64, i64))| RegistrationCount {
        state: state.into(),
        registrations: number(registrations),
        seats: number(seats),
    };
    counts.into_iter().map(count).collect()
}

/// What came in and goes back, for each currency in the order of their codes.
pub(super) fn revenue(totals: &[run_totals::Model]) -> Vec<Revenue> {
    let mut sums: BTreeMap<&str, [i64; 4]> = BTreeMap::new();
    for total in totals {
        let sum = sums.entry(&total.currency).or_default();
        for (sum, part) in sum.iter_mut().zip([total.kept, total.refunded, total.owed, total.due]) {
            *sum += part;
        }
    }
    let of = |(currency, [received, refunded, owed, due]): (&str, [i64; 4])| Revenue {
        received: money(received, currency),
        refunded: money(refunded, currency),
        owed: money(owed, currency),
        due: money(due, currency),
    };
    sums.into_iter().map(of).collect()
}
