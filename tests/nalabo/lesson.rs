//! A learner in a session.

use nalabo::client::{ClientError, Shell, Subscription, Terminal};
use serde_json::{Value, json};

use crate::{
    people::{Person, text},
    site::PATIENCE,
};

const CHANGES: &str =
    "subscription($id: ID!) { sessionChanged(id: $id) { status completedSteps points environment { id state failure } } }";
const CHECKED: &str =
    "passed session { points steps { key completed attempts(last: 1) { number checks { check passed end exitCode output } } } }";

/// A session of somebody's.
pub(crate) struct Lesson {
    pub(crate) person: Person,
    pub(crate) session: String,
}

impl Lesson {
    pub(crate) async fn start(person: &Person, workshop: &str) -> Self {
        let started = person.mutate("sessionStart", json!({ "workshopId": workshop }), "session { id }").await;
        Self { person: person.clone(), session: text(&started["session"]["id"]) }
    }

    pub(crate) async fn changes(&self) -> Subscription {
        self.person.client.subscribe(CHANGES, json!({ "id": self.session })).await.expect("a subscription")
    }

    /// Waits for the environment; its id.
    pub(crate) async fn environment(&self) -> String {
        let state = |data: &Value| {
            let environment = &data["sessionChanged"]["environment"];
            assert!(environment["state"] != "STUCK" && environment["state"] != "TORN_DOWN", "{environment}");
            (environment["state"] == "READY").then(|| text(&environment["id"]))
        };
        self.changes().await.until("a ready environment", PATIENCE, state).await.expect("ready")
    }

    /// A ticket and the path that it is for.
    pub(crate) async fn ticket(&self, environment: &str) -> (String, String) {
        let issued = self.person.mutate("terminalTicketIssue", json!({ "environmentId": environment }), "ticket url").await;
        (text(&issued["ticket"]), text(&issued["url"]))
    }

    pub(crate) async fn terminal(&self, environment: &str) -> Result<Terminal, ClientError> {
        let (ticket, path) = self.ticket(environment).await;
        self.person.client.terminal(&path, &ticket).await
    }

    pub(crate) async fn shell(&self, environment: &str) -> Shell {
        Shell::begin(self.terminal(environment).await.expect("a terminal")).await.expect("a shell")
    }

    /// Has a step checked; whether it is completed, and the first run of its last attempt.
    pub(crate) async fn check(&self, step: &str) -> (bool, Value) {
        let checked = self.person.mutate("stepCheck", self.at(step), CHECKED).await;
        let steps = checked["session"]["steps"].as_array().expect("steps");
        let step = steps.iter().find(|one| one["key"] == step).expect("the step");
        assert_eq!(checked["passed"], step["completed"]);
        (checked["passed"] == true, step["attempts"][0]["checks"][0].clone())
    }

    pub(crate) async fn complete(&self, step: &str) {
        self.person.mutate("stepComplete", self.at(step), "session { id }").await;
    }

    pub(crate) async fn answer(&self, step: &str, choices: &[u16]) -> bool {
        let mut input = self.at(step);
        input["choices"] = json!(choices);
        self.person.mutate("stepAnswer", input, "passed").await["passed"] == true
    }

    /// Finishes; the points earned in it.
    pub(crate) async fn finish(&self) -> i64 {
        let finished = self.person.mutate("sessionFinish", json!({ "sessionId": self.session }), "session { status points }").await;
        assert_eq!(finished["session"]["status"], "FINISHED");
        finished["session"]["points"].as_i64().expect("points")
    }

    /// Waits until nothing is left of the environment.
    pub(crate) async fn gone(&self) {
        let gone = |data: &Value| (data["sessionChanged"]["environment"]["state"] == "TORN_DOWN").then_some(());
        self.changes().await.until("the environment to go", PATIENCE, gone).await.expect("gone");
    }

    /// The input of a mutation about a step.
    pub(crate) fn at(&self, step: &str) -> Value {
        json!({ "sessionId": self.session, "step": step })
    }
}
