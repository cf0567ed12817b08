//! `nalabo verify`.

use std::{path::PathBuf, sync::Arc, time::Instant};

use clap::Args;
use journal::{
    History, Link, Position,
    evidence::{self, Verifier, Walk, WalkError},
};
use serde_json::json;

use super::{Failure, progress};
use crate::{
    config::Config,
    history::{open_history, open_signer},
};

#[derive(Args)]
pub(super) struct Verify {
    /// Hold the journal against the signed checkpoints in this file too; may be given several times
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// Check signatures with this key, such as nalabo/0190…+0a1b2c3d+AZ… [default: the one in the vault]
    #[arg(long, value_name = "VERIFIER_KEY")]
    key: Option<Verifier>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was verified.
struct Verified {
    head: Link,
    checkpoints: usize,
    seconds: f64,
}

pub(super) async fn run(verify: Verify, config: &Config) -> Result<(), Failure> {
    let history = open_history(config).await.map_err(Failure::failed)?;
    let verifier = match &verify.key {
        Some(key) => Some(key.clone()),
        None => match open_signer(config, &*history).await {
            Ok(signer) => Some(signer.verifier()),
            Err(error) if verify.checkpoints.is_empty() => {
                eprintln!("nalabo: signatures are not checked, because there is no key: {error}; name one with --key");
                None
            }
            Err(error) => {
                return Err(Failure::Failed(format!("--checkpoint needs a key to check signatures with: {error}; name one with --key")));
            }
        },
    };
    match walk(&verify, &history, verifier.as_ref()).await {
        Ok(walked) => {
            tell(&verify, &*history, verifier.as_ref(), &walked);
            Ok(())
        }
        Err(Refused::Walk(WalkError::Wrong(finding))) => {
            if verify.json {
                println!("{}", json!({ "valid": false, "journal": history.id(), "position": finding.position, "what": finding.what }));
            }
            Err(Failure::Failed(format!("the journal is not as it was written: {finding}")))
        }
        Err(Refused::Walk(WalkError::Journal(error))) => Err(Failure::failed(error)),
        Err(Refused::Checkpoint(told)) => Err(Failure::Failed(told)),
    }
}

enum Refused {
    Walk(WalkError),
    /// One given by file is worth nothing.
    Checkpoint(String),
}

impl<E: Into<WalkError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Walk(error.into())
    }
}

async fn walk(verify: &Verify, history: &Arc<dyn History>, verifier: Option<&Verifier>) -> Result<Verified, Refused> {
    let mut known = Vec::new();
    for path in &verify.checkpoints {
        known.extend(given(path, history.id(), verifier).map_err(Refused::Checkpoint)?);
    }
    let head = history.head().await.map_err(WalkError::from)?;
    // The chain comes first: it names the earliest position.
    let stored = evidence::stored(&**history, verifier).await;
    let bad = match stored {
        Ok(stored) => {
            known.extend(stored);
            None
        }
        Err(error) => Some(error),
    };
    let checkpoints = known.len();
    let bar = progress::bar(head.0);
    let began = Instant::now();
    let walked = evidence::walk(history, Walk { known, ..Walk::default() }, |link| bar.set_position(link.position.0.unsigned_abs())).await;
    bar.finish_and_clear();
    let head = walked?;
    match bad {
        Some(error) => Err(error.into()),
        None => Ok(Verified { head, checkpoints, seconds: began.elapsed().as_secs_f64() }),
    }
}

/// The checkpoints in a file, of which there may be several, one after the other.
fn given(path: &PathBuf, journal: uuid::Uuid, verifier: Option<&Verifier>) -> Result<Vec<(Link, String)>, String> {
    let told = |what: String| format!("--checkpoint {}: {what}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| told(error.to_string()))?;
    let verifier = verifier.ok_or_else(|| told("no key to check it with".into()))?;
    let notes = notes(&text);
    if notes.is_empty() {
        return Err(told("there is no checkpoint in it".into()));
    }
    let open = |note: String| {
        let checkpoint = verifier.open(&note).map_err(|error| told(error.to_string()))?;
        if checkpoint.journal != Some(journal) {
            return Err(told(format!("it is of {}, not of journal {journal}", checkpoint.origin)));
        }
        Ok((checkpoint.link, format!("the checkpoint in {}", path.display())))
    };
    notes.into_iter().map(open).collect()
}

/// Cuts a file into notes: each is a text, a blank line and signatures, up to the next blank line.
fn notes(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split("\n\n").map(|part| part.trim_matches('\n')).filter(|part| !part.is_empty()).collect();
    parts.chunks(2).map(|pair| pair.join("\n\n") + "\n").collect()
}

fn tell(verify: &Verify, history: &dyn History, verifier: Option<&Verifier>, walked: &Verified) {
    let Verified { head, checkpoints, seconds } = walked;
    let hash = head.hash.map(|byte| format!("{byte:02x}")).concat();
    #[expect(clippy::cast_precision_loss, reason = "a speed for people")]
    let speed = if head.position > Position(0) { head.position.0 as f64 / seconds.max(1e-6) } else { 0.0 };
    let key = verifier.map(ToString::to_string);
    if verify.json {
        let told = json!({
            "valid": true, "journal": history.id(), "position": head.position, "hash": hash, "checkpoints": checkpoints,
            "signatures": key.is_some(), "key": key, "eventsPerSecond": speed.round(),
        });
        println!("{told}");
        return;
    }
    println!("{} events of journal {} are as they were written ({speed:.0}/s)", head.position, history.id());
    println!("the head's hash is {hash}");
    let signatures = if key.is_some() { "" } else { ", their signatures not checked" };
    println!("{checkpoints} checkpoints agree{signatures}");
    if let Some(key) = key {
        println!("checked with {key}");
    }
}
