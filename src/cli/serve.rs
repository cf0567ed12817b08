//! `nalabo serve`.

use std::net::SocketAddr;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::Failure;
use crate::{config::Config, node::Node, telemetry};

#[derive(Args)]
pub(super) struct Serve {
    /// Serve at this address [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Serve GraphiQL and introspection
    #[arg(long)]
    development: bool,
    /// Permit sandboxes on this host although others can reach the address
    #[arg(long)]
    sandbox_on_public_address: bool,
    /// Log one JSON object a line
    #[arg(long)]
    log_json: bool,
}

pub(super) async fn serve(serve: Serve, mut config: Config) -> Result<(), Failure> {
    if let Some(listen) = serve.listen {
        config.listen = listen;
    }
    config.development |= serve.development;
    config.sandbox.allow_public |= serve.sandbox_on_public_address;
    config.telemetry.json |= serve.log_json;
    let _telemetry = telemetry::start(&config.telemetry).map_err(Failure::Usage)?;
    // Before the start, so that a signal during it is not lost.
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::failed)?;
    let node = Node::start(config).await?;
    println!("nalabo serves at {}://{}", node.scheme, node.address);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("stopping");
    node.stop().await;
    tracing::info!("stopped");
    Ok(())
}
