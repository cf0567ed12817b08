//! The simulator as a process: prints a line of JSON that says where each cluster is, and serves until its standard input ends or it
//! is told to stop. Each line of its standard input is an order, and is answered with a line.

use std::{
    io::{BufRead, Write},
    path::PathBuf,
    process::ExitCode,
    sync::mpsc,
    thread,
};

use clap::Parser;
use serde::Deserialize;
use serde_json::{Value, json};
use test_cluster_simulator::{Behaviour, Fault, Options, Simulator};
use tokio::signal::unix::{SignalKind, signal};

/// A Kubernetes API server for tests.
#[derive(Debug, Parser)]
struct Arguments {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Of all chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many nodes there are, each with 32 processors, 64 GiB and 250 pods.
    #[arg(long)]
    nodes: Option<u32>,
    /// Everything that can be set, as JSON: seed, nodes, behaviour, history, bookmarks.
    #[arg(long)]
    options: Option<String>,
    /// Delays as a real server has them.
    #[arg(long)]
    measured: bool,
    /// A fault to inject from the start, as JSON; can be given several times.
    #[arg(long = "fault")]
    faults: Vec<String>,
    /// How many clusters there are, with a line each; their seeds follow each other.
    #[arg(long, default_value_t = 1)]
    clusters: u32,
    /// Writes the kubeconfig of the first cluster's administrator to this file, too.
    #[arg(long)]
    kubeconfig: Option<PathBuf>,
}

/// What whoever started it may want while it runs, of all clusters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// From now on.
    Inject(Fault),
    /// All faults.
    WithdrawAll,
    /// What is there, and what was asked.
    Report,
}

/// What happens to the process.
enum Told {
    Order(String),
    End,
}

fn main() -> ExitCode {
    match serve(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "nalabo-cluster-simulator: {why}");
            ExitCode::FAILURE
        }
    }
}

fn options(arguments: &Arguments) -> Result<Options, String> {
    let mut options = match &arguments.options {
        Some(text) => serde_json::from_str(text).map_err(|error| format!("--options: {error}"))?,
        None => Options { port: arguments.port, seed: arguments.seed, ..Options::default() },
    };
    if let Some(count) = arguments.nodes {
        options.nodes = (1..=count).map(|number| test_cluster_simulator::Node::new(&format!("node-{number}"), "32", "64Gi", 250)).collect();
    }
    if arguments.measured {
        options.behaviour = Behaviour::measured();
    }
    Ok(options)
}

fn serve(arguments: &Arguments) -> Result<(), String> {
    let options = options(arguments)?;
    let faults = arguments.faults.iter().map(|text| serde_json::from_str::<Fault>(text).map_err(|error| format!("--fault: {error}")));
    let faults: Vec<Fault> = faults.collect::<Result<_, _>>()?;
    let told = told()?;
    let mut clusters = Vec::new();
    for number in 0..arguments.clusters.max(1) {
        // A port that was chosen is for the first.
        let port = if number == 0 { options.port } else { 0 };
        let options = Options { port, seed: options.seed + u64::from(number), ..options.clone() };
        let simulator = Simulator::start(&options).map_err(|error| error.to_string())?;
        for fault in &faults {
            simulator.inject(fault.clone());
        }
        if let Some(file) = arguments.kubeconfig.as_ref().filter(|_| number == 0) {
            std::fs::write(file, simulator.kubeconfig()).map_err(|error| format!("{}: {error}", file.display()))?;
        }
        say(&description(&simulator))?;
        clusters.push(simulator);
    }
    while let Told::Order(line) = told.recv().map_err(|error| error.to_string())? {
        say(&match serde_json::from_str(&line) {
            Ok(order) => obey(order, &clusters),
            Err(error) => json!({ "error": error.to_string() }),
        })?;
    }
    Ok(())
}

fn say(line: &Value) -> Result<(), String> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| format!("standard output: {error}"))
}

fn obey(order: Order, clusters: &[Simulator]) -> Value {
    match order {
        Order::Inject(fault) => {
            for simulator in clusters {
                simulator.inject(fault.clone());
            }
        }
        Order::WithdrawAll => clusters.iter().for_each(Simulator::withdraw_all),
        Order::Report => return json!({ "clusters": clusters.iter().map(report).collect::<Vec<_>>() }),
    }
    json!({ "done": true })
}

fn report(simulator: &Simulator) -> Value {
    let namespaces = simulator.objects("namespaces");
    let names: Vec<_> = namespaces.iter().map(|namespace| &namespace["metadata"]["name"]).collect();
    let requests = simulator.requests();
    let struck: u64 = simulator.struck().values().sum();
    json!({ "namespaces": names, "objects": simulator.counts(), "requests": requests.total(), "peak": requests.peak, "struck": struck })
}

/// Where a cluster is, and how to be let in.
fn description(simulator: &Simulator) -> Value {
    json!({
        "server": simulator.url(), "kubeconfig": simulator.kubeconfig(), "ca": simulator.ca_pem(), "token": simulator.admin_token(),
        "control": format!("{}/simulator/", simulator.url()), "control_token": simulator.control_token(),
    })
}

/// What tells of orders and of the end: of standard input, SIGTERM or SIGINT. Signals are caught from the moment this returns.
fn told() -> Result<mpsc::Receiver<Told>, String> {
    let (teller, told) = mpsc::channel();
    let ender = teller.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let caught = {
        let _inside = runtime.enter();
        [SignalKind::terminate(), SignalKind::interrupt()].map(signal)
    };
    let [terminate, interrupt] = caught;
    let (mut terminate, mut interrupt) = (terminate.map_err(|error| error.to_string())?, interrupt.map_err(|error| error.to_string())?);
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
            let _ = teller.send(Told::Order(line));
        }
        let _ = teller.send(Told::End);
    });
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        });
        let _ = ender.send(Told::End);
    });
    Ok(told)
}
