//! Who takes part: an administrator and a learner, new ones each time.

use commands::Outcome;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{DemoError, narrator::Narrator};
use crate::{
    client::Client,
    node::{Node, random_password},
};

/// How somebody signs in who may see everything.
pub(super) struct Administrator {
    pub(super) email: String,
    pub(super) password: String,
}

/// Somebody who learns, signed in.
pub(super) struct Learner {
    pub(super) client: Client,
    pub(super) account: String,
}

impl Learner {
    /// Whether the learner is on a leaderboard with so many points.
    pub(super) fn is_on(&self, board: &Value, points: Option<i64>) -> Option<()> {
        let mut entries = board["nodes"].as_array().into_iter().flatten();
        let own = entries.find(|entry| entry["learner"]["id"] == self.account.as_str())?;
        (points.is_some() && own["points"].as_i64() == points).then_some(())
    }
}

/// Opens an account that only this process can open: by itself nobody gets the role.
pub(super) async fn administrator(node: &Node) -> Result<Administrator, DemoError> {
    let doing = "create an administrator";
    let email = format!("admin-{}@example.org", suffix());
    let password = random_password();
    match node.create_administrator(&email, password.clone()).await {
        Ok(Outcome::Accepted(_)) => Ok(Administrator { email, password: password.expose_secret().to_owned() }),
        Ok(Outcome::Rejected(rejection)) => Err(DemoError::step(doing, rejection)),
        Err(fault) => Err(DemoError::step(doing, fault)),
    }
}

/// Registers and signs in, as anybody can.
pub(super) async fn learner(anybody: &Client, narrator: &Narrator) -> Result<Learner, DemoError> {
    let (email, password) = (format!("kit-{}@example.org", suffix()), random_password());
    let registration = json!({
        "email": email,
        "displayName": "Kit",
        "password": password.expose_secret(),
        "idempotencyKey": format!("demo-{}", suffix()),
    });
    let registered = anybody.mutate("accountRegister", registration, "account { id }").await;
    registered.map_err(|error| DemoError::step("register a learner", error))?;
    narrator.say(format!("registered as {email}"));
    let signed_in = anybody.sign_in(&email, password.expose_secret()).await;
    let (client, _) = signed_in.map_err(|error| DemoError::step("sign in as a learner", error))?;
    let me = client.graphql("{ me { id displayName roles { role { name } } } }", Value::Null).await;
    let me = me.map_err(|error| DemoError::step("ask who is signed in", error))?;
    let name = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let account = name(&me["me"]["id"]);
    let roles = me["me"]["roles"].as_array().into_iter().flatten().map(|held| name(&held["role"]["name"])).collect::<Vec<_>>();
    narrator.say(format!("signed in: {} as {}", name(&me["me"]["displayName"]), roles.join(", ")));
    Ok(Learner { client, account })
}

fn suffix() -> String {
    hex::encode(rand::random::<[u8; 4]>())
}
