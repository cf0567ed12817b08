//! People at the API.

use nalabo::client::{Client, ClientError, Tokens};
use serde_json::{Value, json};

use crate::{
    site::{ADMINISTRATOR, Server},
    waiting::until,
};

pub(crate) const PASSWORD: &str = "a password that is long enough";

/// Somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) client: Client,
    pub(crate) account: String,
    pub(crate) tokens: Tokens,
}

impl Person {
    /// Registers and signs in under `name`@example.org.
    pub(crate) async fn register(server: &Server, name: &str) -> Self {
        let email = format!("{name}@example.org");
        let input = json!({ "email": email, "displayName": name, "password": PASSWORD });
        server.client().mutate("accountRegister", input, "account { id }").await.expect("registered");
        Self::sign_in(server, &email, PASSWORD).await
    }

    pub(crate) async fn sign_in(server: &Server, email: &str, password: &str) -> Self {
        let (client, tokens) = server.client().sign_in(email, password).await.expect("signed in");
        let me = client.graphql("{ me { id } }", Value::Null).await.expect("answered");
        Self { client, account: text(&me["me"]["id"]), tokens }
    }

    /// The one that the site has.
    pub(crate) async fn administrator(server: &Server) -> Self {
        Self::sign_in(server, ADMINISTRATOR.0, ADMINISTRATOR.1).await
    }

    /// Registers, and is given a role by an administrator.
    pub(crate) async fn with_role(server: &Server, name: &str, role: &str) -> Self {
        let (person, administrator) = (Self::register(server, name).await, Self::administrator(server).await);
        let input = json!({ "accountId": person.account, "role": role });
        administrator.client.mutate("roleGrant", input, "account { id }").await.expect("granted");
        person
    }

    pub(crate) async fn query(&self, query: &str, variables: Value) -> Value {
        self.client.graphql(query, variables).await.expect("answered")
    }

    /// Asks until the answer is as it must be in the end.
    pub(crate) async fn until(&self, query: &str, variables: Value, is_so: impl Fn(&Value) -> bool) -> Value {
        until(query, async || self.query(query, variables.clone()).await, is_so).await
    }

    pub(crate) async fn mutate(&self, name: &str, input: Value, selection: &str) -> Value {
        self.client.mutate(name, input, selection).await.expect("accepted")
    }

    /// The codes of a mutation that is turned down.
    pub(crate) async fn declined(&self, name: &str, input: Value, selection: &str) -> Vec<String> {
        let error = self.client.mutate(name, input, selection).await.expect_err("it is to be declined");
        assert!(matches!(error, ClientError::Declined { .. } | ClientError::Answered(_)), "{error}");
        error.codes().into_iter().map(ToOwned::to_owned).collect()
    }

    /// The position of the last event that is neither of a mail nor a note for the audit, for an administrator: both follow what
    /// people do, sooner or later.
    pub(crate) async fn head(&self) -> i64 {
        let data = self.query("{ events(last: 50) { nodes { position type } } }", Value::Null).await;
        let follows = |event: &&Value| event["type"].as_str().is_some_and(|name| name.starts_with("Mail") || name == "AuditNoted");
        let last = data["events"]["nodes"].as_array().expect("events").iter().rfind(|event| !follows(event));
        last.expect("an event")["position"].as_i64().expect("a position")
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("expected text instead of {value}")).to_owned()
}
