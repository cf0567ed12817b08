use chrono_tz::Tz;
use domain::{
    Decider,
    kernel::{AccountId, Minutes, Points, RunId, Seconds, SessionId, WorkshopId},
    learning::session::{CheckEnd, End, Session, SessionEvent, Start},
    workshops::{RuleKind, content::StepOrder},
};

use super::{Entity, Filter, Model, SessionStatus, StepProgress, find, find_many, page, started_since, total};
use crate::{
    column::{Json, Word},
    fixtures::{
        World, catch_up,
        histories::{self, checked},
        id, recorded, rows, second,
    },
    learning::{learners, step_statistics, workshop_statistics},
    read_model::{MissingRow, ReadModel},
};

fn started(session: u128) -> SessionEvent {
    SessionEvent::Started(histories::start(session, second(i64::try_from(session).expect("a small number"))))
}

fn completed(step: &str, count: u32, attempts: u32) -> SessionEvent {
    SessionEvent::StepCompleted {
        step: step.into(),
        points: Points(10),
        attempts,
        at: second(20 + i64::from(count)),
        spent: Seconds(7 * count),
        completed: count,
        of: 3,
        total: Points(10 * count),
    }
}

fn answered(attempt: u32, correct: bool) -> SessionEvent {
    SessionEvent::StepAnswered { step: "quiz".into(), attempt, choices: vec![0], correct }
}

fn end(session: u128, completed: u32, points: u32) -> End {
    let start = histories::start(session, second(0));
    End {
        learner: start.learner,
        workshop: start.workshop,
        author: start.author,
        preview: start.version.is_none(),
        environment: None,
        completed,
        of: 3,
        bonus: Points(0),
        points: Points(points),
        spent: Seconds(60),
    }
}

/// All steps but the last, with two wrong answers.
fn most_of_it() -> Vec<SessionEvent> {
    vec![started(1), completed("read", 1, 1), answered(1, false), answered(2, false), answered(3, true), completed("quiz", 2, 3)]
}

fn row_after(events: Vec<SessionEvent>) -> Model {
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    rows(&Entity, &events).remove(0)
}

#[test]
fn a_session_starts_with_every_step_open() {
    let start = histories::start(1, second(1));
    let step = |key: &str, rule| StepProgress {
        key: key.into(),
        title: key.to_uppercase(),
        rule,
        points: Points(10),
        attempts: 0,
        failures: 0,
        completed_at: None,
        spent: None,
    };
    let expected = Model {
        session: id(1),
        learner: start.learner.0,
        workshop: start.workshop.0,
        author: start.author.0,
        version: Some(1),
        content: "a".repeat(64),
        title: "Docker".into(),
        step_order: Word(StepOrder::Sequential),
        steps: Json(vec![step("read", RuleKind::Read), step("quiz", RuleKind::Answer), step("check", RuleKind::Check)]),
        completed: 0,
        of: 3,
        points: 0,
        status: Word(SessionStatus::Active),
        started_at: second(1),
        expires_at: second(41),
        ended_at: None,
        spent: None,
        environment: None,
        run: None,
    };
    assert_eq!(row_after(vec![started(1)]), expected);
}

#[test]
fn tries_and_completions_move_their_step() {
    let row = row_after([most_of_it(), vec![checked(1, CheckEnd::TimedOut)]].concat());
    let brief: Vec<_> = row.steps.iter().map(|step| (step.attempts, step.failures, step.completed_at, step.spent)).collect();
    let expected = [(1, 0, Some(second(21)), Some(Seconds(7))), (3, 2, Some(second(22)), Some(Seconds(14))), (1, 1, None, None)];
    assert_eq!(brief, expected);
    assert_eq!((row.completed, row.of, row.points), (2, 3, 20));
    assert_eq!(row.current().map(|step| step.key.as_str()), Some("check"));
}

