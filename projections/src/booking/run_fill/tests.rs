use domain::booking::{Plan, run::RunEvent};

use super::{Day, Entity, Model};
use crate::fixtures::{
    id, instant, recorded, rows,
    runs::{confirmed, plan, requested, scheduled, waitlisted},
};
use crate::read_model::Recorded;

fn on(day: &str, position: i64, event: RunEvent) -> Recorded {
    Recorded { at: instant(&format!("{day}T12:00:00Z")), ..recorded(position, id(1), event) }
}

fn day(day: &str, capacity: i64, taken: i64, waiting: i64) -> Day {
    Day { day: day.parse().expect("a day"), capacity, taken, waiting }
}

fn filled(events: &[Recorded]) -> Model {
    rows(&Entity, events).remove(0)
}

#[test]
fn each_day_on_which_something_changed_ends_with_so_many_places_taken() {
    let small = Plan { capacity: 2, ..plan("Docker") };
    let mut events = vec![
        on("2026-01-01", 1, scheduled(&small)),
        on("2026-01-01", 2, RunEvent::Published {}),
        on("2026-01-02", 3, requested(1, 1)),
        on("2026-01-02", 4, confirmed(1, 1)),
        on("2026-01-02", 5, confirmed(2, 0)),
        on("2026-01-05", 6, waitlisted(3, 1)),
    ];
    let days = vec![day("2026-01-01", 2, 0, 0), day("2026-01-02", 2, 2, 0), day("2026-01-05", 2, 2, 1)];
    assert_eq!(filled(&events).days.0, days);
    let larger = RunEvent::Revised { plan: Box::new(Plan { capacity: 4, ..plan("Docker") }), from: None };
    events.push(on("2026-01-06", 7, larger));
    events.push(on("2026-01-06", 8, confirmed(4, 1)));
    assert_eq!(filled(&events).days.0.last(), Some(&day("2026-01-06", 4, 3, 1)), "places are counted against what there are then");
    events.push(on("2026-01-09", 9, confirmed(4, 1)));
    assert_eq!(filled(&events).days.0.len(), 4, "nothing changed");
}
