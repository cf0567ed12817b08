use domain::{
    kernel::{AccountId, Points, Seconds, SessionId},
    learning::session::{CheckEnd, SessionEvent},
};

use super::{Entity, Model, of_sessions, of_step};
use crate::{
    column::Json,
    fixtures::{World, catch_up, digest, histories::checked, id, recorded, rows, second},
};
use domain::{Decider, kernel::Personal, learning::session::Session};

fn answered(attempt: u32, correct: bool) -> SessionEvent {
    SessionEvent::StepAnswered { step: "quiz".into(), attempt, choices: vec![0, 2], correct }
}

#[test]
fn answers_and_checks_are_kept_as_they_were_observed() {
    let completed = SessionEvent::StepCompleted {
        step: "check".into(),
        points: Points(10),
        attempts: 2,
        at: second(5),
        spent: Seconds(4),
        completed: 2,
        of: 3,
        total: Points(20),
    };
    let events = [answered(1, false), checked(1, CheckEnd::TimedOut), checked(2, CheckEnd::Exited(0)), completed];
    let events: Vec<_> = (1..).zip(events).map(|(position, event)| recorded(position, id(1), event)).collect();
    let check = |attempt: i64, end: CheckEnd| Model {
        session: id(1),
        step: "check".into(),
        attempt,
        check_name: "file-exists".into(),
        passed: end.passed(),
        choices: None,
        end: Some(Json(end)),
        output: Some(Json(Personal::sealed(AccountId(id(9)), "sealed".into()))),
        digest: Some(digest("b").to_string()),
        milliseconds: Some(12),
        at: second(attempt + 1),
    };
    let answer = Model {
        session: id(1),
        step: "quiz".into(),
        attempt: 1,
        check_name: String::new(),
        passed: false,
        choices: Some(Json(vec![0, 2])),
        end: None,
        output: None,
        digest: None,
        milliseconds: None,
        at: second(1),
    };
    assert!(answer.is_answer() && !check(1, CheckEnd::TimedOut).is_answer());
    assert_eq!(rows(&Entity, &events), [check(1, CheckEnd::TimedOut), check(2, CheckEnd::Exited(0)), answer]);
}

#[tokio::test]
async fn attempts_are_listed_by_step_in_the_order_they_were_made() {
    let world = World::new().await;
    let first = [answered(1, false), checked(1, CheckEnd::Signalled(9)), answered(2, true), checked(2, CheckEnd::Exited(0))];
    world.append(Session::STREAM, id(1), &first).await;
    world.append(Session::STREAM, id(2), &[answered(1, true)]).await;
    let projections = world.open_with(vec![Box::new(Entity)], "rows.db", 3).await;
    catch_up(&projections, world.head().await).await;
    let db = projections.db();
    let brief = |rows: Vec<Model>| rows.into_iter().map(|row| (row.session, row.step, row.attempt, row.passed)).collect::<Vec<_>>();
    let quiz = of_step(db, SessionId(id(1)), "quiz").await.expect("rows");
    assert_eq!(brief(quiz), [(id(1), "quiz".to_owned(), 1, false), (id(1), "quiz".to_owned(), 2, true)]);
    let all = of_sessions(db, &[SessionId(id(1)), SessionId(id(2))]).await.expect("rows");
    let output = all[0].output.clone().expect("what the check printed");
    assert_eq!(all.len(), 5);
    assert!(output.as_sealed().is_some());
}
