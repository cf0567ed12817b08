//! Getting into an environment.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{
    environments::{EnvironmentRejection, environment::Environment},
    kernel::{AccountId, EnvironmentId, Timestamp},
};
use secrecy::ExposeSecret;

use super::errors::EnvironmentError;
use crate::{context::Access, decided::Errors, failure::Result, input};

#[derive(InputObject)]
pub(crate) struct TerminalTicketIssueInput {
    environment_id: ID,
}

#[derive(SimpleObject, Default)]
pub(crate) struct TerminalTicketIssuePayload {
    /// Opens the terminal once.
    ticket: Option<String>,
    /// Until when it must have been used.
    expires_at: Option<Timestamp>,
    /// The path of the terminal's WebSocket.
    url: Option<String>,
    errors: Vec<EnvironmentError>,
}

#[derive(Default)]
pub(crate) struct EnvironmentMutations;

#[Object]
impl EnvironmentMutations {
    /// Get a ticket for the terminal of one's own environment. It is short-lived and good for one use.
    async fn terminal_ticket_issue(&self, ctx: &Context<'_>, input: TerminalTicketIssueInput) -> Result<TerminalTicketIssuePayload> {
        let (account, sign_in) = (ctx.caller().account()?, ctx.caller().sign_in()?);
        let id: EnvironmentId = input::id("environmentId", &input.environment_id)?;
        let environment = ctx.services().commands.environments.environment(id).await?;
        if let Err(rejection) = enterable(&environment, account) {
            return Ok(TerminalTicketIssuePayload { errors: rejection.errors(), ..Default::default() });
        }
        let ticket = ctx.services().tickets.issue(account, sign_in, id);
        Ok(TerminalTicketIssuePayload {
            ticket: Some(ticket.token.expose_secret().to_owned()),
            expires_at: Some(ticket.expires_at),
            url: Some(format!("/terminal/{id}")),
            errors: vec![],
        })
    }
}

/// Whether somebody may work in an environment now. That there is one is nobody else's business.
fn enterable(environment: &Environment, account: AccountId) -> Result<(), EnvironmentRejection> {
    let learner = match environment {
        Environment::Absent => return Err(EnvironmentRejection::NotFound),
        Environment::TornDown(request) => request.learner,
        Environment::Provisioning(made) | Environment::Ready(made) | Environment::TearingDown(made, _) | Environment::Stuck(made, _) => {
            made.request.learner
        }
    };
    match environment {
        _ if learner != account => Err(EnvironmentRejection::NotFound),
        Environment::Ready(_) => Ok(()),
        other => Err(EnvironmentRejection::WrongState { state: other.state().into() }),
    }
}
