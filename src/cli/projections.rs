//! `nalabo projections`.

use clap::Subcommand;
use serde_json::json;

use super::{Failure, operator};
use crate::{
    config::Config,
    operator::{Answer, Operation, ProjectionState},
};

#[derive(Subcommand)]
pub(super) enum Projections {
    /// Print how far each read model is, and why it is parked if it is
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(projections: Projections, config: &Config) -> Result<(), Failure> {
    match projections {
        Projections::Status { json } => status(config, json).await,
    }
}

async fn status(config: &Config, json: bool) -> Result<(), Failure> {
    let Answer::Projections { head, models } = operator::perform(config, Operation::ProjectionsStatus).await? else {
        return Err(operator::unexpected());
    };
    if json {
        println!("{}", json!({ "head": head, "models": models }));
    } else {
        for model in &models {
            println!("{}", as_line(head, model));
        }
    }
    Ok(())
}

fn as_line(head: i64, model: &ProjectionState) -> String {
    let state = match &model.parked {
        Some(reason) => format!("parked: {reason}"),
        None if model.position < head => format!("{} behind", head - model.position),
        None => "level".to_owned(),
    };
    format!("{:<26}  version {:<3}  position {:>8}  {state}", model.name, model.version, model.position)
}
