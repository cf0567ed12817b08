use chrono::{DateTime, TimeDelta};
use domain::booking::{Plan, Visibility, run::Life};
use projections::{
    booking::runs::RunFormat,
    column::{Json, Word},
};
use uuid::Uuid;

use super::{COLUMNS, Cell, State, cells, run_totals, runs};

/// A run in yen, with two tags.
fn row() -> runs::Model {
    let at = DateTime::UNIX_EPOCH;
    let plan = Plan { title: "=Docker".into(), ..test_runs::plan(at + TimeDelta::days(1), vec![]) };
    runs::Model {
        run: Uuid::from_u128(1),
        number: 1,
        changed: 2,
        described: 1,
        organiser: Uuid::from_u128(2),
        instructor: None,
        series: None,
        life: Word(Life::Published),
        visibility: Word(Visibility::Unlisted),
        category: plan.category.clone(),
        language: plan.language.clone(),
        format: Word(RunFormat::OnSite),
        level: None,
        city: Some("Zürich".into()),
        latitude: None,
        longitude: None,
        starts_at: plan.starts_at,
        ends_at: plan.ends_at,
        price: 1200,
        currency: "JPY".into(),
        capacity: 20,
        taken: 5,
        waiting: 1,
        requests: 4,
        scheduled_at: at,
        published_at: None,
        updated_at: at,
        reason: None,
        tags: Json(vec!["docker".into(), "linux".into()]),
        quotas: None,
        codes: Json::default(),
        plan: Json(plan),
    }
}

fn total(state: State, registrations: i64, seats: i64, [kept, refunded, owed, due]: [i64; 4]) -> run_totals::Model {
    let (run, currency) = (Uuid::from_u128(1), "JPY".to_owned());
    run_totals::Model { run, state: Word(state), currency, registrations, seats, kept, refunded, owed, due }
}

fn at<'c>(cells: &'c [Cell], name: &str) -> &'c Cell {
    &cells[COLUMNS.iter().position(|column| *column == name).expect("a column")]
}

#[test]
fn a_row_has_all_columns() {
    let totals = [
        total(State::Confirmed, 2, 4, [2400, 0, 0, 0]),
        total(State::Attended, 1, 1, [1200, 100, 0, 0]),
        total(State::Withdrawn, 1, 2, [0, 1200, 300, 0]),
        total(State::AwaitingPayment, 1, 1, [0, 0, 0, 1200]),
    ];
    let row = cells(&row(), &totals);
    assert_eq!(row.len(), COLUMNS.len());
    let texts = [
        ("title", "=Docker"),
        ("category", "containers"),
        ("tags", "docker; linux"),
        ("city", "Zürich"),
        ("format", "on_site"),
        ("language", "en"),
        ("startsAt", "1970-01-02T00:00:00+00:00"),
        ("endsAt", "1970-01-02T08:00:00+00:00"),
        ("timeZone", "Europe/Zurich"),
        ("state", "published"),
        ("visibility", "unlisted"),
        ("organiser", "acc_00000000000000000000000000000002"),
        ("currency", "JPY"),
    ];
    for (column, expected) in texts {
        assert_eq!(at(&row, column), &Cell::Text(expected.into()), "{column}");
    }
    let numbers = [
        ("capacity", 20),
        ("taken", 5),
        ("waiting", 1),
        ("registrations", 5),
        ("pendingApproval", 0),
        ("awaitingPayment", 1),
        ("confirmed", 2),
        ("withdrawn", 1),
        ("attended", 1),
        ("noShow", 0),
        ("seatsExpected", 4),
        ("seatsCheckedIn", 1),
        ("seatsNoShow", 0),
        ("receivedMinor", 3600),
        ("refundedMinor", 1300),
        ("owedMinor", 300),
        ("dueMinor", 1200),
    ];
    for (column, expected) in numbers {
        assert_eq!(at(&row, column), &Cell::Number(expected), "{column}");
    }
    for (column, units) in [("received", 3600), ("refunded", 1300), ("owed", 300), ("due", 1200)] {
        assert_eq!(at(&row, column), &Cell::Decimal { units, scale: 0 }, "{column}");
    }
    for column in ["level", "publishedAt"] {
        assert_eq!(at(&row, column), &Cell::Empty, "{column}");
    }
    assert!(tables::csv::line(&row).contains(",'=Docker,"));
}

#[test]
fn each_state_has_a_column_of_its_own_in_their_order() {
    let states = State::ALL.map(|state| serde_json::to_value(state).expect("a word").as_str().expect("text").replace('_', ""));
    let first = COLUMNS.iter().position(|column| *column == "pendingApproval").expect("a column");
    let columns: Vec<_> = COLUMNS[first..].iter().take(states.len()).map(|column| column.to_lowercase()).collect();
    assert_eq!(columns, states);
}

#[test]
fn a_run_for_which_nobody_registered_comes_to_nothing() {
    let row = cells(&row(), &[]);
    assert_eq!((at(&row, "registrations"), at(&row, "receivedMinor")), (&Cell::Number(0), &Cell::Number(0)));
    assert_eq!(row.len(), COLUMNS.len());
}
