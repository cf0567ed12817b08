//! `PostgreSQL`'s own benchmark, with single rows of the journal's columns.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use load::{Fault, Figures, Order};

use crate::{
    process::Measured,
    sides::statements::{METADATA, PAYLOAD},
};

pub(crate) struct Pgbench {
    url: String,
    script: PathBuf,
}

impl Pgbench {
    /// Against a database that has the table.
    pub(crate) fn new(url: &str, directory: &Path) -> Result<Self, Fault> {
        let script = directory.join("insert.sql");
        let hash = "07".repeat(32);
        let insert = "INSERT INTO rows (event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, \
                      recorded_at, hash) VALUES (gen_random_uuid(), 'counter', gen_random_uuid()::text, 1, 'Counted', '1'";
        std::fs::write(&script, format!("{insert}, :payload, :metadata, 1790000000000000, '\\x{hash}');\n"))?;
        Ok(Self { url: url.to_owned(), script })
    }
}

impl Measured for Pgbench {
    fn measure(&mut self, order: &Order) -> Result<Figures, Fault> {
        let seconds = order.run_ms.div_ceil(1000).max(1).to_string();
        let clients = order.clients.to_string();
        let threads = order.clients.min(2).to_string();
        let output = Command::new("pgbench")
            .args(["-n", "-M", "prepared", "-c", &clients, "-j", &threads, "-T", &seconds])
            .arg("-D")
            .arg(format!("payload={PAYLOAD}"))
            .arg("-D")
            .arg(format!("metadata={METADATA}"))
            .arg("-f")
            .args([&self.script])
            .arg(&self.url)
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse::<f64>().ok());
        match rate {
            Some(done) if output.status.success() => Ok(Figures { done, seconds: 1.0, p50: 0.0, p99: 0.0 }),
            _ => Err(format!("pgbench: {} {}", text.trim(), String::from_utf8_lossy(&output.stderr).trim()).into()),
        }
    }
}
