//! `nalabo replay`.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use journal::{History, Position};
use projections::{Progress, RebuildOptions, Until, rebuild_into};
use serde_json::json;
use tokio::sync::watch;

use super::{Failure, progress};
use crate::{
    config::Config,
    history::{Moment, open_history},
};

#[derive(Args)]
#[group(id = "when", required = true, args = ["until", "position"])]
pub(super) struct Replay {
    /// As of this day (its beginning in UTC) or instant
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// As of this position
    #[arg(long, value_name = "POSITION")]
    position: Option<i64>,
    /// Write this file, which must not exist
    #[arg(long, value_name = "FILE")]
    into: PathBuf,
    /// Only these read models, with commas between them
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(replay: Replay, config: &Config) -> Result<(), Failure> {
    let known = projections::names();
    if let Some(unknown) = replay.only.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(Failure::Usage(format!("--only: there is no read model {unknown}; expected some of {}", known.join(", "))));
    }
    if replay.into.exists() {
        return Err(Failure::Failed(format!("--into: {} exists already", replay.into.display())));
    }
    let history = open_history(config).await.map_err(Failure::failed)?;
    let position = position(&replay, &*history).await?;
    let only: Vec<_> = known.into_iter().filter(|name| replay.only.iter().any(|wanted| wanted == name)).collect();
    let (progress, mut told) = watch::channel(Progress::default());
    let options = RebuildOptions {
        time_zone: config.time_zone,
        until: Until::Position(position),
        only: (!only.is_empty()).then_some(only),
        progress: Some(progress),
    };
    let bar = progress::bar(position.0);
    let shown = bar.clone();
    let showing = tokio::spawn(async move {
        while told.changed().await.is_ok() {
            shown.set_position(told.borrow().position.0.unsigned_abs());
        }
    });
    let filled = rebuild_into(&replay.into, Arc::clone(&history), options).await.map_err(Failure::failed)?;
    filled.close().await;
    showing.abort();
    bar.finish_and_clear();
    if replay.json {
        println!("{}", json!({ "file": replay.into, "journal": history.id(), "position": position }));
    } else {
        println!("{} has the read models as of position {position}", replay.into.display());
    }
    Ok(())
}

async fn position(replay: &Replay, history: &dyn History) -> Result<Position, Failure> {
    let head = history.head().await.map_err(Failure::failed)?;
    let moment = match (replay.until, replay.position) {
        (_, Some(position)) => Moment::Position(Position(position)),
        (Some(until), None) => until,
        // clap asks for one of them.
        (None, None) => return Err(Failure::Usage("expected --until or --position".into())),
    };
    let (flag, position) = match moment {
        Moment::Position(position) => ("--position", position),
        Moment::Instant(at) if at > chrono::Utc::now() => return Err(Failure::Failed(format!("--until: {at} is not over yet"))),
        Moment::Instant(_) => ("--until", moment.last(history).await.map_err(Failure::failed)?),
    };
    if position > head || position.0 < 0 {
        return Err(Failure::Failed(format!("{flag}: there is no position {position}; the head is at {head}")));
    }
    if position == Position(0) && flag == "--until" {
        return Err(Failure::Failed("--until: nothing had been recorded by then".into()));
    }
    Ok(position)
}
