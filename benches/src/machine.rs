//! Where it is measured.

use std::{
    fmt,
    fs::File,
    io::Write,
    os::unix::fs::FileExt,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use load::Fault;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) moment: Moment,
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_gib: f64,
    /// Of a write of 8 KiB, in a second.
    pub(crate) flushes: f64,
    pub(crate) postgres: String,
}

/// When, and what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Moment {
    pub(crate) date: String,
    /// Of the source.
    pub(crate) revision: String,
}

impl Machine {
    /// `directory` is on the disk that databases are on.
    pub(crate) fn look(directory: &Path, postgres: String) -> Result<Self, Fault> {
        let processors = std::fs::read_to_string("/proc/cpuinfo")?;
        let processor = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let memory = std::fs::read_to_string("/proc/meminfo")?;
        let kib = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
        Ok(Self {
            moment: Moment { date: chrono::Utc::now().format("%-d %B %Y, %H:%M UTC").to_string(), revision: revision() },
            processor: processor.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.to_owned()),
            cores: std::thread::available_parallelism()?.get(),
            memory_gib: kib.unwrap_or_default() / 1024.0 / 1024.0,
            flushes: flushes(directory)?,
            postgres,
        })
    }

    /// Whether figures of both can be compared.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (&self.processor, self.cores, &self.postgres) == (&other.processor, other.cores, &other.postgres)
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, memory_gib, flushes, postgres, .. } = self;
        write!(
            f,
            "{processor}, {cores} cores, {memory_gib:.1} GiB of memory, {flushes:.0} writes and flushes of 8 KiB a second, {postgres}"
        )
    }
}

/// The commit that the source is at, and whether it was changed since.
fn revision() -> String {
    let described = Command::new("git").args(["describe", "--always", "--dirty=, changed since", "--exclude=*"]).output();
    let described = described.ok().filter(|output| output.status.success()).and_then(|output| String::from_utf8(output.stdout).ok());
    described.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// How often the disk takes 8 KiB and says that it has them.
fn flushes(directory: &Path) -> Result<f64, Fault> {
    let path = directory.join("flushes");
    let mut file = File::create(&path)?;
    file.write_all(&vec![0; 1 << 20])?;
    file.sync_all()?;
    let block = [1; 8192];
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < Duration::from_secs(1) {
        file.write_all_at(&block, u64::from(count % 128) * 8192)?;
        file.sync_data()?;
        count += 1;
    }
    let rate = f64::from(count) / begun.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}
