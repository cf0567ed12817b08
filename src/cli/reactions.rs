//! `nalabo reactions`.

use clap::{Args, Subcommand};
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
    /// Have a stream that was set aside tried again
    Retry(Which),
    /// Pass over the one event of a stream that failed; its later ones are taken
    Skip(Which),
}

#[derive(Args)]
pub(super) struct Which {
    /// The reaction's name, as listed
    reaction: String,
    /// The stream that it set aside, as listed
    #[arg(value_name = "KIND/ID")]
    stream: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(reactions: Reactions, config: &Config) -> Result<(), Failure> {
    match reactions {
        Reactions::List { json } => list(config, json).await,
        Reactions::Retry(Which { reaction, stream, json }) => {
            let said = format!("{reaction} tries {stream} again");
            done(config, Operation::ReactionRetry { reaction, stream }, json, &said).await
        }
        Reactions::Skip(Which { reaction, stream, json }) => {
            let said = format!("{reaction} passes over the event of {stream} that failed");
            done(config, Operation::ReactionSkip { reaction, stream }, json, &said).await
        }
    }
}

async fn done(config: &Config, operation: Operation, json: bool, said: &str) -> Result<(), Failure> {
    let Answer::Done = operator::perform(config, operation).await? else {
        return Err(operator::unexpected());
    };
    if json {
        println!("{}", json!({ "done": true }));
    } else {
        println!("{said}");
    }
    Ok(())
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
        let then = if parked.retrying { "is tried again" } else { "waits for retry or skip" };
        println!(
            "  {}  from position {}  since {at}, after {} tries: {}; {then}",
            parked.stream, parked.position, parked.attempts, parked.reason
        );
    }
}
