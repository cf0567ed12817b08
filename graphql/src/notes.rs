//! What the audit is told of requests: refusals, reads of what is sensitive, commands that left no event. What left events is told of
//! by these.

mod asked;
mod gone;
mod outcomes;
mod shown;

use async_graphql::{PathSegment, Response, ServerError, Value, parser::types::OperationType};
use commands::{
    Commands, Fault, Request,
    audit::{Deed, Trace},
    authorization::{Act, Needs, acts, reads},
};
use domain::{
    audit::trail::Verdict,
    kernel::{AccountId, TypedId},
};
use futures_util::future::try_join_all;

pub(crate) use asked::{Asked, Field, asked};
pub(crate) use gone::Unanswered;
pub(crate) use outcomes::Outcomes;
pub(crate) use shown::{Showing, is_disclosed, is_told, shown, shown_of};

use crate::{
    caller::Caller,
    failure::{Failure, Result},
    limits,
};

/// Commands that leave neither event nor note where they succeed: they are done all the time, and a row tells when they were last.
const QUIET: [Act; 1] = [acts::TOKEN_REFRESH];
/// Codes that say that somebody may not. Beside them mutations are refused by those of rules, and by `GONE`, where nobody waited.
const REFUSALS: [&str; 6] =
    ["UNAUTHENTICATED", "FORBIDDEN", "STEP_UP_REQUIRED", "SECOND_FACTOR_REQUIRED", "NETWORK_NOT_ALLOWED", "RATE_LIMITED"];
/// Codes that say that nobody is to blame but us.
const FAULTS: [&str; 3] = ["UNAVAILABLE", "INTERNAL", "NOT_READY"];

/// Notes what came of queries and mutations, and of whom else these told. Nobody gets what is sensitive without a note.
pub(crate) async fn take(commands: &Commands, caller: &Caller, asked: &Asked, answer: &mut Response) {
    let request = caller.request(None);
    let mut shown = Vec::new();
    for field in &asked.fields {
        let Some((deed, is_needed)) = deed(caller, asked.kind, field, error(answer, field), is_there(answer, field)) else { continue };
        if is_needed {
            shown.push(deed);
        } else {
            // What is wrong is logged where it is found out: it was done, or refused, and stays so.
            let _ = note(commands, &request, deed).await;
        }
    }
    // At once, so that they are written together.
    if let Err(failure) = try_join_all(shown.into_iter().map(|deed| record(commands, &request, deed))).await {
        *answer = withheld(caller, failure);
    }
}

/// Notes that a subscription shows what is somebody else's, the first time that it does. Nobody gets that without a note.
pub(crate) async fn followed(commands: &Commands, caller: &Caller, asked: &Asked, answer: &mut Response) {
    for field in &asked.fields {
        let (Some(others), Some(act)) = (caller.outcomes.others(&field.key), declared(asked.kind, &field.name)) else { continue };
        if caller.outcomes.is_noted(&field.key) {
            continue;
        }
        let others = others.named(&act).into_iter().map(|account| account.to_string()).filter(|id| !field.ids.contains(id));
        let about = field.ids.iter().cloned().chain(others).collect();
        match record(commands, &caller.request(None), Deed::accepted(act.name, about)).await {
            Ok(()) => caller.outcomes.noted(field.key.clone()),
            Err(failure) => *answer = withheld(caller, failure),
        }
    }
}

/// What is answered in place of what could not be noted.
fn withheld(caller: &Caller, failure: Failure) -> Response {
    let mut errors = vec![limits::refusal(failure)];
    crate::failure::finish(&mut errors, caller.correlation);
    Response::from_errors(errors)
}

/// Notes that subscriptions are opened, or must not be.
///
/// # Errors
/// What is sensitive could not be noted.
pub(crate) async fn opened(commands: &Commands, caller: &Caller, asked: &Asked) -> Result<()> {
    for field in asked.fields.iter().filter(|_| asked.kind == OperationType::Subscription) {
        let Some(act) = declared(asked.kind, &field.name) else { continue };
        match caller.actor.allowed(&act) {
            Ok(()) if is_sensitive(&act, caller, field) => {
                record(commands, &caller.request(None), Deed::accepted(act.name, field.ids.clone())).await?;
                caller.outcomes.noted(field.key.clone());
            }
            Ok(()) => {}
            Err(fault) => refused(commands, &caller.request(None), act.name, code_of(&fault), field.ids.clone()).await,
        }
    }
    Ok(())
}

/// Notes that nothing of a document was done.
pub(crate) async fn not_done(commands: &Commands, caller: &Caller, asked: &Asked, code: &str) {
    for field in &asked.fields {
        if let Some(act) = declared(asked.kind, &field.name) {
            refused(commands, &caller.request(None), act.name, code, field.ids.clone()).await;
        }
    }
}

/// Notes a refusal. That it could not be noted is for the log: it stays a refusal.
pub(crate) async fn refused(commands: &Commands, request: &Request, operation: &str, code: &str, subjects: Vec<String>) {
    // What is wrong is logged where it is found out.
    let _ = note(commands, request, Deed::refused(operation, code, subjects)).await;
}

