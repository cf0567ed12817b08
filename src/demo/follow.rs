//! What the demo follows by subscription while the learner works, each in a task of its own.

use serde_json::{Value, json};
use tokio::{sync::watch, task::AbortHandle, time::timeout};

use super::{DemoError, PATIENCE, narrator::Narrator};
use crate::client::{Client, ClientError, Subscription};

const EVENT: &str = "position cursor type stream { kind id } payload";
const SESSION: &str = "status completedSteps totalSteps points environment { id state failure }";
const BOARD: &str = "nodes { rank points learner { id displayName } }";

/// Something that is followed. Dropping it ends that.
pub(super) struct Followed {
    what: &'static str,
    latest: watch::Receiver<Result<Value, String>>,
    task: AbortHandle,
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Followed {
    /// Follows a subscription and tells of each answer, which is under the name of `field`. `known` is what was told before.
    fn begin(field: &'static str, known: Value, mut subscription: Subscription, tell: impl Fn(&Value) + Send + 'static) -> Self {
        let (sender, latest) = watch::channel(Ok(known));
        let following = async move {
            loop {
                let next = match subscription.next().await {
                    Ok(Some(mut data)) => Ok(data[field].take()),
                    Ok(None) => Err("it has ended".to_owned()),
                    Err(error) => Err(error.to_string()),
                };
                let ended = next.is_err();
                if next == *sender.borrow() {
                    continue;
                }
                if let Ok(value) = &next {
                    tell(value);
                }
                let _ = sender.send_replace(next);
                if ended {
                    return;
                }
            }
        };
        Self { what: field, latest, task: tokio::spawn(following).abort_handle() }
    }

    /// Waits until what was told last is as wanted, and returns what `wanted` found in it. `doing` says what for.
    pub(super) async fn until<T>(&mut self, doing: &str, mut wanted: impl FnMut(&Value) -> Option<T>) -> Result<T, DemoError> {
        let waiting = async {
            loop {
                let found = match &*self.latest.borrow_and_update() {
                    Ok(value) => wanted(value),
                    Err(why) => return Err(DemoError::step(doing, format!("the subscription {}: {why}", self.what))),
                };
                if let Some(found) = found {
                    return Ok(found);
                }
                if self.latest.changed().await.is_err() {
                    return Err(DemoError::step(doing, format!("the subscription {} is gone", self.what)));
                }
            }
        };
        let late = || DemoError::step(doing, format!("{} did not tell of it within {} s", self.what, PATIENCE.as_secs()));
        // Bound first: the wait borrows what `late` reads.
        let found = timeout(PATIENCE, waiting).await;
        found.unwrap_or_else(|_| Err(late()))
    }
}

/// The journal, followed by somebody who may.
pub(super) struct Journal {
    administrator: Client,
    events: Followed,
}

impl Journal {
    /// Prints the events from after `start` on, as they are recorded.
    pub(super) async fn begin(administrator: Client, start: i64, narrator: &Narrator) -> Result<Self, ClientError> {
        let events = events(&administrator, start, narrator).await?;
        Ok(Self { administrator, events })
    }

    /// Waits until everything is printed that is recorded by now.
    pub(super) async fn level(&mut self) -> Result<(), DemoError> {
        let doing = "see every event";
        let last = self.administrator.graphql("{ events(last: 1) { nodes { position } } }", Value::Null).await;
        let last = last.map_err(|error| DemoError::step(doing, error))?["events"]["nodes"][0]["position"].as_i64();
        self.events.until(doing, |event| (event["position"].as_i64() >= last).then_some(())).await
    }
}

async fn events(administrator: &Client, start: i64, narrator: &Narrator) -> Result<Followed, ClientError> {
    let query = format!("{{ events(last: 50) {{ nodes {{ {EVENT} }} }} }}");
    let page = administrator.graphql(&query, Value::Null).await?;
    let earlier = page["events"]["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
    for event in earlier.iter().filter(|event| event["position"].as_i64() > Some(start)) {
        narrator.event(event);
    }
    let last = earlier.last().cloned().unwrap_or_default();
    let after = last["cursor"].clone();
    let query = format!("subscription($after: String) {{ events(after: $after) {{ {EVENT} }} }}");
    let subscription = administrator.subscribe(&query, json!({ "after": after })).await?;
    let narrator = narrator.clone();
    Ok(Followed::begin("events", last, subscription, move |event| narrator.event(event)))
}

/// Tells how a session stands each time that it changes.
pub(super) async fn session(learner: &Client, id: &str, narrator: &Narrator) -> Result<Followed, ClientError> {
    let query = format!("subscription($id: ID!) {{ sessionChanged(id: $id) {{ {SESSION} }} }}");
    let subscription = learner.subscribe(&query, json!({ "id": id })).await?;
    let narrator = narrator.clone();
    let tell = move |session: &Value| {
        let (status, state) = (session["status"].as_str().unwrap_or_default(), session["environment"]["state"].as_str());
        let environment = state.map(|state| format!(", environment {state}")).unwrap_or_default();
        let steps = format!("{} of {} steps", session["completedSteps"], session["totalSteps"]);
        narrator.say(format!("(session: {status}, {steps}, {} points{environment})", session["points"]));
    };
    Ok(Followed::begin("sessionChanged", Value::Null, subscription, tell))
}

/// Tells of each change at the top of the leaderboard.
pub(super) async fn leaderboard(learner: &Client, narrator: &Narrator) -> Result<Followed, ClientError> {
    let query = format!("subscription {{ leaderboardChanged(period: ALL, first: 50) {{ {BOARD} }} }}");
    let subscription = learner.subscribe(&query, Value::Null).await?;
    let narrator = narrator.clone();
    let tell = move |board: &Value| {
        let entries = board["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let entry = |entry: &Value| {
            let name = entry["learner"]["displayName"].as_str().unwrap_or("somebody");
            format!("{}. {name} with {} points", entry["rank"], entry["points"])
        };
        let top = entries.iter().take(3).map(entry).collect::<Vec<_>>().join(", ");
        narrator.say(format!("(leaderboard: {})", if top.is_empty() { "nobody yet" } else { &top }));
    };
    Ok(Followed::begin("leaderboardChanged", Value::Null, subscription, tell))
}
