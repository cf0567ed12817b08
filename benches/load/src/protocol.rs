//! A side is a process: it says when it is ready, takes orders as lines of JSON, and answers each with what it measured.
//! When there are no more orders, it says how much memory it has used at most, and ends.

use std::io::Write;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};

/// Whatever keeps a side from measuring.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// One measurement.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Order {
    /// Which work, where a side knows several.
    #[serde(default)]
    pub work: String,
    /// How many ask at once.
    pub clients: usize,
    /// Not counted, before.
    pub warm_up_ms: u64,
    /// Counted.
    pub run_ms: u64,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Units of work, such as commands or events.
    pub done: f64,
    pub seconds: f64,
    /// How long one took, in microseconds; 0 where it was not looked at.
    pub p50: f64,
    pub p99: f64,
}

impl Figures {
    /// Work done in a time, without a look at each piece.
    #[must_use]
    pub fn of(done: u64, taken: std::time::Duration) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^53")]
        Self { done: done as f64, seconds: taken.as_secs_f64(), p50: 0.0, p99: 0.0 }
    }

    /// Units of work in a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.done / self.seconds
    }
}

/// What a side says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    Ready,
    Figures(Figures),
    Failed(String),
    /// The most memory that was resident, in KiB.
    Ended {
        peak_kib: u64,
    },
}

/// Takes orders until there are no more.
///
/// # Errors
/// What a measurement failed with; it has been said then.
pub async fn serve<W, F>(work: W) -> Result<(), Fault>
where
    W: Fn(Order) -> F,
    F: Future<Output = Result<Figures, Fault>>,
{
    say(&Said::Ready)?;
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = orders.next_line().await? {
        match work(serde_json::from_str(&line)?).await {
            Ok(figures) => say(&Said::Figures(figures))?,
            Err(fault) => return Err(fault),
        }
    }
    say(&Said::Ended { peak_kib: peak_kib()? })
}

/// Says that nothing more is to be expected.
///
/// # Errors
/// Nobody listens.
pub fn fail(fault: &Fault) -> Result<(), Fault> {
    let mut told = fault.to_string();
    let mut source = fault.source();
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    say(&Said::Failed(told))
}

fn say(said: &Said) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, said)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

fn peak_kib() -> Result<u64, Fault> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM in /proc/self/status")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}