#[test]
fn every_end_has_its_status_and_the_totals_it_says() {
    let end = end(1, 2, 70);
    let ends = [
        (SessionEvent::Finished { end: end.clone() }, SessionStatus::Finished),
        (SessionEvent::Abandoned { end: end.clone() }, SessionStatus::Abandoned),
        (SessionEvent::Expired { end }, SessionStatus::Expired),
    ];
    for (event, status) in ends {
        let row = row_after([most_of_it(), vec![event]].concat());
        assert_eq!((row.status, row.completed, row.points), (Word(status), 2, 70));
        assert_eq!((row.ended_at, row.spent), (Some(second(7)), Some(60)));
    }
}

#[test]
fn a_session_that_is_extended_expires_later() {
    let extended = SessionEvent::Extended { environment: None, extended: Minutes(1), expires_at: second(101) };
    assert_eq!(row_after(vec![started(1), extended]).expires_at, second(101));
}

#[test]
fn a_session_of_a_run_ends_when_that_does() {
    let start = histories::start(1, second(1));
    let begun = SessionEvent::Started(Start { run: Some(RunId(id(21))), ..start });
    let moved = SessionEvent::Rescheduled { environment: None, expires_at: second(31) };
    let row = row_after(vec![begun, moved]);
    assert_eq!((row.run, row.expires_at), (Some(id(21)), second(31)));
}

#[test]
fn an_event_without_its_session_or_its_step_is_a_missing_row() {
    for event in [completed("read", 1, 1), answered(1, true), checked(1, CheckEnd::Exited(0)), SessionEvent::Expired { end: end(1, 0, 0) }]
    {
        assert_eq!(Entity.fold(&id(1), None, &recorded(1, id(1), event)), Err(MissingRow));
    }
    let row = row_after(vec![started(1)]);
    let unknown = recorded(2, id(1), completed("elsewhere", 1, 1));
    assert_eq!(Entity.fold(&id(1), Some(row), &unknown), Err(MissingRow));
}

/// Session 0 has begun, 1 is finished, 2 is abandoned at once, 3 is a preview of all.
async fn world() -> (World, std::sync::Arc<crate::Projections>) {
    let world = World::new().await;
    let finished = |session| {
        let rest = [checked(1, CheckEnd::Exited(1)), checked(2, CheckEnd::Exited(0)), completed("check", 3, 2)];
        let steps = most_of_it().into_iter().skip(1).chain(rest);
        [started(session)].into_iter().chain(steps).chain([SessionEvent::Finished { end: end(session, 3, 80) }]).collect::<Vec<_>>()
    };
    let lives = [
        vec![started(0), completed("read", 1, 1)],
        finished(1),
        vec![started(2), SessionEvent::Abandoned { end: end(2, 0, 0) }],
        finished(3),
    ];
    for (session, events) in (0..).zip(&lives) {
        world.append(Session::STREAM, id(session), events).await;
    }
    let projections = world.open("rows.db", 4).await;
    catch_up(&projections, world.head().await).await;
    (world, projections)
}

#[tokio::test]
async fn sessions_are_found_by_all_parts_of_a_filter_latest_first() {
    let (_world, projections) = world().await;
    let db = projections.db();
    let cases = [
        (Filter::default(), vec![3, 2, 1, 0]),
        (Filter { learner: Some(AccountId(id(101))), ..Filter::default() }, vec![3, 1]),
        (Filter { workshop: Some(WorkshopId(id(200))), ..Filter::default() }, vec![1, 0]),
        (Filter { author: Some(AccountId(id(300))), status: Some(SessionStatus::Finished), ..Filter::default() }, vec![3, 1]),
        (Filter { author: Some(AccountId(id(301))), ..Filter::default() }, vec![]),
        (Filter { preview: Some(true), ..Filter::default() }, vec![3]),
        (Filter { preview: Some(false), status: Some(SessionStatus::Active), ..Filter::default() }, vec![0]),
    ];
    for (filter, expected) in cases {
        let found = page(db, &filter, None, 10).await.expect("a page");
        assert_eq!(found.rows.iter().map(|row| row.session.as_u128()).collect::<Vec<_>>(), expected, "{filter:?}");
        assert_eq!(total(db, &filter).await.expect("a count"), expected.len() as u64);
    }
    let first = page(db, &Filter::default(), None, 3).await.expect("a page");
    let rest = page(db, &Filter::default(), first.rows.last().map(Model::after), 3).await.expect("a page");
    assert_eq!((first.more, rest.more, rest.rows.len(), rest.rows[0].session), (true, false, 1, id(0)));
    assert!(find(db, SessionId(id(3))).await.expect("a query").expect("a session").is_preview());
    assert_eq!(find_many(db, &[SessionId(id(1)), SessionId(id(7))]).await.expect("rows").len(), 1);
}

