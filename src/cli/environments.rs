//! `nalabo environments`.

use clap::{Args, Subcommand, ValueEnum};
use projections::environments::environments::EnvironmentState;
use serde_json::json;

use super::{
    Failure,
    clusters::{ask, done},
    operator,
};
use crate::{
    config::Config,
    operator::{Answer, EnvironmentChange, EnvironmentEntry, Operation},
};

#[derive(Subcommand)]
pub(super) enum Environments {
    /// Print environments, latest first: those of which something may stand, unless a state is given
    List {
        /// Only those on this cluster
        #[arg(long, value_name = "NAME")]
        cluster: Option<String>,
        /// Only those in this state
        #[arg(long)]
        state: Option<State>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print all that is known of an environment, and what to do if it is stuck
    Show(Which),
    /// Have the teardown of a stuck environment tried again
    Retry(Which),
    /// Take a stuck environment for gone and give its place to others; what is left of it is removed once it can be
    Skip(Which),
    /// Tear an environment down, whoever works there
    Teardown(Which),
}

#[derive(Args)]
pub(super) struct Which {
    /// The environment, such as env_…
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum State {
    Provisioning,
    Ready,
    TearingDown,
    TornDown,
    Stuck,
}

impl From<State> for EnvironmentState {
    fn from(state: State) -> Self {
        match state {
            State::Provisioning => Self::Provisioning,
            State::Ready => Self::Ready,
            State::TearingDown => Self::TearingDown,
            State::TornDown => Self::TornDown,
            State::Stuck => Self::Stuck,
        }
    }
}

pub(super) async fn run(environments: Environments, config: &Config) -> Result<(), Failure> {
    match environments {
        Environments::List { cluster, state, json } => {
            let operation = Operation::EnvironmentsList { cluster, state: state.map(Into::into) };
            list(config, operation, json).await
        }
        Environments::Show(which) => show(config, which).await,
        Environments::Retry(which) => change(config, which, EnvironmentChange::Retry, "is torn down; it was stuck").await,
        Environments::Skip(which) => change(config, which, EnvironmentChange::Skip, "is given up").await,
        Environments::Teardown(which) => change(config, which, EnvironmentChange::Teardown, "is torn down").await,
    }
}

async fn list(config: &Config, operation: Operation, json: bool) -> Result<(), Failure> {
    let Answer::Environments { environments, more } = ask(config, operation).await? else { return Err(operator::unexpected()) };
    if json {
        println!("{}", json!({ "environments": environments, "more": more }));
        return Ok(());
    }
    for EnvironmentEntry { id, state, node, requested_at, failure, .. } in &environments {
        let node = node.as_deref().unwrap_or("placed nowhere yet");
        println!("{id}  {:<12}  {}  {node}", word(*state), requested_at.format("%Y-%m-%dT%H:%M:%SZ"));
        if let Some(failure) = failure {
            println!("  {failure}");
        }
    }
    if more {
        println!("and more");
    }
    Ok(())
}

async fn show(config: &Config, Which { id, json }: Which) -> Result<(), Failure> {
    let answer = ask(config, Operation::EnvironmentShow { id }).await?;
    let Answer::Environment { environment } = answer else { return Err(operator::unexpected()) };
    if json {
        println!("{}", json!(environment));
        return Ok(());
    }
    let EnvironmentEntry { id, state, session, learner, .. } = &*environment;
    println!("{id}  {}", word(*state));
    println!("  session    {session}, of {}", learner.as_deref().unwrap_or("nobody yet: it is made ahead"));
    if let (Some(driver), Some(node)) = (&environment.driver, &environment.node) {
        println!("  place      {node}, {driver}: {}", environment.reason.as_deref().unwrap_or("no reason is known"));
    }
    if let Some(step) = &environment.step {
        println!("  step       {step}");
    }
    let times = [("requested", Some(environment.requested_at)), ("expires", Some(environment.expires_at)), ("ended", environment.ended_at)];
    for (what, at) in times.into_iter().filter_map(|(what, at)| Some((what, at?))) {
        println!("  {what:<9}  {}", at.format("%Y-%m-%dT%H:%M:%SZ"));
    }
    if let Some(failure) = &environment.failure {
        println!("  failure    {failure}");
    }
    if *state == EnvironmentState::Stuck {
        println!("Undoing it failed. Remove what the failure names, then `nalabo environments retry {id}`.");
        println!("Or give it up by `nalabo environments skip {id}`: its place is free then, and what is left is removed once it can be.");
    }
    Ok(())
}

async fn change(config: &Config, Which { id, json }: Which, change: EnvironmentChange, then: &str) -> Result<(), Failure> {
    let said = format!("{id} {then}");
    done(config, Operation::EnvironmentChange { id, change }, json, &said).await
}

const fn word(state: EnvironmentState) -> &'static str {
    match state {
        EnvironmentState::Provisioning => "provisioning",
        EnvironmentState::Ready => "ready",
        EnvironmentState::TearingDown => "tearing down",
        EnvironmentState::TornDown => "torn down",
        EnvironmentState::Stuck => "stuck",
    }
}
