//! The demo's plot, from the first registration to the leaderboard.

use serde_json::{Value, json};

use super::{
    DemoError,
    answers::{Answers, SLUG},
    follow::{self, Journal},
    guests::{self, Administrator, Learner},
    narrator::Narrator,
};
use crate::{
    client::{Client, ClientError, Shell},
    node::Node,
};

const CATALOGUE: &str = "{ workshops(first: 20) { nodes { slug title category difficulty durationMinutes steps { points } } } }";
const WORKSHOP: &str = "query($slug: String!) { workshop(slug: $slug) { id title version completionPoints } }";
const STEPS: &str = "query($id: ID!) { session(id: $id) { steps { key title points rule } } }";
const QUESTION: &str = "query($id: ID!) { session(id: $id) { currentStep { page { question { text choices } } } } }";
const CHECKED: &str = "passed session { steps { key attempts(last: 1) { checks { check passed output } } } }";

/// Plays everything once; with what to sign in afterwards.
pub(super) async fn play(node: &Node, narrator: &Narrator) -> Result<Administrator, DemoError> {
    let start = node.journal.head().await.map_err(|error| DemoError::step("read the journal", error))?;
    let administrator = guests::administrator(node).await?;
    let anybody = Client::try_new(node.address).map_err(failed("make a client"))?;
    let (overseer, _) = anybody.sign_in(&administrator.email, &administrator.password).await.map_err(failed("sign in as administrator"))?;
    narrator.chapter("Each event as it is journalled: position · name, stream, what it says");
    let mut journal = Journal::begin(overseer, start.0, narrator).await.map_err(failed("follow the journal"))?;

    narrator.chapter("The built-in workshops");
    let imported = node.import_built_in().await.map_err(|fault| DemoError::step("import the built-in workshops", fault))?;
    for (slug, done) in imported {
        narrator.say(format!("{slug}: {}", format!("{done:?}").to_lowercase()));
    }
    journal.level().await?;

    narrator.chapter("A learner registers, signs in and looks around");
    let learner = guests::learner(&anybody, narrator).await?;
    let workshop = browse(&learner.client, narrator).await?;
    Play { learner, narrator, answers: Answers::try_new()?, journal }.workshop(&workshop).await?;
    Ok(administrator)
}

fn failed(doing: &'static str) -> impl Fn(ClientError) -> DemoError {
    move |error| DemoError::step(doing, error)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Lists the catalogue, and picks the workshop that is played.
async fn browse(learner: &Client, narrator: &Narrator) -> Result<Value, DemoError> {
    let catalogue = learner.graphql(CATALOGUE, Value::Null).await.map_err(failed("browse the catalogue"))?;
    for workshop in catalogue["workshops"]["nodes"].as_array().into_iter().flatten() {
        let points: i64 = workshop["steps"].as_array().into_iter().flatten().filter_map(|step| step["points"].as_i64()).sum();
        let (category, difficulty) = (text(&workshop["category"]), text(&workshop["difficulty"]).to_lowercase());
        let title = text(&workshop["title"]);
        narrator.say(format!("{title:<42} {category:<16} {difficulty:<12} {:>3} min {points:>4} points", workshop["durationMinutes"]));
    }
    let mut found = learner.graphql(WORKSHOP, json!({ "slug": SLUG })).await.map_err(failed("open a workshop"))?;
    match found["workshop"].take() {
        Value::Null => Err(DemoError::step("open a workshop", format!("{SLUG} is not in the catalogue"))),
        workshop => Ok(workshop),
    }
}

/// A learner at work.
struct Play<'a> {
    learner: Learner,
    narrator: &'a Narrator,
    answers: Answers,
    journal: Journal,
}