/// Has something written a moment later, or counted.
async fn note(commands: &Commands, request: &Request, deed: Deed) -> Result<()> {
    let operation = deed.operation.clone();
    commands.audit.note(request, deed).await.map_err(|fault| unnoted(request, &operation, &fault))
}

/// Has something written before it is answered.
async fn record(commands: &Commands, request: &Request, deed: Deed) -> Result<()> {
    let operation = deed.operation.clone();
    commands.audit.record(request, deed).await.map_err(|fault| unnoted(request, &operation, &fault))
}

fn unnoted(request: &Request, operation: &str, fault: &Fault) -> Failure {
    tracing::error!(%fault, operation, correlation = %request.correlation, "what was asked could not be noted");
    metrics::counter!("nalabo_audit_faults_total").increment(1);
    Failure::Unavailable(fault.to_string())
}

/// What there is to note of a field, and whether nothing is answered without that; by the code that it is answered with, if it is an error,
/// and whether anything else is there.
fn deed(caller: &Caller, kind: OperationType, field: &Field, code: Option<&str>, is_there: bool) -> Option<(Deed, bool)> {
    let act = declared(kind, &field.name)?;
    let Trace { recorded, refusal, subjects } = caller.outcomes.of(&field.key);
    let mut about = field.ids.clone();
    let others = caller.outcomes.others(&field.key);
    let is_noted = others.is_some() || is_sensitive(&act, caller, field);
    let others = others.unwrap_or_default();
    // What a command's events tell is what it is about, not who else is told of in its answer.
    let tells_of_others = others.told.iter().any(|account| !field.ids.contains(&account.to_string()));
    let subjects = subjects.into_iter().chain(others.named(&act).into_iter().map(|account| account.to_string()));
    about.extend(subjects.filter(|id| !field.ids.contains(id)));
    // A rule that forbids something leaves no event: those are of what went before, such as that a hash was replaced. What is quiet leaves
    // one only where it is refused, and that is told by it.
    let is_told = recorded && (refusal.is_none() || QUIET.contains(&act));
    let (verdict, reason) = match (kind, code) {
        _ if is_told && tells_of_others => (Verdict::Accepted, None),
        _ if is_told => return None,
        _ if refusal.is_some() => (Verdict::Refused, refusal),
        // Though something within it was refused: what is there is shown.
        (OperationType::Query, _) if is_noted && is_there => (Verdict::Accepted, None),
        (OperationType::Mutation, Some(code)) if FAULTS.contains(&code) => (Verdict::Failed, Some(code.to_owned())),
        (OperationType::Mutation, Some(code)) => (Verdict::Refused, Some(code.to_owned())),
        (_, Some(code)) if REFUSALS.contains(&code) => (Verdict::Refused, Some(code.to_owned())),
        (OperationType::Mutation, None) if (QUIET.contains(&act) && !tells_of_others) || !is_there => return None,
        (OperationType::Query | OperationType::Subscription, _) => return None,
        (OperationType::Mutation, _) => (Verdict::Accepted, None),
    };
    let is_needed = verdict == Verdict::Accepted && (kind == OperationType::Query || tells_of_others);
    Some((Deed { operation: act.name.to_owned(), verdict, reason, subjects: about }, is_needed))
}

/// Whether other people's things are read.
fn is_sensitive(act: &Act, caller: &Caller, field: &Field) -> bool {
    let own = caller.actor.account().map(|account| account.to_string());
    let somebody = |id: &String| id.starts_with(AccountId::PREFIX) && own.as_ref() != Some(id);
    let may_be_others = matches!(act.needs, Needs::OwnOr(_)) || *act == reads::NODE;
    act.is_sensitive() || (may_be_others && field.ids.iter().any(somebody))
}

/// The code of the first error of a field.
fn error<'a>(answer: &'a Response, field: &Field) -> Option<&'a str> {
    let of_field = |error: &&ServerError| matches!(error.path.first(), Some(PathSegment::Field(key)) if *key == field.key);
    answer.errors.iter().find(of_field).map(code)
}

fn is_there(answer: &Response, field: &Field) -> bool {
    matches!(&answer.data, Value::Object(fields) if fields.get(field.key.as_str()).is_some_and(|value| *value != Value::Null))
}

fn declared(kind: OperationType, name: &str) -> Option<Act> {
    let all = if kind == OperationType::Mutation { acts::ALL } else { reads::ALL };
    all.iter().find(|act| act.name == name).copied()
}

fn code(error: &ServerError) -> &str {
    match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
        Some(Value::String(code)) => code,
        _ => "BAD_USER_INPUT",
    }
}

/// The code that a fault is answered with, where somebody may not.
const fn code_of(fault: &Fault) -> &'static str {
    match fault {
        Fault::Unauthenticated => "UNAUTHENTICATED",
        Fault::StepUpRequired => "STEP_UP_REQUIRED",
        Fault::SecondFactorRequired => "SECOND_FACTOR_REQUIRED",
        Fault::NetworkNotAllowed => "NETWORK_NOT_ALLOWED",
        _ => "FORBIDDEN",
    }
}
