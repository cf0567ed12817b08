use domain::{
    audit::trail::{Note, Trail},
    identity::account::AccountEvent,
};

use super::*;
use crate::{
    fixtures::{World, catch_up, id, instant, origin, recorded, rows},
    read_model::Origin,
};
use domain::Decider;

const ADA: &str = "acc_00000000000000000000000000000001";

fn note(entry: u128, actor: &str, operation: &str, verdict: Verdict, times: u32) -> TrailEvent {
    TrailEvent::Noted(Box::new(Note {
        entry: id(entry),
        at: instant("2026-01-01T00:00:00Z"),
        actor: actor.into(),
        via: None,
        on_behalf_of: None,
        operation: operation.into(),
        verdict,
        reason: None,
        subjects: vec![],
        correlation: id(98),
        address: None,
        address_digest: None,
        user_agent: None,
        times,
    }))
}

fn at(text: &str, event: Recorded) -> Recorded {
    Recorded { at: instant(text), ..event }
}

/// An event of a command of somebody's.
fn done(position: i64, command: i64, actor: &str, operation: &str) -> Recorded {
    let origin = Origin { actor: actor.into(), operation: Some(operation.into()), ..origin(command) };
    Recorded { origin, ..recorded(position, id(7), AccountEvent::Reinstated { by: None }) }
}

/// Counts of a name: when it began, accepted, refused, failed.
fn of(rows: &[Model], dimension: Dimension, span: Span, name: &str) -> Vec<(String, i64, i64, i64)> {
    let is = |row: &&Model| row.dimension.0 == dimension && row.span.0 == span && row.name == name;
    rows.iter().filter(is).map(|row| (row.start.format("%dT%H").to_string(), row.accepted, row.refused, row.failed)).collect()
}

fn count(at: &str, accepted: i64, refused: i64, failed: i64) -> (String, i64, i64, i64) {
    (at.into(), accepted, refused, failed)
}

#[test]
fn a_command_counts_once_whatever_it_left_and_a_note_as_often_as_it_says() {
    let events = [
        at("2026-03-04T05:59:59Z", done(1, 1, ADA, "roleGrant")),
        at("2026-03-04T05:59:59Z", done(2, 1, ADA, "roleGrant")),
        at("2026-03-04T06:00:00Z", done(3, 3, ADA, "roleGrant")),
        at("2026-03-04T06:10:00Z", recorded(4, id(1), note(4, ADA, "roleGrant", Verdict::Refused, 5))),
        at("2026-03-04T06:20:00Z", recorded(5, id(1), note(5, "anonymous", "signIn", Verdict::Failed, 1))),
    ];
    let rows = rows(&Entity, &events);
    assert_eq!(of(&rows, Dimension::Actor, Span::Hour, ADA), [count("04T05", 1, 0, 0), count("04T06", 1, 5, 0)]);
    assert_eq!(of(&rows, Dimension::Operation, Span::Day, "roleGrant"), [count("04T00", 2, 5, 0)]);
    assert_eq!(of(&rows, Dimension::Actor, Span::Day, "anonymous"), [count("04T00", 0, 0, 1)]);
    assert_eq!(of(&rows, Dimension::All, Span::Day, ""), [count("04T00", 2, 5, 1)]);
}

#[test]
fn what_parts_of_the_program_do_is_not_asked_by_anybody() {
    let reaction = recorded(1, id(7), AccountEvent::Reinstated { by: None });
    assert!(reaction.origin.actor.starts_with("system:"));
    let refused = recorded(2, id(1), note(2, "system:saga", "environmentRecord", Verdict::Refused, 1));
    assert_eq!(rows(&Entity, &[reaction, refused, recorded(3, id(1), Fact::Unknown)]), []);
}

#[test]
fn where_an_older_build_did_not_say_what_was_asked_what_happened_is_counted() {
    let old = Recorded { origin: Origin { actor: ADA.into(), ..origin(1) }, ..done(1, 1, ADA, "") };
    assert_eq!(of(&rows(&Entity, &[old]), Dimension::Operation, Span::Day, "AccountReinstated"), [count("01T00", 1, 0, 0)]);
}

#[test]
fn rows_are_taken_anew_so_that_there_are_never_more_than_are_kept() {
    let mut events = Vec::new();
    let first = instant("2026-01-01T00:30:00Z");
    for hour in 0..2 * Span::Hour.kept() + 5 {
        events.push(Recorded { at: first + chrono::TimeDelta::hours(hour), ..done(hour + 1, hour + 1, ADA, "stepCheck") });
    }
    let rows = rows(&Entity, &events);
    let hours: Vec<_> = rows.iter().filter(|row| row.dimension.0 == Dimension::Actor && row.span.0 == Span::Hour).collect();
    assert_eq!(i64::try_from(hours.len()), Ok(Span::Hour.kept()));
    assert!(hours.iter().all(|row| row.accepted == 1), "nothing is left of those before");
    let now = events.last().expect("some").at;
    assert_eq!(hours.iter().map(|row| row.start).min(), Some(Span::Hour.first(now)));
}

#[tokio::test]
async fn pages_list_the_latest_first_and_each_once() {
    let world = World::new().await;
    let mut head = world.head().await;
    for (number, actor) in (1..).zip([ADA, "anonymous", "svc_1", "acc_2"]) {
        head = world.append(Trail::STREAM, id(number), &[note(number, actor, "signIn", Verdict::Accepted, 2)]).await;
    }
    let projections = world.open("rows.db", 100).await;
    catch_up(&projections, head).await;
    let (db, long_ago) = (projections.db(), instant("2020-01-01T00:00:00Z"));
    let wanted = Wanted { dimension: Dimension::Actor, span: Span::Day, name: None, since: long_ago, until: None };
    let (mut names, mut after) = (vec![], None);
    loop {
        let page = page(db, &wanted, after, 3).await.expect("rows");
        names.extend(page.rows.iter().map(|row| (std::cmp::Reverse(row.start), row.name.clone())));
        after = page.rows.last().map(|row| (row.start, row.name.clone()));
        if !page.more {
            break;
        }
    }
    assert_eq!(names.len(), 4);
    assert!(names.is_sorted(), "{names:?}");
    let rows = async |wanted: Wanted| page(db, &wanted, None, 10).await.expect("rows").rows;
    let [sign_ins] = &rows(Wanted { dimension: Dimension::Operation, name: Some("signIn".into()), ..wanted.clone() }).await[..] else {
        panic!("one day")
    };
    assert_eq!(sign_ins.accepted, 8);
    assert_eq!(rows(Wanted { until: Some(long_ago), ..wanted.clone() }).await, []);
    assert_eq!(rows(Wanted { since: chrono::Utc::now() + chrono::TimeDelta::days(2), ..wanted }).await, []);
}
