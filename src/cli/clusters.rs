//! `nalabo clusters`.

use std::{collections::BTreeMap, io::Read, path::PathBuf};

use clap::{Args, Subcommand};
use domain::environments::cluster::Health;
use serde_json::json;

use super::{Failure, operator};
use crate::{
    config::Config,
    control,
    operator::{Access, Answer, ClusterChange, ClusterState, Hidden, NewCluster, Operation},
};

/// The largest file that is read; the server takes less.
const LARGEST: u64 = 1 << 20;

#[derive(Subcommand)]
pub(super) enum Clusters {
    /// Print a script that makes a service account on any cluster, and prints a kubeconfig for it
    ConnectScript,
    /// Register a cluster; it is tested first
    Add(Add),
    /// Print which clusters there are and how they do
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Test a cluster: reachable, version, permissions, capacity
    Test(Which),
    /// Give a cluster new credentials; they are tested first, and the old ones are destroyed
    Rotate {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        connect: Connect,
    },
    /// Let no new environments onto a cluster
    Cordon(Which),
    /// Let environments onto a cluster again
    Uncordon(Which),
    /// Let no new environments onto a cluster, so that it is empty once those that live there have finished
    Drain(Which),
    /// Remove a cluster and destroy its credentials
    Remove {
        #[command(flatten)]
        which: Which,
        /// Tear down the environments that live there
        #[arg(long)]
        force: bool,
    },
}

