//! Sign-ins, refresh tokens, second factors and changes of address, as thieves and guessers go about them: each case is a conversation, in which what was
//! answered before is sent again, changed, or forged with the vault's own keys.

pub(super) mod forge;
mod talk;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use nalabo::node::Stores;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{cases, is_well, none_differs};
use crate::{
    people::Person,
    site::{Server, Site},
};
use forge::Keys;
use talk::Talk;

/// How many conversations there are at once. More would not end sooner, as passwords are hashed one after the other, and each would take as
/// much longer: some must end before a step of time does, or a wait.
const AT_ONCE: usize = 3;
/// How often one is begun beside others, and then alone.
const TIMES: [usize; 2] = [5, 15];
/// A step of time of the codes, in seconds: a conversation is begun anew if it did not end within the one that it began in.
const STEP: i64 = 30;
/// How long somebody waits first who tries again and again.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// What they are told meanwhile.
const WAITS: &str = "TOO_MANY_TRIES";

/// A conversation of somebody who has just registered and signed in; what they got is called `first`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    second_factor: SecondFactor,
    steps: Vec<Step>,
}

/// How far the second factor is when the conversation begins.
#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
enum SecondFactor {
    #[default]
    Off,
    /// There is a seed.
    Enrolling,
    /// A code of the step of time before was shown.
    On,
}

/// A request, and what it must come to.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Step {
    /// A field of a root; or `wait`, or `mail`: to an address, with a subject, of which the token is kept.
    does: String,
    #[serde(default)]
    input: Map<String, Value>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Whose access token it comes with: what is called so.
    by: Option<String>,
    /// `OK`, `NULL` if there is nothing, or the code; before it the status, if that is not 200. Several, if it is done several times at
    /// once: then so many each.
    told: Told,
    /// What happens to the cookie.
    #[serde(default)]
    cookie: Kept,
    /// What its answer is called from then on.
    #[serde(rename = "as")]
    called: Option<String>,
    /// How often it is done at once.
    times: Option<usize>,
    milliseconds: Option<u64>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Told {
    Each(String),
    Counted(std::collections::BTreeMap<String, usize>),
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
enum Kept {
    /// Nothing is said of it.
    #[default]
    Untouched,
    Set,
    Forgotten,
}

/// What conversations share.
struct Stage {
    server: Server,
    keys: Keys,
    /// Where mails come.
    outbox: PathBuf,
    /// Somebody else, with a second factor.
    other: Map<String, Value>,
}

impl Stage {
    async fn set(site: &Site) -> Self {
        // They are made when they are first needed.
        let server = Self::serve(site);
        let outbox = site.path().join("outbox");
        let other = Self::somebody_else(server.address, &outbox).await;
        server.stop();
        let stores = Stores::open(&site.config()).await.expect("stores");
        let keys = Keys::of(&*stores.vault).await;
        stores.close().await;
        Self { server: Self::serve(site), keys, outbox, other }
    }

    /// Who has a second factor, and all that they got: somebody new as long as the step of time of their first code passes meanwhile.
    async fn somebody_else(server: SocketAddr, outbox: &Path) -> Map<String, Value> {
        loop {
            let mut talk = Talk::new(server, Keys::default(), outbox);
            let name = format!("other-{}", talk.now);
            let told = talk.begins(&name, SecondFactor::On).await;
            if told.is_ok() || is_within_its_step(talk.now) {
                told.expect("somebody else");
                talk.challenged(&name).await;
                return talk.known();
            }
        }
    }

    /// All come from one address, and faster than people do.
    fn serve(site: &Site) -> Server {
        site.serve_with(&[("NALABO_RATES__LIMITED", "false")])
    }

    /// Where a conversation differs from what it must be; an error, if it did not end in time however often it was begun.
    async fn held(&self, number: usize, case: &Case, times: usize) -> Result<Option<String>, String> {
        for _ in 0..times {
            let mut talk = Talk::new(self.server.address, self.keys.clone(), &self.outbox);
            talk.knows(&self.other);
            if case.steps.iter().any(|step| step.by.as_deref() == Some("admin")) {
                // Who has just signed in: a proof of longer ago is worth nothing, and all conversations take a while.
                let administrator = Person::administrator(&self.server).await;
                talk.calls("admin.accessToken", &administrator.tokens.access);
            }
            let began = talk.now;
            let mut told = talk.begins(&format!("case-{number}-{began}"), case.second_factor).await;
            // When what makes somebody wait was tried last.
            let mut tried = Instant::now();
            for (at, step) in (1..).zip(&case.steps) {
                if told.is_err() {
                    break;
                }
                let begins = Instant::now();
                told = talk.takes(step).await.map_err(|what| format!("step {at}, {}: {what}", step.does));
                let asks = !["wait", "mail"].contains(&step.does.as_str());
                if asks && !matches!(&step.told, Told::Each(told) if told == WAITS) {
                    tried = begins;
                }
            }
            // Who tries again is told to wait only as long as the wait lasts: what took longer says nothing of that.
            let must_wait =
                told.as_ref().is_err_and(|what| what.split_once(" instead of ").is_some_and(|(_, expected)| expected.contains(WAITS)));
            if must_wait && tried.elapsed() >= FIRST_WAIT {
                continue;
            }
            if case.second_factor == SecondFactor::Off || is_within_its_step(began) {
                return Ok(told.err().map(|what| format!("{}: {what}", case.name)));
            }
        }
        Err(format!("{}: it did not end in time, {times} times", case.name))
    }
}

/// Codes are of their time: where that went on since they were made, in seconds, they were others.
fn is_within_its_step(made: i64) -> bool {
    chrono::Utc::now().timestamp().div_euclid(STEP) == made.div_euclid(STEP)
}

async fn conversations_go_as_they_must(corpus: &str, at_least: usize) {
    let site = Site::new();
    let stage = Stage::set(&site).await;
    let cases = cases::<Case>(corpus, at_least);
    let [beside_others, alone] = TIMES;
    let held = cases.iter().enumerate().map(async |(number, case)| (number, case, stage.held(number, case, beside_others).await));
    let held: Vec<_> = futures_util::stream::iter(held).buffer_unordered(AT_ONCE).collect().await;
    let mut findings = Vec::new();
    for (number, case, mut held) in held {
        if held.is_err() {
            held = stage.held(number, case, alone).await;
        }
        findings.extend(held.unwrap_or_else(Some));
    }
    none_differs(&findings);
    is_well(&stage.server).await;
    stage.server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_ins_and_their_tokens_are_good_for_what_the_corpus_says() {
    conversations_go_as_they_must("sessions", 250).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_are_good_for_what_the_corpus_says() {
    conversations_go_as_they_must("codes", 150).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_mailed_to_change_an_address_is_good_for_what_the_corpus_says() {
    conversations_go_as_they_must("addresses", 50).await;
}