#[tokio::test]
async fn sessions_of_a_day_are_counted_by_the_calendar_of_a_time_zone() {
    let (_world, projections) = world().await;
    // All were started within the first seconds of 2026 by UTC.
    let [eve, new_year] = [(2025, 12, 31), (2026, 1, 1)].map(|(y, m, d)| chrono::NaiveDate::from_ymd_opt(y, m, d).expect("a day"));
    for (day, zone, expected) in [(new_year, Tz::UTC, 3), (new_year, Tz::America__New_York, 0), (eve, Tz::America__New_York, 3)] {
        assert_eq!(started_since(projections.db(), day, zone).await.expect("a number"), expected, "{day} in {zone}");
    }
}

#[tokio::test]
async fn totals_leave_previews_out() {
    let (_world, projections) = world().await;
    let db = projections.db();
    let learner = learners::find(db, AccountId(id(101))).await.expect("a query").expect("totals");
    let expected =
        learners::Model { learner: id(101), active: 0, finished: 1, abandoned: 0, expired: 0, steps_completed: 3, spent: 7 + 14 + 21 };
    assert_eq!(learner, expected);
    let other = learners::find_many(db, &[AccountId(id(100))]).await.expect("totals").remove(0);
    assert_eq!((other.active, other.abandoned, other.steps_completed, other.spent), (1, 1, 1, 7));

    let workshops = workshop_statistics::of_author(db, AccountId(id(300))).await.expect("totals");
    let brief = |row: &workshop_statistics::Model| (row.workshop, row.starts, row.finishes, row.abandons, row.expiries, row.spent);
    assert_eq!(workshops.iter().map(brief).collect::<Vec<_>>(), [(id(200), 2, 1, 0, 0, 60), (id(201), 1, 0, 1, 0, 0)]);
    assert_eq!(workshop_statistics::find(db, WorkshopId(id(201))).await.expect("a query").as_ref(), workshops.get(1));
    assert_eq!(workshop_statistics::find_many(db, &[WorkshopId(id(200)), WorkshopId(id(7))]).await.expect("totals"), workshops[..1]);
}

#[tokio::test]
async fn steps_tell_who_came_to_them_and_who_failed() {
    let (_world, projections) = world().await;
    let steps = step_statistics::of_workshop(projections.db(), WorkshopId(id(200))).await.expect("totals");
    let brief = |row: &step_statistics::Model| (row.step.clone(), row.reached, row.completed, row.attempts, row.failures, row.spent);
    let expected = [("check".to_owned(), 1, 1, 2, 1, 21), ("quiz".to_owned(), 2, 1, 3, 2, 14), ("read".to_owned(), 2, 2, 2, 0, 14)];
    assert_eq!(steps.iter().map(brief).collect::<Vec<_>>(), expected);
    let all = step_statistics::of_workshops(projections.db(), &[WorkshopId(id(200)), WorkshopId(id(201))]).await.expect("totals");
    assert_eq!(all.len(), 4, "of the abandoned session only the first step was reached");
}
