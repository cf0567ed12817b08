//! What the learner does in a session, step by step.

use serde_json::{Value, json};

use super::{
    DemoError,
    answers::Answers,
    narrator::Narrator,
    play::{failed, text},
};
use crate::client::{Client, Shell};

const QUESTION: &str = "query($id: ID!) { session(id: $id) { currentStep { page { question { text choices } } } } }";
const CHECKED: &str = "passed session { steps { key attempts(last: 1) { checks { check passed output } } } }";

/// A learner at work in a session.
pub(super) struct Work<'a> {
    client: &'a Client,
    narrator: &'a Narrator,
    session: &'a str,
    shell: Shell,
    answers: Answers,
    /// Whether it was seen how a check fails.
    has_failed: bool,
}

impl<'a> Work<'a> {
    /// Opens the web terminal.
    pub(super) async fn begin(client: &'a Client, narrator: &'a Narrator, session: &'a str, environment: &str) -> Result<Self, DemoError> {
        let issued = client.mutate("terminalTicketIssue", json!({ "environmentId": environment }), "ticket url").await;
        let issued = issued.map_err(failed("get a ticket to the terminal"))?;
        let terminal = client.terminal(text(&issued["url"]), text(&issued["ticket"])).await.map_err(failed("open the terminal"))?;
        let shell = Shell::begin(terminal).await.map_err(failed("type into the terminal"))?;
        narrator.say("the web terminal is open");
        Ok(Self { client, narrator, session, shell, answers: Answers::try_new()?, has_failed: false })
    }

    /// Completes a step by its rule.
    pub(super) async fn step(&mut self, key: &str, rule: &str) -> Result<(), DemoError> {
        match rule {
            "ANSWER" => self.answer(key).await,
            "CHECK" => self.check(key).await,
            _ => self.send("stepComplete", key, json!({}), "session { id }").await.map(drop),
        }
    }

    async fn answer(&self, step: &str) -> Result<(), DemoError> {
        let data = self.client.graphql(QUESTION, json!({ "id": self.session })).await.map_err(failed("read the question"))?;
        let question = &data["session"]["currentStep"]["page"]["question"];
        self.narrator.say(text(&question["text"]));
        let choices = self.answers.choices(step);
        for choice in &choices {
            self.narrator.say(format!("the answer: {}", text(&question["choices"][usize::from(*choice)])));
        }
        let answered = self.send("stepAnswer", step, json!({ "choices": choices }), "passed").await?;
        if answered["passed"] == true { Ok(()) } else { Err(DemoError::step(format!("answer step {step}"), "the answer was not right")) }
    }

    /// Does what is asked for, and has it checked; the first time before that too.
    async fn check(&mut self, step: &str) -> Result<(), DemoError> {
        if !self.has_failed {
            self.narrator.say("checking before anything was done:");
            self.expect(step, false).await?;
            self.has_failed = true;
        }
        for commands in self.answers.commands(step) {
            let shown = self.shell.run(&commands).await;
            self.narrator.quote(&shown.map_err(|error| DemoError::step(format!("type the commands of step {step}"), error))?);
        }
        self.expect(step, true).await
    }

    async fn expect(&self, step: &str, passes: bool) -> Result<(), DemoError> {
        let payload = self.send("stepCheck", step, json!({}), CHECKED).await?;
        let steps = payload["session"]["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
        let attempt = steps.iter().find(|one| one["key"] == step).map(|step| &step["attempts"][0]);
        for run in attempt.and_then(|attempt| attempt["checks"].as_array()).into_iter().flatten() {
            let verdict = if run["passed"] == true { "passed" } else { "FAILED" };
            self.narrator.say(format!("check {} {verdict}: {}", text(&run["check"]), text(&run["output"]).trim()));
        }
        if payload["passed"] == passes {
            return Ok(());
        }
        let why = if passes { "it failed" } else { "it passed before anything was done" };
        Err(DemoError::step(format!("check step {step}"), why))
    }

    async fn send(&self, mutation: &str, step: &str, more: Value, selection: &str) -> Result<Value, DemoError> {
        let mut input = more;
        input["sessionId"] = self.session.into();
        input["step"] = step.into();
        let payload = self.client.mutate(mutation, input, selection).await;
        payload.map_err(|error| DemoError::step(format!("complete step {step} with {mutation}"), error))
    }
}
