//! `nalabo admin`.

mod import;

use std::{io::BufRead, path::PathBuf, sync::Arc};

use clap::Subcommand;
use commands::{Outcome, Request, identity::Registration};
use domain::identity::Role;
use secrecy::{ExposeSecret, SecretString};

use super::Failure;
use crate::{
    config::Config,
    node::{Stores, random_password},
    offline::Offline,
};

#[derive(Subcommand)]
pub(super) enum Admin {
    /// Open an account of a super administrator; prints its password if it is made up here
    Create {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// What others see
        #[arg(long, default_value = "Administrator")]
        display_name: String,
        /// Read the password from the first line of standard input instead of making one up
        #[arg(long)]
        password_stdin: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Open accounts that people have elsewhere, with the bcrypt hashes of their passwords
    Import {
        /// One JSON object a line: email, displayName, passwordHash
        file: PathBuf,
    },
}

/// Somebody to open an account for.
struct New {
    email: String,
    display_name: String,
    password_stdin: bool,
}

pub(super) async fn run(admin: Admin, config: &Config) -> Result<(), Failure> {
    match admin {
        Admin::Create { email, display_name, password_stdin, json } => {
            create(New { email, display_name, password_stdin }, json, config).await
        }
        Admin::Import { file } => import::run(&file, config).await,
    }
}

async fn create(New { email, display_name, password_stdin }: New, json: bool, config: &Config) -> Result<(), Failure> {
    let password = if password_stdin { read_password()? } else { random_password() };
    let stores = Stores::open(config).await?;
    let offline = Arc::new(Offline);
    let registration =
        Registration { email: email.clone(), display_name, password: password.clone(), roles: [Role::SuperAdministrator].into() };
    let made = match stores.commands(config, offline.clone(), offline).await {
        Ok(commands) => commands.identity.register(&Request::system("admin_create"), registration).await,
        Err(fault) => Err(fault),
    };
    stores.close().await;
    let account = match made.map_err(Failure::failed)? {
        Outcome::Accepted(accepted) => accepted.value,
        Outcome::Rejected(rejection) => return Err(Failure::failed(rejection)),
    };
    let shown = (!password_stdin).then(|| password.expose_secret());
    if json {
        println!("{}", serde_json::json!({ "account": account.to_string(), "email": email, "password": shown }));
    } else {
        println!("{account} is a super administrator and signs in as {email}");
        if let Some(password) = shown {
            println!("password: {password}");
        }
    }
    Ok(())
}

fn read_password() -> Result<SecretString, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(Failure::failed)?;
    let password = line.trim_end_matches(['\n', '\r']);
    if password.is_empty() {
        return Err(Failure::Usage("--password-stdin: expected a password on standard input".into()));
    }
    Ok(password.to_owned().into())
}
