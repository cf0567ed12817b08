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
    /// Let a parked read model try again
    Resume {
        /// The read model's name, as printed by status
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(projections: Projections, config: &Config) -> Result<(), Failure> {
    match projections {
        Projections::Status { json } => status(config, json).await,
        Projections::Resume { name, json } => resume(config, name, json).await,
    }
}

async fn resume(config: &Config, name: String, json: bool) -> Result<(), Failure> {
    let Answer::Resumed { parked } = operator::perform(config, Operation::ProjectionResume { name: name.clone() }).await? else {
        return Err(operator::unexpected());
    };
    if json {
        println!("{}", json!({ "name": name, "wasParked": parked }));
    } else if parked {
        println!("{name} tries again");
    } else {
        println!("{name} was not parked");
    }
    Ok(())
}

async fn status(config: &Config, json: bool) -> Result<(), Failure> {
    let Answer::Projections { head, models } = operator::perform(config, Operation::ProjectionsStatus).await? else {
        return Err(operator::unexpected());
    };
    if json {
        println!("{}", json!({ "head": head, "models": models }));
    } else {
        for model in &models {
            println!("{}", as_line(model));
        }
    }
    Ok(())
}

fn as_line(model: &ProjectionState) -> String {
    let state = match (&model.parked, model.remaining_seconds) {
        (Some(reason), _) => format!("parked: {reason}"),
        (None, Some(seconds)) => format!("{}, {} events to go at {}/s: {seconds} s", model.state, model.behind, model.per_second),
        (None, None) if model.behind > 0 => format!("{}, {} events to go", model.state, model.behind),
        (None, None) => "level".to_owned(),
    };
    format!("{:<26}  version {:<3}  position {:>8}  {state}", model.name, model.version, model.position)
}
