//! Those who write while the server is killed, and what they were told.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use nalabo::client::{Client, ClientError};
use serde_json::{Value, json};

use super::STEPS;
use crate::{authoring::reading, people::Person, site::Server};

/// A command as it can be sent again.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) key: String,
    token: String,
    mutation: &'static str,
    input: Value,
    /// What of its event tells it from others.
    pub(crate) trace: Value,
}

/// What all writers together know.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) acknowledged: Vec<Command>,
    /// Sent, but not answered: they happened, or did not.
    pub(crate) in_doubt: Vec<Command>,
}

impl Ledger {
    pub(crate) fn take(&mut self, written: Self) {
        self.acknowledged.extend(written.acknowledged);
        self.in_doubt.extend(written.in_doubt);
    }

    /// Sends what is in doubt again, under the same keys.
    pub(crate) async fn settle(&mut self, server: &Server) {
        for command in std::mem::take(&mut self.in_doubt) {
            let sent = send(&server.client(), &command).await;
            sent.unwrap_or_else(|error| panic!("{command:?} is not accepted when it is sent again: {error}"));
            self.acknowledged.push(command);
        }
    }
}

/// One who writes until the server is gone.
pub(crate) struct Writer {
    client: Client,
    commands: Box<dyn Iterator<Item = Command> + Send>,
}

impl Writer {
    /// Drafts workshops.
    pub(crate) fn author(server: &Server, author: &Person, round: usize, number: usize) -> Self {
        let token = author.tokens.access.clone();
        let commands = (0..).map(move |draft| {
            let slug = format!("r{round}-w{number}-{draft}");
            let input = json!({ "slug": slug, "content": reading(1, 1) });
            Command { key: slug.clone(), token: token.clone(), mutation: "workshopDraft", input, trace: json!(["Drafted", slug]) }
        });
        Self { client: server.client(), commands: Box::new(commands) }
    }

    /// Goes through a workshop. The session is known only once it has started, so the steps' commands get it then.
    pub(crate) fn learner(server: &Server, learner: &Person, workshop: &str, round: usize) -> Self {
        let (token, account) = (learner.tokens.access.clone(), learner.account.clone());
        let start = Command {
            key: format!("r{round}-start"),
            token: token.clone(),
            mutation: "sessionStart",
            input: json!({ "workshopId": workshop }),
            trace: json!(["Started", account]),
        };
        let steps = (1..=STEPS).map(move |step| {
            let step = format!("page-{step}");
            let (key, trace) = (format!("r{round}-{step}"), json!(["StepCompleted", account, step]));
            Command { key, token: token.clone(), mutation: "stepComplete", input: json!({ "step": step }), trace }
        });
        Self { client: server.client(), commands: Box::new(std::iter::once(start).chain(steps)) }
    }

    /// The same, but it also ends when it is told to.
    pub(crate) fn until(self, told: Arc<AtomicBool>) -> Self {
        Self { commands: Box::new(self.commands.take_while(move |_| !told.load(Ordering::Acquire))), ..self }
    }

    /// Writes until there is no answer, and counts what is acknowledged.
    pub(crate) async fn write(self, written: Arc<AtomicUsize>) -> Ledger {
        let mut ledger = Ledger::default();
        let mut session = Value::Null;
        for mut command in self.commands {
            if command.mutation == "stepComplete" {
                command.input["sessionId"] = session.clone();
            }
            let mut answer = send(&self.client, &command).await;
            // While nobody folds, the session is accepted but cannot be read yet: asked again under its key, it is told later.
            while let Ok(payload) = &answer
                && payload["session"].is_null()
                && command.mutation != "workshopDraft"
            {
                assert_eq!(payload["stale"], true, "{command:?}");
                answer = send(&self.client, &command).await;
            }
            match answer {
                Ok(payload) => {
                    if command.mutation == "sessionStart" {
                        session = payload["session"]["id"].clone();
                    }
                    ledger.acknowledged.push(command);
                    written.fetch_add(1, Ordering::Release);
                }
                Err(ClientError::Http(_)) => {
                    ledger.in_doubt.push(command);
                    break;
                }
                Err(error) => panic!("{command:?}: {error}"),
            }
        }
        ledger
    }
}

async fn send(client: &Client, command: &Command) -> Result<Value, ClientError> {
    let mut input = command.input.clone();
    input["idempotencyKey"] = command.key.as_str().into();
    let selection = match command.mutation {
        "workshopDraft" => "workshop { id }",
        _ => "session { id } stale",
    };
    client.with_token(&command.token).mutate(command.mutation, input, selection).await
}