#[derive(Args)]
pub(super) struct Which {
    /// The cluster's name, as listed
    name: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Add {
    /// What to call it: lower-case letters, digits and hyphens
    name: String,
    #[command(flatten)]
    connect: Connect,
    /// Label it; can be given several times
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,
    /// How much of what could go anywhere goes here, 1 to 1000 [default: 100]
    #[arg(long)]
    weight: Option<u32>,
    /// How many environments may have a place at once [default: as many as fit]
    #[arg(long)]
    limit: Option<u32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How it is reached.
#[derive(Args)]
pub(super) struct Connect {
    #[command(flatten)]
    from: From,
    /// The context of the kubeconfig to use, if not its current one
    #[arg(long, requires = "kubeconfig", value_name = "NAME")]
    context: Option<String>,
    /// Read the service account's token from this file; - for standard input
    #[arg(long, requires = "server", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The certificate authority of the server, as PEM
    #[arg(long, requires = "server", value_name = "FILE")]
    certificate_authority: Option<PathBuf>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct From {
    /// Connect by this kubeconfig; - for standard input
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Connect to this address with a token
    #[arg(long, requires = "token_file", value_name = "URL")]
    server: Option<String>,
    /// Connect to the cluster that the server itself runs in
    #[arg(long)]
    in_cluster: bool,
}

fn label(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) async fn run(clusters: Clusters, config: &Config) -> Result<(), Failure> {
    match clusters {
        Clusters::ConnectScript => {
            print!("{}", orchestrator_kubernetes::connect_script::connect_script());
            Ok(())
        }
        Clusters::Add(add) => {
            let (json, said) = (add.json, format!("{} is registered", add.name));
            done(config, Operation::ClusterAdd(add.read()?), json, &said).await
        }
        Clusters::List { json } => list(config, json).await,
        Clusters::Test(which) => test(config, which).await,
        Clusters::Rotate { which: Which { name, json }, connect } => {
            let said = format!("{name} has new credentials");
            done(config, Operation::ClusterRotate { name, access: connect.read()? }, json, &said).await
        }
        Clusters::Cordon(which) => change(config, which, ClusterChange::Cordon, "takes no new environments").await,
        Clusters::Uncordon(which) => change(config, which, ClusterChange::Uncordon, "takes environments again").await,
        Clusters::Drain(which) => change(config, which, ClusterChange::Drain, "is being emptied").await,
        Clusters::Remove { which, force } => {
            change(config, which, ClusterChange::Remove { force }, "is removed, or will be when its environments are gone").await
        }
    }
}

impl Add {
    fn read(self) -> Result<NewCluster, Failure> {
        let access = self.connect.read()?;
        let labels: BTreeMap<_, _> = self.labels.into_iter().collect();
        Ok(NewCluster { name: self.name, labels, weight: self.weight, limit: self.limit, access })
    }
}

impl Connect {
    fn read(self) -> Result<Access, Failure> {
        Ok(match (self.from, self.token_file) {
            (From { kubeconfig: Some(file), .. }, _) => Access::Kubeconfig { text: Hidden(read(&file)?), context: self.context },
            (From { server: Some(server), .. }, Some(file)) => {
                let certificate_authority = self.certificate_authority.as_ref().map(read).transpose()?;
                Access::Token { server, token: Hidden(read(&file)?.trim().to_owned()), certificate_authority }
            }
            _ => Access::InCluster,
        })
    }
}

fn read(file: &PathBuf) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::Failed(format!("{}: {error}", file.display()));
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(LARGEST).read_to_string(&mut text).map_err(failed)?;
    } else {
        std::fs::File::open(file).and_then(|file| file.take(LARGEST).read_to_string(&mut text)).map_err(failed)?;
    }
    Ok(text)
}

/// Asks the running server: it alone reaches clusters.
pub(super) async fn ask(config: &Config, operation: Operation) -> Result<Answer, Failure> {
    let answer = control::ask(&config.data_dir, &operation).await.map_err(Failure::failed)?;
    answer.ok_or_else(|| Failure::Failed(format!("no server runs on {}; start it with `nalabo serve`", config.data_dir.display())))
}

async fn change(config: &Config, Which { name, json }: Which, change: ClusterChange, then: &str) -> Result<(), Failure> {
    let said = format!("{name} {then}");
    done(config, Operation::ClusterChange { name, change }, json, &said).await
}

pub(super) async fn done(config: &Config, operation: Operation, json: bool, said: &str) -> Result<(), Failure> {
    let Answer::Done = ask(config, operation).await? else { return Err(operator::unexpected()) };
    if json {
        println!("{}", json!({ "done": true }));
    } else {
        println!("{said}");
    }
    Ok(())
}

async fn test(config: &Config, Which { name, json }: Which) -> Result<(), Failure> {
    let answer = ask(config, Operation::ClusterTest { name: name.clone() }).await?;
    let Answer::ClusterTested { test } = answer else { return Err(operator::unexpected()) };
    if json {
        println!("{}", json!(test));
    } else {
        let version = test.version.as_deref().unwrap_or("unknown");
        println!("{name}: {}, version {version}", if test.is_usable { "usable" } else { "not usable" });
        for failure in &test.failures {
            println!("  fails    {failure}");
        }
        for warning in &test.warnings {
            println!("  warning  {warning}");
        }
    }
    if test.is_usable { Ok(()) } else { Err(Failure::Told) }
}

async fn list(config: &Config, json: bool) -> Result<(), Failure> {
    let Answer::Clusters { clusters } = ask(config, Operation::ClustersList).await? else { return Err(operator::unexpected()) };
    if json {
        println!("{}", json!({ "clusters": clusters }));
    } else {
        clusters.iter().for_each(print);
    }
    Ok(())
}

fn print(cluster: &ClusterState) {
    let ClusterState { name, server, version, schedule, health, taken, nodes, .. } = cluster;
    let health = match health {
        Health::Healthy => "healthy",
        Health::Degraded => "degraded",
        Health::Unreachable => "unreachable",
    };
    let limit = cluster.limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
    let default = if cluster.is_default { ", default" } else { "" };
    println!("{name:<24}  {}, {health}{default}  {taken}{limit} places taken, {nodes} nodes, {version}, {server}", schedule.name());
    if let Some(reason) = &cluster.health_reason {
        println!("  {reason}");
    }
    for warning in &cluster.warnings {
        println!("  warning  {warning}");
    }
    if let Some(at) = cluster.credentials_expire_at {
        println!("  credentials expire at {}", at.format("%Y-%m-%dT%H:%M:%SZ"));
    }
}
