//! The server as it is released, asked by HTTP on loopback.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    client::conn::http1::{self, SendRequest},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use load::Fault;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{ground::Ground, store::Engine};

const PROGRAM: &str = "nalabo";
/// What it prints before its address.
const SERVING: &str = "nalabo serves at http://";
/// Of databases that are dropped with what is sealed in them.
const MASTER_KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
/// Good enough for anybody, and the same for everybody here.
const PASSWORD: &str = "seven grey herons at the weir";

/// A running server with nothing in it. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Answers as often as it is asked; otherwise as it is by default.
    pub(crate) fn start(ground: &Ground, engine: Engine) -> Result<Self, Fault> {
        let store = ground.store(engine)?;
        let program = std::env::current_exe()?.with_file_name(PROGRAM);
        let mut command = Command::new(&program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("NALABO_")) {
            command.env_remove(name);
        }
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(store.directory.join("data"));
        command.env("NALABO_RATES__LIMITED", "false").env("NALABO_TELEMETRY__LOG", "warn");
        if engine == Engine::Postgres {
            // Several nodes share a database, so none of them makes the key for all.
            command.env("NALABO_DATABASE_URL", &store.url).env("NALABO_MASTER_KEY", MASTER_KEY);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| format!("{}: {error}; scripts/bench builds it", program.display()))?;
        let mut said = BufReader::new(child.stdout.take().ok_or("a process without an output")?).lines().map_while(Result::ok);
        let address = said.find_map(|line| line.trim().strip_prefix(SERVING)?.parse().ok());
        // It must not wait for somebody to read the rest.
        std::thread::spawn(move || said.for_each(drop));
        match address {
            Some(address) => Ok(Self { child, address }),
            None => Err(format!("{PROGRAM} ended without serving: {}", child.wait()?).into()),
        }
    }

    /// The most memory it has used so far, in KiB.
    pub(crate) fn peak_kib(&self) -> Result<u64, Fault> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that stays open, with one request after the other.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Fault> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // What goes wrong on it, who asks is told.
        tokio::spawn(async move { connection.await.ok() });
        Ok(Self { sender, host: address.to_string() })
    }

    /// The body of the answer to what is posted to the API.
    pub(crate) async fn post(&mut self, body: &Bytes, token: Option<&str>) -> Result<Bytes, Fault> {
        let mut request = Request::post("/graphql").header(HOST, &self.host).header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        self.sender.ready().await?;
        let answer = self.sender.send_request(request.body(Full::new(body.clone()))?).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status == StatusCode::OK { Ok(body) } else { Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into()) }
    }

    /// The payload of a mutation with one input.
    pub(crate) async fn mutate(&mut self, body: &Bytes, name: &str, token: Option<&str>) -> Result<Value, Fault> {
        let mut answer: Value = serde_json::from_slice(&self.post(body, token).await?)?;
        let payload = answer["data"][name].take();
        if payload.is_null() { Err(format!("{name}: {answer}").into()) } else { Ok(payload) }
    }

    /// The same where it has to be accepted.
    async fn done(&mut self, name: &str, input: &Value, selection: &str, token: Option<&str>) -> Result<Value, Fault> {
        let payload = self.mutate(&mutation(name, input, selection), name, token).await?;
        let is_done = payload["errors"].as_array().is_some_and(Vec::is_empty);
        if is_done { Ok(payload) } else { Err(format!("{name}: {payload}").into()) }
    }

    pub(crate) async fn register(&mut self, email: &str) -> Result<(), Fault> {
        let input = json!({ "email": email, "displayName": "Somebody", "password": PASSWORD });
        self.done("accountRegister", &input, "account { id }", None).await.map(drop)
    }

    /// An access token of somebody who has registered.
    pub(crate) async fn sign_in(&mut self, email: &str) -> Result<String, Fault> {
        let payload = self.done("signIn", &json!({ "email": email, "password": PASSWORD }), "accessToken", None).await?;
        text(&payload["accessToken"])
    }

    /// A token for a program of somebody who has just signed in.
    pub(crate) async fn personal_token(&mut self, access: &str) -> Result<String, Fault> {
        let expires_at = (chrono::Utc::now() + chrono::TimeDelta::days(1)).to_rfc3339();
        let input = json!({ "name": "bench", "scopes": ["session:take"], "expiresAt": expires_at });
        text(&self.done("accessTokenCreate", &input, "token", Some(access)).await?["token"])
    }
}

/// A request that asks for something.
pub(crate) fn query(document: &str) -> Bytes {
    json!({ "query": document }).to_string().into()
}

/// A request for a mutation whose one argument is an input of the type that goes with its name.
pub(crate) fn mutation(name: &str, input: &Value, selection: &str) -> Bytes {
    let (first, rest) = name.split_at(1);
    let kind = format!("{}{rest}Input!", first.to_ascii_uppercase());
    let document = format!("mutation($input: {kind}) {{ {name}(input: $input) {{ {selection} errors {{ code message }} }} }}");
    json!({ "query": document, "variables": { "input": input } }).to_string().into()
}

fn text(value: &Value) -> Result<String, Fault> {
    Ok(value.as_str().ok_or("expected a text")?.to_owned())
}
