//! `nalabo events`.

mod export;
mod import;

use std::{io::Write, path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use journal::{History, Position, Recorded};
use serde_json::{Value, json};

use super::Failure;
use crate::{config::Config, history::open_history};

const PAGE: u32 = 500;
/// How often a tail looks for more.
const POLL: Duration = Duration::from_millis(200);

#[derive(Subcommand)]
pub(super) enum Events {
    /// Print events in the order they were recorded
    List {
        #[command(flatten)]
        which: Which,
        /// Print at most this many
        #[arg(long, value_name = "COUNT")]
        limit: Option<usize>,
    },
    /// Print events as they are recorded, until interrupted
    Tail(Which),
    /// Write events to a file or to standard output; personal values stay sealed
    Export(export::Export),
    /// Make a journal from an export in the format ndjson, byte for byte, with the same hashes.
    /// Into a data directory or a database whose journal is empty, while no server has it open
    Import {
        /// The export, or - for standard input
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(super) struct Which {
    /// Begin after this position [default: list from the first event, tail from the last]
    #[arg(long, value_name = "POSITION")]
    after: Option<i64>,
    /// Only events of this name, such as SessionStarted
    #[arg(long = "type", value_name = "NAME")]
    name: Option<String>,
    /// Only events of this kind of stream, or of this stream: session, or session/0190…
    #[arg(long, value_name = "KIND[/ID]")]
    stream: Option<String>,
    /// Print one JSON object a line; personal values stay sealed
    #[arg(long)]
    json: bool,
}

impl Which {
    fn takes(&self, event: &Recorded) -> bool {
        let named = self.name.as_ref().is_none_or(|name| *name == event.name);
        let there = self.stream.as_ref().is_none_or(|stream| *stream == event.stream.kind || *stream == event.stream.to_string());
        named && there
    }
}

pub(super) async fn run(events: Events, config: &Config) -> Result<(), Failure> {
    let events = match events {
        Events::Import { file, json } => return import::import(config, &file, json).await,
        events => events,
    };
    let history = open_history(config).await.map_err(Failure::failed)?;
    match events {
        Events::Export(export) => export::run(export, history).await,
        // Told apart above.
        Events::Import { .. } => Ok(()),
        Events::List { which, limit } => {
            let after = Position(which.after.unwrap_or(0));
            print(&*history, &which, after, limit.unwrap_or(usize::MAX)).await.map(drop)
        }
        Events::Tail(which) => {
            let mut after = match which.after {
                Some(after) => Position(after),
                None => history.head().await.map_err(Failure::failed)?,
            };
            loop {
                after = print(&*history, &which, after, usize::MAX).await?;
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => return Ok(()),
                    () = tokio::time::sleep(POLL) => {}
                }
            }
        }
    }
}

/// Prints up to the end of the journal; where it ended.
async fn print(history: &dyn History, which: &Which, mut after: Position, limit: usize) -> Result<Position, Failure> {
    let mut left = limit;
    let mut out = std::io::stdout().lock();
    loop {
        let page = history.read(after, PAGE).await.map_err(Failure::failed)?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for event in page.iter().filter(|event| which.takes(event)).take(left) {
            left -= 1;
            let line = if which.json { as_json(event).to_string() } else { as_line(event) };
            if writeln!(out, "{line}").is_err() {
                return Err(Failure::Told); // Whoever read it has had enough.
            }
        }
        if left == 0 {
            break;
        }
    }
    Ok(after)
}

fn as_line(event: &Recorded) -> String {
    let at = event.recorded_at.format("%Y-%m-%dT%H:%M:%S%.3fZ");
    format!("{:>8}  {at}  {:<26}  {:<50}  {}", event.position, event.name, event.stream, event.metadata.actor)
}

fn as_json(event: &Recorded) -> Value {
    json!({
        "position": event.position,
        "eventId": event.event_id,
        "stream": event.stream.to_string(),
        "sequence": event.sequence,
        "type": event.name,
        "version": event.version,
        "recordedAt": event.recorded_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        "payload": event.payload,
        "metadata": event.metadata,
    })
}
