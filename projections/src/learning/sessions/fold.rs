//! How events change a session's row.

use domain::{
    kernel::Timestamp,
    learning::session::{End, SessionEvent as Event, Start},
};
use uuid::Uuid;

use super::{Model, SessionStatus, StepProgress};
use crate::{
    column::{Json, Word},
    read_model::MissingRow,
};

pub(super) fn fold(session: Uuid, row: Option<Model>, event: &Event, at: Timestamp) -> Result<Model, MissingRow> {
    if let Event::Started(start) = event {
        return Ok(started(session, start));
    }
    let mut row = row.ok_or(MissingRow)?;
    match event {
        Event::Started(_) => {}
        Event::StepAnswered { step, attempt, choices: _, correct } => tried(&mut row, step, *attempt, !correct)?,
        Event::StepCheckPassed { step, attempt, result: _ } => tried(&mut row, step, *attempt, false)?,
        Event::StepCheckFailed { step, attempt, result: _ } => tried(&mut row, step, *attempt, true)?,
        Event::StepCompleted { step, points: _, attempts, at, spent, completed, of, total } => {
            let progress = step_of(&mut row, step)?;
            progress.attempts = *attempts;
            progress.completed_at = Some(*at);
            progress.spent = Some(*spent);
            row.completed = (*completed).into();
            row.of = (*of).into();
            row.points = total.0.into();
        }
        Event::Finished { end } => ended(&mut row, SessionStatus::Finished, end, at),
        Event::Abandoned { end } => ended(&mut row, SessionStatus::Abandoned, end, at),
        Event::Expired { end } => ended(&mut row, SessionStatus::Expired, end, at),
        Event::Extended { expires_at, .. } | Event::Rescheduled { expires_at, .. } => row.expires_at = *expires_at,
    }
    Ok(row)
}

fn started(session: Uuid, start: &Start) -> Model {
    let open = |step: &domain::workshops::StepOutline| StepProgress {
        key: step.key.clone(),
        title: step.title.clone(),
        rule: step.rule,
        points: step.points,
        attempts: 0,
        failures: 0,
        completed_at: None,
        spent: None,
    };
    Model {
        session,
        learner: start.learner.0,
        workshop: start.workshop.0,
        author: start.author.0,
        version: start.version.map(i64::from),
        content: start.content.to_string(),
        title: start.title.clone(),
        step_order: Word(start.order),
        steps: Json(start.steps.iter().map(open).collect()),
        completed: 0,
        of: i64::try_from(start.steps.len()).unwrap_or(i64::MAX),
        points: 0,
        status: Word(SessionStatus::Active),
        started_at: start.started_at,
        expires_at: start.expires_at,
        ended_at: None,
        spent: None,
        environment: start.environment.map(|environment| environment.0),
        run: start.run.map(|run| run.0),
    }
}

fn step_of<'a>(row: &'a mut Model, key: &str) -> Result<&'a mut StepProgress, MissingRow> {
    row.steps.0.iter_mut().find(|step| step.key == key).ok_or(MissingRow)
}

fn tried(row: &mut Model, step: &str, attempt: u32, failed: bool) -> Result<(), MissingRow> {
    let progress = step_of(row, step)?;
    progress.attempts = attempt;
    progress.failures += u32::from(failed);
    Ok(())
}

fn ended(row: &mut Model, status: SessionStatus, end: &End, at: Timestamp) {
    row.status = Word(status);
    row.completed = end.completed.into();
    row.points = end.points.0.into();
    row.spent = Some(end.spent.0.into());
    row.ended_at = Some(at);
}
