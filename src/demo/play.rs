//! The demo's plot, from the first registration to the leaderboard.

use serde_json::{Value, json};

use super::{
    DemoError,
    answers::SLUG,
    follow::{self, Journal},
    guests::{self, Administrator, Learner},
    narrator::Narrator,
    runs,
    work::Work,
};
use crate::{
    client::{Client, ClientError},
    node::Node,
};

const CATALOGUE: &str = "{ workshops(first: 20) { nodes { slug title category difficulty durationMinutes steps { points } } } }";
const WORKSHOP: &str = "query($slug: String!) { workshop(slug: $slug) { id title version completionPoints } }";
const STEPS: &str = "query($id: ID!) { session(id: $id) { steps { key title points rule } } }";
const DASHBOARD: &str = "{ learnerDashboard { finishedCount stepsCompleted points rank } }";

/// Plays everything once; with what to sign in afterwards.
pub(super) async fn play(node: &Node, narrator: &Narrator) -> Result<Administrator, DemoError> {
    let start = node.journal.head().await.map_err(|error| DemoError::step("read the journal", error))?;
    let administrator = guests::administrator(node).await?;
    let anybody = Client::try_new(node.address).map_err(failed("make a client"))?;
    let (overseer, _) = anybody.sign_in(&administrator.email, &administrator.password).await.map_err(failed("sign in as administrator"))?;
    narrator.chapter("Each event as it is journalled: position · name, stream, what it says");
    let mut journal = Journal::begin(overseer.clone(), start.0, narrator).await.map_err(failed("follow the journal"))?;

    narrator.chapter("The built-in workshops");
    let imported = node.import_built_in().await.map_err(|fault| DemoError::step("import the built-in workshops", fault))?;
    journal.level().await?;
    for (slug, done) in imported {
        narrator.say(format!("{slug}: {}", format!("{done:?}").to_lowercase()));
    }

    narrator.chapter("Runs of them that people may register for");
    runs::schedule(&overseer, narrator).await?;
    journal.level().await?;

    narrator.chapter("A learner registers, signs in and looks around");
    let learner = guests::learner(&anybody, narrator).await?;
    let workshop = browse(&learner.client, narrator).await?;
    runs::browse(&learner.client, narrator).await?;
    journal.level().await?;
    session(&learner, &workshop, &mut journal, narrator).await?;
    journal.level().await?;
    Ok(administrator)
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

/// A session from its start until nothing is left of its environment.
async fn session(learner: &Learner, workshop: &Value, journal: &mut Journal, narrator: &Narrator) -> Result<(), DemoError> {
    let client = &learner.client;
    narrator.chapter(&format!("A session of “{}”", text(&workshop["title"])));
    let mut board = follow::leaderboard(client, narrator).await.map_err(failed("follow the leaderboard"))?;
    board.until("see the leaderboard before the start", |board| board["nodes"].is_array().then_some(())).await?;
    let input = json!({ "workshopId": workshop["id"] });
    let started = client.mutate("sessionStart", input, "session { id }").await.map_err(failed("start a session"))?;
    let session = text(&started["session"]["id"]);
    let mut changes = follow::session(client, session, narrator).await.map_err(failed("follow the session"))?;
    let environment = changes.until("get an environment", ready).await??;
    journal.level().await?;

    let mut work = Work::begin(client, narrator, session, &environment).await?;
    let steps = client.graphql(STEPS, json!({ "id": session })).await.map_err(failed("read the steps"))?;
    for step in steps["session"]["steps"].as_array().into_iter().flatten() {
        narrator.chapter(&format!("Step “{}”, {} points", text(&step["title"]), step["points"]));
        work.step(text(&step["key"]), text(&step["rule"])).await?;
        journal.level().await?;
    }

    narrator.chapter("The end");
    let finished = client.mutate("sessionFinish", json!({ "sessionId": session }), "session { points }").await;
    let points = finished.map_err(failed("finish the session"))?["session"]["points"].as_i64();
    board.until("see the points on the leaderboard", |board| learner.is_on(board, points)).await?;
    let gone = |session: &Value| (session["environment"]["state"] == "TORN_DOWN").then_some(());
    changes.until("see the environment go", gone).await?;
    let data = client.graphql(DASHBOARD, Value::Null).await.map_err(failed("read the dashboard"))?;
    let own = &data["learnerDashboard"];
    let (finished, steps) = (&own["finishedCount"], &own["stepsCompleted"]);
    narrator.say(format!("dashboard: {finished} workshop finished, {steps} steps, {} points, rank {}", own["points"], own["rank"]));
    Ok(())
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

pub(super) fn failed(doing: &'static str) -> impl Fn(ClientError) -> DemoError {
    move |error| DemoError::step(doing, error)
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
