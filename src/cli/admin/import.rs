//! `nalabo admin import`.

use std::{path::Path, sync::Arc};

use commands::{
    Outcome, Request,
    identity::{Identity, ImportedAccount},
};
use serde::Deserialize;

use crate::{cli::Failure, config::Config, node::Stores, offline::Offline};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Line {
    email: String,
    display_name: String,
    password_hash: String,
}

/// Goes through all lines, whatever is wrong with one of them. An account that is there is left as it is.
pub(super) async fn run(file: &Path, config: &Config) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| Failure::failed(format!("{}: {error}", file.display())))?;
    let stores = Stores::open(config).await?;
    let offline = Arc::new(Offline);
    let imported = match stores.commands(config, offline.clone(), offline).await {
        Ok(commands) => all(&commands.identity, &text).await,
        Err(fault) => Err(Failure::failed(fault)),
    };
    stores.close().await;
    let (opened, refused) = imported?;
    println!("{opened} accounts are opened");
    if refused == 0 { Ok(()) } else { Err(Failure::failed(format!("{refused} lines are refused"))) }
}

/// How many accounts were opened, and how many lines refused. What is said of a line tells nothing that is in it.
async fn all(identity: &Identity, text: &str) -> Result<(usize, usize), Failure> {
    let (mut opened, mut refused) = (0, 0);
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let reason = match serde_json::from_str(line) {
            Err(_) => "expected a JSON object with email, displayName and passwordHash, and nothing else".to_owned(),
            Ok(Line { email, display_name, password_hash }) => {
                let account = ImportedAccount { email, display_name, password_hash };
                match identity.import_account(&Request::system("admin_import"), account).await.map_err(Failure::failed)? {
                    Outcome::Accepted(_) => {
                        opened += 1;
                        continue;
                    }
                    Outcome::Rejected(rejection) => rejection.to_string(),
                }
            }
        };
        eprintln!("line {number}: {reason}");
        refused += 1;
    }
    Ok((opened, refused))
}
