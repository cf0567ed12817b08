//! The process with the simulated clusters, which is told what to do over its standard input.

use std::{path::PathBuf, process::Stdio, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use super::Simulation;
use crate::demo::{DemoError, PATIENCE};

const PROGRAM: &str = "nalabo-cluster-simulator";
/// Environments that fit on a simulated node, which has 32 processors and room for 250 pods.
const PER_NODE: u32 = 12;
/// How the process behaves by itself: as a fast cluster does.
const DELAYS: [(&str, u32); 6] =
    [("latency", 2), ("service_account", 20), ("quota", 20), ("pod_start", 300), ("pod_ready", 100), ("namespace_with_pods", 500)];

/// A running process. It ends with its standard input.
pub(super) struct Simulator {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    clusters: Vec<Described>,
}

#[derive(Deserialize)]
struct Described {
    kubeconfig: String,
}

/// What is in the clusters.
#[derive(Deserialize)]
pub(super) struct Report {
    pub(super) clusters: Vec<Seen>,
}

/// What is in a cluster.
#[derive(Deserialize)]
pub(super) struct Seen {
    pub(super) namespaces: Vec<String>,
    requests: u64,
    struck: u64,
}

impl Report {
    pub(super) fn requests(&self) -> u64 {
        self.clusters.iter().map(|seen| seen.requests).sum()
    }

    /// How many of them failed on purpose.
    pub(super) fn struck(&self) -> u64 {
        self.clusters.iter().map(|seen| seen.struck).sum()
    }
}

impl Simulator {
    pub(super) async fn start(simulation: Simulation) -> Result<Self, DemoError> {
        let doing = "start the simulated clusters";
        let nodes = simulation.places().div_ceil(PER_NODE);
        let delays: serde_json::Map<String, Value> = DELAYS.into_iter().map(|(name, delay)| (name.to_owned(), json!(delay))).collect();
        let nodes: Vec<Value> =
            (1..=nodes).map(|number| json!({ "name": format!("node-{number}"), "cpu": "32", "memory": "64Gi", "pods": 250 })).collect();
        let options = json!({ "nodes": nodes, "behaviour": delays }).to_string();
        let mut command = Command::new(program()?);
        command.args(["--clusters", &simulation.clusters.to_string(), "--options", &options]).kill_on_drop(true);
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| DemoError::step(doing, format!("{PROGRAM}: {error}")))?;
        let (Some(orders), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(DemoError::step(doing, "it has no standard input and output"));
        };
        let mut simulator = Self { child, orders, answers: BufReader::new(answers).lines(), clusters: Vec::new() };
        for _ in 0..simulation.clusters {
            let described = simulator.answer(doing).await?;
            simulator.clusters.push(described);
        }
        Ok(simulator)
    }

    pub(super) fn kubeconfigs(&self) -> impl Iterator<Item = &str> {
        self.clusters.iter().map(|cluster| cluster.kubeconfig.as_str())
    }

    /// Has so many of a hundred requests fail from now on, in every way that a server and a network can.
    pub(super) async fn fail(&mut self, percent: u8) -> Result<(), DemoError> {
        let effects = [
            json!("conflict"),
            json!({ "too_many_requests": { "retry_after": 1 } }),
            json!("internal_error"),
            json!("unavailable"),
            json!("timeout"),
            json!("lose_request"),
            json!("lose_reply"),
            json!({ "slow": { "milliseconds": 500 } }),
        ];
        // Each has its chance at what those before it let through.
        let share = f64::from(percent) / 100.0 / f64::from(u8::try_from(effects.len()).unwrap_or(u8::MAX));
        for effect in effects {
            let fault = json!({ "when": { "probability": share }, "effect": effect });
            self.order::<Value>("break the simulated clusters", &json!({ "inject": fault })).await?;
        }
        // Watches end, now and then.
        let dropped = json!({ "verb": "watch", "when": { "probability": 0.5 }, "effect": { "drop_watch": { "after": 100 } } });
        if percent > 0 {
            self.order::<Value>("break the simulated clusters", &json!({ "inject": dropped })).await?;
        }
        Ok(())
    }

    /// Nothing fails any more.
    pub(super) async fn recover(&mut self) -> Result<(), DemoError> {
        self.order::<Value>("mend the simulated clusters", &json!("withdraw_all")).await.map(drop)
    }

    pub(super) async fn report(&mut self) -> Result<Report, DemoError> {
        self.order("look into the simulated clusters", &json!("report")).await
    }

    /// Ends the process.
    pub(super) async fn end(mut self) {
        drop(self.orders);
        // If it does not end by itself, it is killed.
        let _ = timeout(Duration::from_secs(5), self.child.wait()).await;
    }

    async fn order<T: for<'a> Deserialize<'a>>(&mut self, doing: &str, order: &Value) -> Result<T, DemoError> {
        let line = format!("{order}\n");
        self.orders.write_all(line.as_bytes()).await.map_err(|error| DemoError::step(doing, error))?;
        self.answer(doing).await
    }

    async fn answer<T: for<'a> Deserialize<'a>>(&mut self, doing: &str) -> Result<T, DemoError> {
        let line = timeout(PATIENCE, self.answers.next_line()).await;
        let line = line.map_err(|_| DemoError::step(doing, "no answer"))?.map_err(|error| DemoError::step(doing, error))?;
        let line = line.ok_or_else(|| DemoError::step(doing, format!("{PROGRAM} has ended")))?;
        // Without the line itself: it can hold a token.
        serde_json::from_str(&line).map_err(|error| DemoError::step(doing, format!("the answer is not as expected: {error}")))
    }
}

/// Beside this program, where a build puts it, or on the search path.
fn program() -> Result<PathBuf, DemoError> {
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(PROGRAM)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join(PROGRAM));
    beside.into_iter().chain(on_path).find(|file| file.is_file()).ok_or_else(|| {
        DemoError::step("start the simulated clusters", format!("missing: {PROGRAM}; cargo build --workspace builds it beside nalabo"))
    })
}
