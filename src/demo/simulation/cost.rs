//! What this process takes of the processors and of memory; the simulated clusters are another process.

use std::time::Duration;

use crate::demo::DemoError;

/// As the kernel counts, on every architecture: `sysconf(_SC_CLK_TCK)`.
const TICKS_PER_SECOND: u32 = 100;

/// Time of processors used until then, in this program and in the kernel for it.
pub(super) struct Cpu(Duration);

impl Cpu {
    pub(super) fn now() -> Result<Self, DemoError> {
        let doing = "see what of the processors is used";
        let stat = std::fs::read_to_string("/proc/self/stat").map_err(|error| DemoError::step(doing, error))?;
        // The second field is the program's name, in parentheses; `utime` and `stime` are the 14th and the 15th (proc(5)).
        let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().skip(11).take(2));
        let ticks: Option<u32> = fields.and_then(|fields| fields.map(|field| field.parse::<u32>().ok()).sum());
        let ticks = ticks.ok_or_else(|| DemoError::step(doing, "/proc/self/stat is not as proc(5) says"))?;
        Ok(Self(Duration::from_secs(ticks.into()) / TICKS_PER_SECOND))
    }

    /// What was used since, for each of so many.
    pub(super) fn per(&self, count: u32) -> Result<Duration, DemoError> {
        Ok(Self::now()?.0.saturating_sub(self.0) / count.max(1))
    }
}

/// How many of `count` there are for each of so many.
pub(super) fn each(count: u64, of: u32) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / f64::from(of.max(1))
}

/// The most memory that was in use at once until now, in MiB.
pub(super) fn peak_memory() -> Result<f64, DemoError> {
    let doing = "see how much memory is used";
    let status = std::fs::read_to_string("/proc/self/status").map_err(|error| DemoError::step(doing, error))?;
    // In KiB, as proc(5) says.
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
    peak.map(|kib| kib / 1024.0).ok_or_else(|| DemoError::step(doing, "/proc/self/status is not as proc(5) says"))
}

/// A number, and the most it may be.
pub(super) struct Bound {
    pub(super) what: &'static str,
    pub(super) value: f64,
    pub(super) unit: &'static str,
    pub(super) most: f64,
}

impl Bound {
    pub(super) fn holds(&self) -> bool {
        self.value <= self.most
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, value, unit, most } = self;
        write!(f, "{what}: {value:.1} {unit}, at most {most}")
    }
}
