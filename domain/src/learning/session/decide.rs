//! The rules of a session.

use super::{Active, End, Rejection, Session, SessionCommand as Command, SessionEvent as Event};
use crate::{
    kernel::{Minutes, Points, Seconds, Timestamp},
    workshops::RuleKind,
};

type Decision = Result<Vec<Event>, Rejection>;

pub(super) fn decide(session: &Session, command: Command, now: Timestamp) -> Decision {
    match command {
        Command::Start(start) => match session {
            Session::Absent => Ok(vec![Event::Started(*start)]),
            Session::Active(_) | Session::Ended { .. } => Err(Rejection::Ended),
        },
        Command::CompleteStep { by, step } => {
            let active = session.active_of(by)?;
            let Some(step) = active.turn(&step, RuleKind::Read)? else { return Ok(vec![]) };
            Ok(vec![completed(active, &step.key, 1, now)])
        }
        Command::AnswerStep { by, step, choices, right, of } => answer(session.active_of(by)?, &step, choices, &right, of, now),
        Command::RecordChecks { by, step, results, all } => {
            let active = session.active_of(by)?;
            let Some(step) = active.turn(&step, RuleKind::Check)? else { return Ok(vec![]) };
            let attempt = active.attempts.get(&step.key).unwrap_or(&0) + 1;
            // Where nothing ran, nothing was proven.
            let passed = all && !results.is_empty() && results.iter().all(|result| result.end.passed());
            let recorded = results.into_iter().map(|result| {
                let step = step.key.clone();
                if result.end.passed() {
                    Event::StepCheckPassed { step, attempt, result }
                } else {
                    Event::StepCheckFailed { step, attempt, result }
                }
            });
            Ok(recorded.chain(passed.then(|| completed(active, &step.key, attempt, now))).collect())
        }
        Command::Finish { by } => {
            let active = session.active_of(by)?;
            let remaining = count(active.start.steps.len() - active.completed.len());
            if remaining > 0 {
                return Err(Rejection::StepsRemaining { remaining });
            }
            Ok(vec![Event::Finished { end: end(active, active.start.completion_points, now) }])
        }
        Command::Abandon { by } => Ok(vec![Event::Abandoned { end: end(session.active_of(by)?, Points(0), now) }]),
        Command::Expire => match session {
            // A timer may fire early, late or twice.
            Session::Active(active) if active.start.expires_at <= now => Ok(vec![Event::Expired { end: end(active, Points(0), now) }]),
            Session::Absent | Session::Active(_) | Session::Ended { .. } => Ok(vec![]),
        },
        Command::Reschedule { until } => match session {
            Session::Active(active) if active.start.expires_at != until => {
                Ok(vec![Event::Rescheduled { environment: active.start.environment, expires_at: until }])
            }
            Session::Absent | Session::Active(_) | Session::Ended { .. } => Ok(vec![]),
        },
        Command::Extend { by, minutes, limit } => {
            let active = by.map_or_else(|| session.active(), |by| session.active_of(by))?;
            extend(active, minutes, limit)
        }
    }
}

fn extend(active: &Active, minutes: Minutes, limit: Minutes) -> Decision {
    let left = limit.0.saturating_sub(active.extended.0);
    if minutes.0 == 0 || minutes.0 > left {
        return Err(Rejection::ExtensionInvalid { left });
    }
    Ok(vec![Event::Extended {
        environment: active.start.environment,
        extended: Minutes(active.extended.0 + minutes.0),
        expires_at: active.start.expires_at + chrono::TimeDelta::from(minutes),
    }])
}

fn answer(active: &Active, step: &str, mut choices: Vec<u16>, right: &[u16], of: u16, now: Timestamp) -> Decision {
    let Some(step) = active.turn(step, RuleKind::Answer)? else { return Ok(vec![]) };
    let given = choices.len();
    choices.sort_unstable();
    choices.dedup();
    if choices.is_empty() || choices.len() != given || choices.iter().any(|choice| *choice >= of) {
        return Err(Rejection::ChoicesInvalid { choices: of });
    }
    let correct = choices.len() == right.len() && choices.iter().all(|choice| right.contains(choice));
    let attempt = active.attempts.get(&step.key).unwrap_or(&0) + 1;
    let answered = Event::StepAnswered { step: step.key.clone(), attempt, choices, correct };
    Ok([answered].into_iter().chain(correct.then(|| completed(active, &step.key, attempt, now))).collect())
}

fn completed(active: &Active, step: &str, attempts: u32, now: Timestamp) -> Event {
    let earned = if active.start.version.is_some() { active.start.step(step).map_or(Points(0), |step| step.points) } else { Points(0) };
    Event::StepCompleted {
        step: step.to_owned(),
        points: earned,
        attempts,
        at: now,
        spent: between(active.since, now),
        completed: count(active.completed.len() + 1),
        of: count(active.start.steps.len()),
        total: active.points.plus(earned),
    }
}

fn end(active: &Active, bonus: Points, now: Timestamp) -> End {
    let preview = active.start.version.is_none();
    let bonus = if preview { Points(0) } else { bonus };
    End {
        learner: active.start.learner,
        workshop: active.start.workshop,
        author: active.start.author,
        preview,
        environment: active.start.environment,
        completed: count(active.completed.len()),
        of: count(active.start.steps.len()),
        points: active.points.plus(bonus),
        bonus,
        spent: between(active.start.started_at, now),
    }
}

fn between(from: Timestamp, to: Timestamp) -> Seconds {
    Seconds(u32::try_from((to - from).num_seconds().max(0)).unwrap_or(u32::MAX))
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

pub(super) fn evolve(session: &mut Session, event: &Event) {
    match (&mut *session, event) {
        (_, Event::Started(start)) => {
            *session = Session::Active(Box::new(Active {
                since: start.started_at,
                start: start.clone(),
                attempts: std::collections::BTreeMap::new(),
                completed: Vec::new(),
                points: Points(0),
                extended: Minutes(0),
            }));
        }
        (Session::Active(active), Event::Extended { extended, expires_at, .. }) => {
            active.extended = *extended;
            active.start.expires_at = *expires_at;
        }
        (Session::Active(active), Event::Rescheduled { expires_at, .. }) => active.start.expires_at = *expires_at,
        (
            Session::Active(active),
            Event::StepAnswered { step, attempt, .. }
            | Event::StepCheckPassed { step, attempt, .. }
            | Event::StepCheckFailed { step, attempt, .. },
        ) => {
            active.attempts.insert(step.clone(), *attempt);
        }
        (Session::Active(active), Event::StepCompleted { step, at, total, .. }) => {
            active.completed.push(step.clone());
            active.since = *at;
            active.points = *total;
        }
        (_, Event::Finished { end } | Event::Abandoned { end } | Event::Expired { end }) => {
            *session = Session::Ended { learner: end.learner, workshop: end.workshop };
        }
        (
            Session::Absent | Session::Ended { .. },
            Event::StepAnswered { .. }
            | Event::StepCheckPassed { .. }
            | Event::StepCheckFailed { .. }
            | Event::StepCompleted { .. }
            | Event::Extended { .. }
            | Event::Rescheduled { .. },
        ) => {}
    }
}
