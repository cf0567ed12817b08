//! Boards: a period, the day it begins, and the workshop it is about.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::kernel::WorkshopId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A span of time that is ranked by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From the beginning.
    All,
    Day,
    /// From Monday, as in ISO 8601.
    Week,
    Month,
}

/// Points within one period, over all workshops or in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Board {
    pub(super) period: Period,
    pub(super) start: NaiveDate,
    pub(super) workshop: Option<WorkshopId>,
}

impl Period {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::All, Self::Day, Self::Week, Self::Month];

    /// The first day of the period that a day is in; 1970-01-01 for all time.
    #[must_use]
    pub fn start(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::All => NaiveDate::default(),
            Self::Day => day,
            Self::Week => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(NaiveDate::MIN),
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }
}

impl Board {
    /// The board of the period that a day is in.
    #[must_use]
    pub fn on(period: Period, day: NaiveDate, workshop: Option<WorkshopId>) -> Self {
        Self { period, start: period.start(day), workshop }
    }

    /// The board of the period that an instant is in, by the calendar of a time zone.
    #[must_use]
    pub fn at(period: Period, instant: DateTime<Utc>, time_zone: Tz, workshop: Option<WorkshopId>) -> Self {
        Self::on(period, instant.with_timezone(&time_zone).date_naive(), workshop)
    }

    /// Which span of time.
    #[must_use]
    pub const fn period(&self) -> Period {
        self.period
    }

    /// Its first day; 1970-01-01 for all time.
    #[must_use]
    pub const fn start(&self) -> NaiveDate {
        self.start
    }

    /// As the table keeps it.
    pub(super) fn workshop(&self) -> Uuid {
        self.workshop.map_or(Uuid::nil(), |workshop| workshop.0)
    }
}