impl Play<'_> {
    async fn workshop(mut self, workshop: &Value) -> Result<(), DemoError> {
        let (client, narrator) = (&self.learner.client, self.narrator);
        narrator.chapter(&format!("A session of “{}”", text(&workshop["title"])));
        let mut board = follow::leaderboard(client, narrator).await.map_err(failed("follow the leaderboard"))?;
        board.until("see the leaderboard before the start", |board| board["nodes"].is_array().then_some(())).await?;
        let input = json!({ "workshopId": workshop["id"] });
        let started = client.mutate("sessionStart", input, "session { id }").await.map_err(failed("start a session"))?;
        let session = text(&started["session"]["id"]);
        let mut changes = follow::session(client, session, narrator).await.map_err(failed("follow the session"))?;
        let environment = changes.until("get an environment", ready).await??;
        let mut shell = self.terminal(&environment).await?;

        let steps = client.graphql(STEPS, json!({ "id": session })).await.map_err(failed("read the steps"))?;
        let mut may_fail = true;
        for step in steps["session"]["steps"].as_array().into_iter().flatten() {
            let title = format!("Step “{}”, {} points", text(&step["title"]), step["points"]);
            narrator.chapter(&title);
            let (key, rule) = (text(&step["key"]), text(&step["rule"]));
            match rule {
                "ANSWER" => self.answer(session, key).await?,
                "CHECK" => self.check(session, key, &mut shell, std::mem::take(&mut may_fail)).await?,
                _ => self.step("stepComplete", session, key, json!({}), "session { id }").await.map(drop)?,
            }
        }
        drop(shell);

        narrator.chapter("The end");
        let finished = client.mutate("sessionFinish", json!({ "sessionId": session }), "session { points }").await;
        let points = finished.map_err(failed("finish the session"))?["session"]["points"].as_i64();
        board.until("see the points on the leaderboard", |board| self.has(board, points)).await?;
        let gone = |session: &Value| (session["environment"]["state"] == "TORN_DOWN").then_some(());
        changes.until("see the environment go", gone).await?;
        self.dashboard().await
    }

    async fn terminal(&self, environment: &str) -> Result<Shell, DemoError> {
        let issued = self.learner.client.mutate("terminalTicketIssue", json!({ "environmentId": environment }), "ticket url").await;
        let issued = issued.map_err(failed("get a ticket to the terminal"))?;
        let terminal = self.learner.client.terminal(text(&issued["url"]), text(&issued["ticket"])).await;
        let shell = Shell::begin(terminal.map_err(failed("open the terminal"))?).await.map_err(failed("type into the terminal"))?;
        self.narrator.say("the web terminal is open");
        Ok(shell)
    }

    /// Sends what is done at a step.
    async fn step(&self, mutation: &str, session: &str, step: &str, more: Value, selection: &str) -> Result<Value, DemoError> {
        let mut input = more;
        input["sessionId"] = session.into();
        input["step"] = step.into();
        let payload = self.learner.client.mutate(mutation, input, selection).await;
        payload.map_err(|error| DemoError::step(format!("complete step {step} with {mutation}"), error))
    }

    async fn answer(&self, session: &str, step: &str) -> Result<(), DemoError> {
        let data = self.learner.client.graphql(QUESTION, json!({ "id": session })).await.map_err(failed("read the question"))?;
        let question = &data["session"]["currentStep"]["page"]["question"];
        self.narrator.say(text(&question["text"]));
        let choices = self.answers.choices(step);
        for choice in &choices {
            self.narrator.say(format!("the answer: {}", text(&question["choices"][usize::from(*choice)])));
        }
        let answered = self.step("stepAnswer", session, step, json!({ "choices": choices }), "passed").await?;
        if answered["passed"] == true { Ok(()) } else { Err(DemoError::step(format!("answer step {step}"), "the answer was not right")) }
    }

    /// Does what is asked for, and has it checked; before that too, if it is to be seen how a check fails.
    async fn check(&self, session: &str, step: &str, shell: &mut Shell, fail_first: bool) -> Result<(), DemoError> {
        if fail_first {
            self.narrator.say("checking before anything was done:");
            self.expect(session, step, false).await?;
        }
        for commands in self.answers.commands(step) {
            let shown = shell.run(&commands).await;
            self.narrator.quote(&shown.map_err(|error| DemoError::step(format!("type the commands of step {step}"), error))?);
        }
        self.expect(session, step, true).await
    }

    async fn expect(&self, session: &str, step: &str, passes: bool) -> Result<(), DemoError> {
        let payload = self.step("stepCheck", session, step, json!({}), CHECKED).await?;
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

    /// Whether the learner is on the board with all the points.
    fn has(&self, board: &Value, points: Option<i64>) -> Option<()> {
        let mut entries = board["nodes"].as_array().into_iter().flatten();
        let own = entries.find(|entry| text(&entry["learner"]["id"]) == self.learner.account)?;
        (points.is_some() && own["points"].as_i64() == points).then_some(())
    }

    async fn dashboard(&self) -> Result<(), DemoError> {
        let query = "{ learnerDashboard { finishedCount stepsCompleted points rank completionRate } }";
        let data = self.learner.client.graphql(query, Value::Null).await.map_err(failed("read the dashboard"))?;
        let board = &data["learnerDashboard"];
        self.narrator.say(format!(
            "dashboard: {} workshop finished, {} steps, {} points, rank {}",
            board["finishedCount"], board["stepsCompleted"], board["points"], board["rank"]
        ));
        Ok(())
    }
}

/// The id of a session's environment once it is ready, or what keeps it from getting there.
fn ready(session: &Value) -> Option<Result<String, DemoError>> {
    let environment = &session["environment"];
    match text(&environment["state"]) {
        "READY" => Some(Ok(text(&environment["id"]).to_owned())),
        "STUCK" | "TORN_DOWN" | "TEARING_DOWN" => Some(Err(DemoError::step("get an environment", text(&environment["failure"])))),
        _ => None,
    }
}
