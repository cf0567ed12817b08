//! Registrations as people send them.

use async_graphql::{ID, InputObject, OneofObject};
use commands::booking::{Guest, Transferee, Wanted};
use domain::{
    booking::{Answer, Answers},
    kernel::{RegistrationId, RunId, Timestamp},
};
use secrecy::SecretString;

use super::amounts::count;
use crate::{
    failure::{Failure, Result},
    input,
};

/// An answer to a question.
#[derive(InputObject)]
pub(crate) struct AnswerInput {
    /// The question's.
    key: String,
    value: AnswerValueInput,
}

/// As the question is.
#[derive(OneofObject)]
pub(crate) enum AnswerValueInput {
    /// A text; for a question with one choice, that.
    Text(String),
    Number(i64),
    YesNo(bool),
    Choices(Vec<String>),
}

/// Who wants to come to what.
#[derive(InputObject)]
pub(crate) struct RegistrationRequestInput {
    run_id: ID,
    /// The ticket's key.
    ticket: String,
    /// Names of all who come, as many as seats; none: the caller's.
    #[graphql(default)]
    attendees: Vec<String>,
    /// Addresses of those among them who are written to, and begin a session of the run by an account that has verified it.
    #[graphql(default)]
    member_emails: Vec<String>,
    #[graphql(default)]
    answers: Vec<AnswerInput>,
    /// A code that reduces the price, or admits.
    code: Option<String>,
    /// Wait, if there is no place.
    #[graphql(default)]
    wait: bool,
    pub(super) idempotency_key: Option<String>,
}

/// Who takes a place in line, if there is no other.
#[derive(InputObject)]
pub(crate) struct WaitlistJoinInput {
    run_id: ID,
    /// The ticket's key.
    ticket: String,
    /// Names of all who come, as many as seats; none: the caller's.
    #[graphql(default)]
    attendees: Vec<String>,
    /// Addresses of those among them who are written to, and begin a session of the run by an account that has verified it.
    #[graphql(default)]
    member_emails: Vec<String>,
    #[graphql(default)]
    answers: Vec<AnswerInput>,
    /// A code that reduces the price, or admits.
    code: Option<String>,
    pub(super) idempotency_key: Option<String>,
}

/// Who comes instead.
#[derive(InputObject)]
pub(crate) struct RegistrationTransferInput {
    pub(super) registration_id: ID,
    email: String,
    name: String,
    /// Names of all who come, as many as there were; none: theirs.
    #[graphql(default)]
    attendees: Vec<String>,
    /// Addresses of those among them who are written to, and begin a session of the run by an account that has verified it.
    #[graphql(default)]
    member_emails: Vec<String>,
    #[graphql(default)]
    answers: Vec<AnswerInput>,
    pub(super) idempotency_key: Option<String>,
}

/// Who has come: by one of the two.
#[derive(InputObject)]
pub(crate) struct RegistrationCheckInInput {
    registration_id: Option<ID>,
    /// What somebody shows at the door, as it was scanned.
    code: Option<String>,
    /// At whose door: nobody is let in by a registration for another run.
    run_id: Option<ID>,
    pub(super) idempotency_key: Option<String>,
}

/// By what it is said who has come.
pub(super) enum Arrival {
    Registration(RegistrationId),
    Code(SecretString),
}

/// Who is invited to what.
#[derive(InputObject)]
pub(crate) struct GuestInviteInput {
    run_id: ID,
    email: String,
    name: String,
    /// The one ticket that it is for, by its key; left out: all of them.
    ticket: Option<String>,
    /// 0 to 255: the least that they have in line.
    #[graphql(default)]
    priority: i64,
    until: Option<Timestamp>,
    pub(super) idempotency_key: Option<String>,
}

impl RegistrationRequestInput {
    /// # Errors
    /// What cannot be read, by field.
    pub(super) fn read(self) -> Result<Wanted> {
        let Self { run_id, ticket, attendees, member_emails, answers, code, wait, idempotency_key: _ } = self;
        Ok(Wanted { run: run(&run_id)?, ticket, attendees, members: member_emails, answers: read(answers)?, code, wait })
    }
}

impl WaitlistJoinInput {
    /// # Errors
    /// What cannot be read, by field.
    pub(super) fn read(self) -> Result<Wanted> {
        let Self { run_id, ticket, attendees, member_emails, answers, code, idempotency_key: _ } = self;
        Ok(Wanted { run: run(&run_id)?, ticket, attendees, members: member_emails, answers: read(answers)?, code, wait: true })
    }
}

impl RegistrationTransferInput {
    /// # Errors
    /// What cannot be read, by field.
    pub(super) fn read(self) -> Result<(RegistrationId, Transferee)> {
        let Self { registration_id, email, name, attendees, member_emails, answers, idempotency_key: _ } = self;
        Ok((registration(&registration_id)?, Transferee { email, name, attendees, members: member_emails, answers: read(answers)? }))
    }
}

impl RegistrationCheckInInput {
    /// # Errors
    /// What cannot be read, by field.
    pub(super) fn read(self) -> Result<(Arrival, Option<RunId>)> {
        let arrival = match (self.registration_id, self.code) {
            (Some(id), None) => Arrival::Registration(registration(&id)?),
            (None, Some(code)) => Arrival::Code(code.into()),
            (None, None) => return Err(Failure::bad_input("registrationId", "registrationId: expected a registration, or a code")),
            (Some(_), Some(_)) => return Err(Failure::bad_input("code", "code: expected a registration or a code, not both")),
        };
        Ok((arrival, self.run_id.as_ref().map(run).transpose()?))
    }
}

impl GuestInviteInput {
    /// # Errors
    /// What cannot be read, by field.
    pub(super) fn read(self) -> Result<Guest> {
        let Self { run_id, email, name, ticket, priority, until, idempotency_key: _ } = self;
        Ok(Guest { run: run(&run_id)?, email, name, ticket, priority: count("priority", priority)?, until })
    }
}

pub(super) fn run(id: &ID) -> Result<RunId> {
    input::id("runId", id)
}

pub(super) fn registration(id: &ID) -> Result<RegistrationId> {
    input::id("registrationId", id)
}

/// Answers by their questions.
fn read(given: Vec<AnswerInput>) -> Result<Answers> {
    let mut answers = Answers::new();
    for (at, AnswerInput { key, value }) in given.into_iter().enumerate() {
        if answers.insert(key, value.into()).is_some() {
            let field = format!("answers[{at}].key");
            return Err(Failure::expected(&field, "one answer to a question"));
        }
    }
    Ok(answers)
}

impl From<AnswerValueInput> for Answer {
    fn from(value: AnswerValueInput) -> Self {
        match value {
            AnswerValueInput::Text(text) => Self::Text(text),
            AnswerValueInput::Number(number) => Self::Number(number),
            AnswerValueInput::YesNo(is_so) => Self::YesNo(is_so),
            AnswerValueInput::Choices(choices) => Self::Choices(choices),
        }
    }
}
