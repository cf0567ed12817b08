//! `nalabo reactions`.

use clap::Subcommand;
use serde_json::json;

use super::{Failure, operator};
use crate::{
    config::Config,
    operator::{Answer, Operation, ReactionState},
};

#[derive(Subcommand)]
pub(super) enum Reactions {
    /// Print how far each reaction is, and which streams it set aside
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(reactions: Reactions, config: &Config) -> Result<(), Failure> {
    match reactions {
        Reactions::List { json } => list(config, json).await,
    }
}

async fn list(config: &Config, json: bool) -> Result<(), Failure> {
    let Answer::Reactions { head, reactions } = operator::perform(config, Operation::ReactionsList).await? else {
        return Err(operator::unexpected());
    };
    if json {
        println!("{}", json!({ "head": head, "reactions": reactions }));
    } else {
        for reaction in &reactions {
            print(head, reaction);
        }
    }
    Ok(())
}

fn print(head: i64, reaction: &ReactionState) {
    let behind = head - reaction.position;
    let state = if behind > 0 { format!("{behind} behind") } else { "level".to_owned() };
    println!("{:<44}  position {:>8}  {state}, {} parked", reaction.name, reaction.position, reaction.parked.len());
    for parked in &reaction.parked {
        let at = parked.at.format("%Y-%m-%dT%H:%M:%SZ");
        println!("  {}  from position {}  since {at}, after {} tries: {}", parked.stream, parked.position, parked.attempts, parked.reason);
    }
}
