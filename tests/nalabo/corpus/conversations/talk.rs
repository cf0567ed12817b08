//! One conversation: who takes part, what they got so far, and what they send.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::header::SET_COOKIE;
use serde_json::{Map, Value, json};

use super::{
    Kept, SecondFactor, Step, Told,
    forge::{Keys, changed, code},
};
use crate::{
    mail::{code as mailed, mails},
    people::PASSWORD,
    site::PATIENCE,
};

pub(super) struct Talk {
    http: reqwest::Client,
    address: SocketAddr,
    keys: Keys,
    /// Where mails come.
    outbox: PathBuf,
    /// When it began, in seconds: what codes go by.
    pub(super) now: i64,
    values: BTreeMap<String, String>,
}

/// What came of a request: how it was answered, what was in it, and the cookie.
struct Answer {
    told: String,
    values: Vec<(String, String)>,
    cookie: Kept,
}

impl Talk {
    pub(super) fn new(address: SocketAddr, keys: Keys, outbox: &Path) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { http, address, keys, outbox: outbox.to_owned(), now: chrono::Utc::now().timestamp(), values: BTreeMap::new() }
    }

    pub(super) fn calls(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// Everything that was got so far.
    pub(super) fn known(&self) -> Map<String, Value> {
        self.values.iter().map(|(name, value)| (name.clone(), json!(value))).collect()
    }

    /// What somebody else got, by the name of `other`.
    pub(super) fn knows(&mut self, other: &Map<String, Value>) {
        for (name, value) in other {
            let name = name.strip_prefix("first.").unwrap_or(name);
            self.calls(&format!("other.{name}"), value.as_str().expect("text"));
        }
    }

    /// Somebody registers, signs in, and gets as far with a second factor.
    pub(super) async fn begins(&mut self, name: &str, second_factor: SecondFactor) -> Result<(), String> {
        let mut steps = vec![
            json!({ "does": "accountRegister", "told": "OK", "as": "account",
                "input": { "email": "<email>", "displayName": "kit", "password": "<password>" } }),
            json!({ "does": "signIn", "told": "OK", "as": "first", "input": { "email": "<email>", "password": "<password>" } }),
        ];
        if second_factor != SecondFactor::Off {
            let input = json!({ "currentPassword": "<password>" });
            steps.push(json!({ "does": "totpEnroll", "told": "OK", "as": "enrolment", "by": "first", "input": input }));
        }
        if second_factor == SecondFactor::On {
            steps.push(json!({ "does": "totpConfirm", "told": "OK", "as": "confirmed", "by": "first", "input": { "code": "<code -1>" } }));
        }
        self.calls("email", &format!("{name}@example.org"));
        self.calls("password", PASSWORD);
        for step in steps {
            let step: Step = serde_json::from_value(step).expect("a step");
            self.takes(&step).await.map_err(|what| format!("at the beginning, {}: {what}", step.does))?;
            if let Some(seed) = self.values.get("enrolment.secret").cloned() {
                self.calls("seed", &seed);
            }
        }
        Ok(())
    }

    /// Gets a challenge by the password, as `first.challenge`.
    pub(super) async fn challenged(&mut self, name: &str) {
        let input = json!({ "email": format!("{name}@example.org"), "password": PASSWORD });
        let step = json!({ "does": "signIn", "told": "OK", "as": "challenged", "input": input });
        self.takes(&serde_json::from_value(step).expect("a step")).await.expect("a challenge");
        let challenge = self.values["challenged.challenge"].clone();
        self.calls("first.challenge", &challenge);
    }

    /// Takes a step; how it came otherwise than it must.
    pub(super) async fn takes(&mut self, step: &Step) -> Result<(), String> {
        if step.does == "wait" {
            tokio::time::sleep(Duration::from_millis(step.milliseconds.expect("how long"))).await;
            return Ok(());
        }
        if step.does == "mail" {
            return self.reads(step).await;
        }
        let answers = join_all((0..step.times.unwrap_or(1)).map(|_| self.asks(step))).await;
        let mut counted = BTreeMap::new();
        for answer in &answers {
            *counted.entry(answer.told.clone()).or_insert(0) += 1;
        }
        let expected = match &step.told {
            Told::Each(told) => [(told.clone(), answers.len())].into(),
            Told::Counted(told) => told.clone(),
        };
        if counted != expected {
            return Err(format!("{counted:?} instead of {expected:?}"));
        }
        let last = answers.into_iter().next_back().expect("one at least");
        if last.cookie != step.cookie {
            return Err(format!("the cookie is {:?}", last.cookie));
        }
        if let Some(called) = &step.called {
            for (name, value) in last.values {
                self.calls(&format!("{called}.{name}"), &value);
            }
        }
        Ok(())
    }

    /// Waits for the mail that a step is about, and keeps the token that is in it.
    async fn reads(&mut self, step: &Step) -> Result<(), String> {
        let [to, subject] = ["to", "subject"].map(|name| self.filled(step.input[name].as_str().expect("text")));
        // With the person's name, or without.
        let heads = [format!("<{to}>\r\n"), format!("To: {to}\r\n")];
        let subject = format!("Subject: {subject}\r\n");
        let began = Instant::now();
        let mail = loop {
            let mut all = mails(&self.outbox).into_iter().map(|path| std::fs::read_to_string(path).expect("text"));
            let is_it = |mail: &String| mail.contains(&subject) && heads.iter().any(|head| mail.contains(head));
            if let Some(mail) = all.find(is_it) {
                break mail;
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("no mail came to {to}: {subject}"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let called = step.called.as_ref().expect("what it is called");
        self.calls(&format!("{called}.token"), &mailed(&mail));
        Ok(())
    }

    async fn asks(&self, step: &Step) -> Answer {
        let input: Value = step.input.iter().map(|(name, value)| (name.clone(), self.filled_in(value))).collect();
        let body = json!({ "query": document(&step.does), "variables": { "input": input } });
        let mut request = self.http.post(format!("http://{}/graphql", self.address)).body(body.to_string());
        if !step.headers.iter().any(|(name, _)| name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &step.headers {
            request = request.header(name, self.filled(value));
        }
        if let Some(by) = &step.by {
            request = request.bearer_auth(self.filled(&format!("<{by}.accessToken>")));
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Answer { told: format!("no answer: {error:?}"), values: vec![], cookie: Kept::Untouched },
        };
        let status = response.status().as_u16();
        let set = response.headers().get(SET_COOKIE).map(|value| value.to_str().expect("text").to_owned());
        let body: Value = response.json().await.expect("JSON");
        let payload = body["data"].as_object().and_then(|data| data.values().next()).unwrap_or(&Value::Null);
        let mut values = Vec::new();
        collected("", payload, &mut values);
        let pair = set.as_deref().and_then(|set| set.split(';').next()?.split_once('='));
        values.extend(pair.map(|(_, value)| ("cookie".to_owned(), value.to_owned())));
        let cookie = match pair {
            None => Kept::Untouched,
            Some((_, "")) => Kept::Forgotten,
            Some(_) => Kept::Set,
        };
        let codes: Vec<_> = payload["errors"].as_array().into_iter().flatten().filter_map(|error| error["code"].as_str()).collect();
        let told = match (body["errors"][0]["extensions"]["code"].as_str(), &codes[..]) {
            (Some(code), _) if status == 200 => code.to_owned(),
            (code, _) if status != 200 => format!("{status} {}", code.unwrap_or_default()),
            (_, []) if payload.is_null() => "NULL".into(),
            (_, []) => "OK".into(),
            (_, codes) => codes.join(" "),
        };
        Answer { told, values, cookie }
    }

    fn filled_in(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.filled(text).into(),
            Value::Array(all) => all.iter().map(|value| self.filled_in(value)).collect(),
            other => other.clone(),
        }
    }

    /// Puts in what is between angles: a name, and how it is changed.
    fn filled(&self, text: &str) -> String {
        let Some((before, rest)) = text.split_once('<') else { return text.to_owned() };
        let (inner, after) = rest.split_once('>').expect("an end of what is put in");
        let mut parts = inner.split('|');
        let value = self.value(parts.next().expect("a name"));
        format!("{before}{}{}", parts.fold(value, |value, change| changed(&value, change)), self.filled(after))
    }

    fn value(&self, name: &str) -> String {
        let named = |name: &str| self.values.get(name).cloned().unwrap_or_else(|| panic!("nothing is called {name}"));
        let number = |text: &str| text.parse::<i64>().unwrap_or_else(|_| panic!("{name}: which?"));
        match name.split(' ').collect::<Vec<_>>()[..] {
            ["code", steps] => code(&named("seed"), self.now, number(steps)),
            ["code", "other", steps] => code(&named("other.seed"), self.now, number(steps)),
            ["soon"] => (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339(),
            ["host"] => self.address.to_string(),
            ["port"] => self.address.port().to_string(),
            ["refresh", like, generation] => self.keys.refresh(&named(like), number(generation)),
            ["refreshAsLink", like] => self.keys.refresh_as_link(&named(like)),
            ["challenge", like, epochs, seconds] => {
                let epochs = u32::try_from(number(epochs)).expect("how many");
                self.keys.challenge(&named(like), epochs, chrono::Utc::now().timestamp().saturating_add(number(seconds)))
            }
            _ => named(name),
        }
    }
}

/// All texts of an answer, each with where it is.
fn collected(place: &str, value: &Value, into: &mut Vec<(String, String)>) {
    let inside = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match value {
        Value::String(text) => into.push((place.to_owned(), text.clone())),
        Value::Array(all) => all.iter().enumerate().for_each(|(at, value)| collected(&inside(&at.to_string()), value, into)),
        Value::Object(all) => all.iter().for_each(|(name, value)| collected(&inside(name), value, into)),
        _ => {}
    }
}

fn document(does: &str) -> String {
    let selection = match does {
        "me" => return "{ me { id email hasSecondFactor } }".into(),
        "devices" => return "{ devices { nodes { id } } }".into(),
        "totpDisable" => return "mutation { totpDisable { disabled errors { code } } }".into(),
        "recoveryCodesRegenerate" => return "mutation { recoveryCodesRegenerate { recoveryCodes errors { code } } }".into(),
        "accountRegister" | "accountSuspend" | "accountReinstate" | "accountErase" | "emailVerify" => "account { id }",
        "signIn" => "accessToken refreshToken challenge",
        "signInComplete" | "tokenRefresh" => "accessToken refreshToken",
        "signOut" => "signedOut",
        "deviceRevoke" | "accessTokenRevoke" => "revoked",
        "passwordChange" | "passwordReset" => "changed",
        "emailChange" | "passwordResetRequest" => "requested",
        "emailChangeConfirm" => "awaiting account { id }",
        "emailChangeStop" => "stopped",
        "emailChangeRevert" => "reverted",
        "totpEnroll" => "secret",
        "totpConfirm" => "recoveryCodes",
        "stepUp" => "provenUntil",
        "accessTokenCreate" => "token accessTokenId",
        _ => panic!("{does}: what is answered?"),
    };
    let kind: String = does[..1].to_uppercase() + &does[1..];
    // The inputs of these may be left out.
    let required = if ["tokenRefresh", "signOut"].contains(&does) { "" } else { "!" };
    format!("mutation($input: {kind}Input{required}) {{ {does}(input: $input) {{ {selection} errors {{ code }} }} }}")
}
