//! A client of the API over the network, as a front end would be: queries and mutations by HTTP, subscriptions and
//! terminals by web socket. The demo and the tests use it.

mod error;
mod shell;
mod socket;
mod subscription;
mod terminal;

use std::{net::SocketAddr, time::Duration};

use reqwest::StatusCode;
use serde_json::{Value, json};

pub use error::ClientError;
pub use shell::Shell;
pub use subscription::Subscription;
pub use terminal::Terminal;

/// How long an answer may take. A check may run for five minutes.
const PATIENCE: Duration = Duration::from_secs(330);
/// Shorter than the server's, so that a request never meets a connection that is just being closed.
const IDLE: Duration = Duration::from_secs(5);

/// A client of the API at one address, signed in or not.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    address: SocketAddr,
    token: Option<String>,
}

/// The tokens of a sign-in.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Client {
    /// A client that is not signed in.
    ///
    /// # Errors
    /// The operating system has no room for it.
    pub fn try_new(address: SocketAddr) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).pool_idle_timeout(IDLE).build()?;
        Ok(Self { http, address, token: None })
    }

    /// The same client with an access token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// Where the server is.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its access token, if it is signed in.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The data of a query or a mutation.
    ///
    /// # Errors
    /// The server is not reached, does not execute it, or answers with top-level errors.
    pub async fn graphql(&self, query: &str, variables: Value) -> Result<Value, ClientError> {
        let (status, mut body) = self.post(&json!({ "query": query, "variables": variables })).await?;
        if body["errors"].is_array() {
            return Err(ClientError::Answered(body["errors"].take()));
        }
        if status != StatusCode::OK {
            return Err(ClientError::Refused { status: status.as_u16(), body: body.to_string() });
        }
        Ok(body["data"].take())
    }

    /// The payload of a mutation `name` whose one argument is an input of the type that goes with its name.
    /// `selection` is what to ask for besides the errors.
    ///
    /// # Errors
    /// As [`Self::graphql`], and [`ClientError::Declined`] if the payload holds errors.
    pub async fn mutate(&self, name: &str, input: Value, selection: &str) -> Result<Value, ClientError> {
        let mut letters = name.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        let kind: String = first.into_iter().chain(letters).collect();
        let query = format!("mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {selection} errors {{ code message field }} }} }}");
        let mut payload = self.graphql(&query, json!({ "input": input })).await?[name].take();
        match payload["errors"].as_array() {
            Some(errors) if !errors.is_empty() => Err(ClientError::Declined { mutation: name.into(), errors: payload["errors"].take() }),
            _ => Ok(payload),
        }
    }

    /// Signs in; the client that is returned does what it does as that person.
    ///
    /// # Errors
    /// As [`Self::mutate`].
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<(Self, Tokens), ClientError> {
        let payload = self.mutate("signIn", json!({ "email": email, "password": password }), "accessToken refreshToken").await?;
        let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
        let tokens = Tokens { access: text("accessToken"), refresh: text("refreshToken") };
        Ok((self.with_token(&tokens.access), tokens))
    }

    /// Status and body of whatever is posted to the API.
    ///
    /// # Errors
    /// The server is not reached, or does not answer in JSON.
    pub async fn post(&self, body: &Value) -> Result<(StatusCode, Value), ClientError> {
        let mut request = self.http.post(format!("http://{}/graphql", self.address)).json(body);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await?;
        let status = response.status();
        let body = response.bytes().await?;
        let body = serde_json::from_slice(&body)
            .map_err(|_| ClientError::Refused { status: status.as_u16(), body: String::from_utf8_lossy(&body).into_owned() })?;
        Ok((status, body))
    }

    /// Status and text of what is under a path.
    ///
    /// # Errors
    /// The server is not reached.
    pub async fn get(&self, path: &str) -> Result<(StatusCode, String), ClientError> {
        let response = self.http.get(format!("http://{}{path}", self.address)).send().await?;
        Ok((response.status(), response.text().await?))
    }

    /// Follows a subscription.
    ///
    /// # Errors
    /// The server is not reached, or does not let this client in.
    pub async fn subscribe(&self, query: &str, variables: Value) -> Result<Subscription, ClientError> {
        Subscription::open(self.address, self.token.as_deref(), query, variables).await
    }

    /// Opens the terminal of an environment with a ticket made out for it.
    ///
    /// # Errors
    /// The server is not reached, or the ticket is not good.
    pub async fn terminal(&self, path: &str, ticket: &str) -> Result<Terminal, ClientError> {
        Terminal::open(self.address, path, ticket, None).await
    }

    /// As [`Self::terminal`], as a browser does that shows a page of `origin`.
    ///
    /// # Errors
    /// As [`Self::terminal`].
    pub async fn terminal_from(&self, path: &str, ticket: &str, origin: &str) -> Result<Terminal, ClientError> {
        Terminal::open(self.address, path, ticket, Some(origin)).await
    }
}
