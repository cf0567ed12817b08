//! Has an operation done: by the server that has the data directory open, or here if none has.

use std::sync::Arc;

use projections::Projections;

use super::Failure;
use crate::{
    config::Config,
    control,
    node::{Stores, projection_options},
    offline::Offline,
    operator::{self, Answer, Operation, Parts},
};

pub(super) async fn perform(config: &Config, operation: Operation) -> Result<Answer, Failure> {
    if let Some(answer) = control::ask(&config.data_dir, &operation).await.map_err(Failure::failed)? {
        return Ok(answer);
    }
    if config.database_url.is_none() && !config.journal_path().exists() {
        return Err(Failure::Failed(format!("no server runs on {0}, and there is no journal in {0}", config.data_dir.display())));
    }
    let stores = Stores::open(config).await?;
    let offline = Arc::new(Offline);
    let commands = match stores.commands(config, offline.clone(), offline).await {
        Ok(commands) => Arc::new(commands),
        Err(fault) => {
            stores.close().await;
            return Err(Failure::failed(fault));
        }
    };
    let projections = match Projections::init(Arc::clone(&stores.journal), &projection_options(config)).await {
        Ok(projections) => Arc::new(projections),
        Err(error) => {
            stores.close().await;
            return Err(Failure::failed(error));
        }
    };
    let parts = Parts { stores, projections, commands };
    let answer = operator::perform(operation, &parts).await;
    parts.close().await;
    answer.map_err(Failure::failed)
}

/// The answer is one to another question.
pub(super) fn unexpected() -> Failure {
    Failure::Failed("the server answered something else; is it of another version?".into())
}
