//! What stands in a row.

use domain::kernel::{AccountId, Currency, RunId};
use projections::booking::{registrations::RegistrationState as State, run_totals, runs};
use tables::Cell;

use super::super::sheets::word;

/// The names of the columns. Those from `pendingApproval` to `noShow` are registrations by their states, in the order of these.
pub(super) const COLUMNS: [&str; 45] = [
    "run",
    "title",
    "category",
    "tags",
    "city",
    "format",
    "level",
    "language",
    "instructor",
    "startsAt",
    "endsAt",
    "timeZone",
    "state",
    "visibility",
    "organiser",
    "capacity",
    "taken",
    "waiting",
    "registrations",
    "pendingApproval",
    "awaitingPayment",
    "confirmed",
    "waitlisted",
    "offered",
    "rejected",
    "expired",
    "withdrawn",
    "cancelled",
    "attended",
    "noShow",
    "seatsExpected",
    "seatsCheckedIn",
    "seatsNoShow",
    "currency",
    "received",
    "receivedMinor",
    "refunded",
    "refundedMinor",
    "owed",
    "owedMinor",
    "due",
    "dueMinor",
    "scheduledAt",
    "publishedAt",
    "updatedAt",
];

/// In the order of the columns. All registrations for a run are in its currency.
pub(super) fn cells(row: &runs::Model, totals: &[run_totals::Model]) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let planned = [
        text(&RunId(row.run).to_string()),
        text(&row.plan.title),
        text(&row.category),
        Cell::text((!row.tags.is_empty()).then(|| row.tags.join("; "))),
        Cell::text(row.city.as_deref()),
        word(row.format.0),
        word(row.level.map(|level| level.0)),
        text(&row.language),
        text(&row.plan.instructor),
        text(&row.starts_at.to_rfc3339()),
        text(&row.ends_at.to_rfc3339()),
        text(&row.plan.time_zone),
        word(row.life.0),
        word(row.visibility.0),
        text(&AccountId(row.organiser).to_string()),
    ];
    let times =
        [text(&row.scheduled_at.to_rfc3339()), Cell::text(row.published_at.map(|at| at.to_rfc3339())), text(&row.updated_at.to_rfc3339())];
    let sum = |of: fn(&run_totals::Model) -> i64| totals.iter().map(of).sum::<i64>();
    let in_state = |state: State, of: fn(&run_totals::Model) -> i64| {
        let of_state = totals.iter().filter(|total| total.state.0 == state);
        Cell::Number(of_state.map(of).sum())
    };
    let amounts: [fn(&run_totals::Model) -> i64; 4] = [|total| total.kept, |total| total.refunded, |total| total.owed, |total| total.due];
    let scale = Currency::scale_of(&row.currency);
    let amount = |units| [Cell::Decimal { units, scale }, Cell::Number(units)];

    let mut cells = Vec::from(planned);
    cells.extend([row.capacity, row.taken, row.waiting, sum(|total| total.registrations)].map(Cell::Number));
    cells.extend(State::ALL.map(|state| in_state(state, |total| total.registrations)));
    cells.extend([State::Confirmed, State::Attended, State::NoShow].map(|state| in_state(state, |total| total.seats)));
    cells.push(text(&row.currency));
    cells.extend(amounts.into_iter().flat_map(|of| amount(sum(of))));
    cells.extend(times);
    cells
}

#[cfg(test)]
mod tests;
