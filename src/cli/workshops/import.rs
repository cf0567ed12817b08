//! `nalabo workshops import`.

use std::{path::PathBuf, sync::Arc};

use commands::{Commands, Outcome, Request, workshops::Imported as Done};
use domain::kernel::{AccountId, WorkshopId};
use importers::Imported;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::{super::Failure, read};
use crate::{
    config::Config,
    node::{self, NOBODY, Stores},
    offline::Offline,
};

pub(super) async fn import(config: &Config, path: PathBuf, publish: bool, author: Option<AccountId>, json: bool) -> Result<(), Failure> {
    let found = read(path)?;
    let stores = Stores::open(config).await?;
    let offline = Arc::new(Offline);
    let commands = if publish {
        let shell = node::shell(config).map_err(Failure::failed)?;
        stores.commands(config, shell, offline).await
    } else {
        stores.commands(config, offline.clone(), offline).await
    };
    let done = match commands {
        Ok(commands) => all(&commands, &found, author.unwrap_or(NOBODY), publish, json).await,
        Err(fault) => Err(Failure::failed(fault)),
    };
    stores.close().await;
    if done? { Ok(()) } else { Err(Failure::Told) }
}

/// Imports one after the other; whether all of them could be.
async fn all(commands: &Commands, found: &[Imported], author: AccountId, publish: bool, json: bool) -> Result<bool, Failure> {
    // Drawn on a terminal only.
    let bar = ProgressBar::new(found.len() as u64);
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut fine = true;
    for workshop in found {
        bar.set_message(workshop.slug.clone());
        for diagnostic in &workshop.diagnostics {
            bar.suspend(|| eprintln!("{}: {diagnostic}", workshop.slug));
        }
        let said = one(commands, workshop, author, publish).await?;
        fine &= said.is_ok();
        let (id, what) = match said {
            Ok((id, what)) => (Some(id.to_string()), what),
            Err(why) => (None, why),
        };
        bar.suspend(|| {
            if json {
                println!("{}", json!({ "slug": workshop.slug, "workshop": id, "result": what }));
            } else {
                println!("{}: {what}", workshop.slug);
            }
        });
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(fine)
}

/// What became of one workshop, or why it was not imported.
async fn one(
    commands: &Commands,
    workshop: &Imported,
    author: AccountId,
    publish: bool,
) -> Result<Result<(WorkshopId, String), String>, Failure> {
    let Some(content) = &workshop.content else { return Ok(Err("not imported: its definition is unreadable".into())) };
    let request = Request::system("workshops_import");
    let imported = commands.workshops.import(&request, author, &workshop.slug, content).await.map_err(Failure::failed)?;
    let (id, done) = match imported {
        Outcome::Accepted(accepted) => accepted.value,
        Outcome::Rejected(rejection) => return Ok(Err(format!("not imported: {rejection}"))),
    };
    let what = match done {
        Done::Drafted => "drafted",
        Done::Revised => "revised",
        Done::Unchanged => "unchanged",
    };
    if !publish || workshop.has_errors() {
        return Ok(Ok((id, what.into())));
    }
    Ok(match commands.workshops.publish(&request, id).await.map_err(Failure::failed)? {
        Outcome::Accepted(_) => Ok((id, format!("{what}, published"))),
        Outcome::Rejected(domain::workshops::WorkshopRejection::NothingToPublish) => Ok((id, what.into())),
        Outcome::Rejected(rejection) => Err(format!("{what}, not published: {rejection}")),
    })
}
