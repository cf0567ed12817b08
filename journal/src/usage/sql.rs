//! Statements that both engines take as they stand.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use super::{Amounts, UsagePoint, UsageSample};
use crate::JournalError;

/// What is summed up as a mean over time.
const MEANS: [&str; 9] = [
    "cpu_used",
    "cpu_requested",
    "memory_used",
    "memory_requested",
    "storage_used",
    "storage_requested",
    "pods_used",
    "pods_requested",
    "environments",
];
/// What is summed up as it was last.
const LASTS: [&str; 4] = ["cpu_allocatable", "memory_allocatable", "storage_allocatable", "pods_allocatable"];

/// In the order of [`binds`].
pub(crate) const KEEP: &str = "INSERT INTO usage_samples (cluster, step, at, seconds, cpu_used, cpu_requested, cpu_allocatable,
     memory_used, memory_requested, memory_allocatable, storage_used, storage_requested, storage_allocatable,
     pods_used, pods_requested, pods_allocatable, environments)
     VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING";

/// Sums up: $1 is the width in microseconds, $2 the new step, $3 the old one, $4 the first instant that is left alone.
pub(crate) static THIN: LazyLock<String> = LazyLock::new(|| {
    let columns = MEANS.iter().chain(&LASTS).copied().collect::<Vec<_>>().join(", ");
    let merged = merged("step = $3 AND at < $4");
    format!(
        "INSERT INTO usage_samples (cluster, step, at, seconds, {columns})
         SELECT cluster, CAST($2 AS bigint), bucket, seconds, {columns} FROM ({merged}) AS merged WHERE true ON CONFLICT DO NOTHING"
    )
});

/// The points of a span: $1 is the width in microseconds, $2 and $3 bound the span, $4 is the cluster or null.
pub(crate) fn points() -> &'static str {
    static POINTS: LazyLock<String> = LazyLock::new(|| {
        let sums: Vec<_> = MEANS.iter().chain(&LASTS).map(|column| format!("CAST(sum({column}) AS bigint) AS {column}")).collect();
        let merged = merged("step IN (0, 300, 3600) AND at >= $2 AND at < $3 AND (CAST($4 AS text) IS NULL OR cluster = $4)");
        format!(
            "SELECT bucket AS at, {}, CAST(sum(seconds) AS bigint) AS cluster_seconds,
             CAST(sum(cpu_allocatable * seconds) AS bigint) AS cpu_seconds,
             CAST(sum(memory_allocatable * seconds) AS bigint) AS memory_seconds
             FROM ({merged}) AS merged GROUP BY bucket ORDER BY bucket",
            sums.join(", ")
        )
    });
    &POINTS
}

/// A row for each cluster and step, of the rows that a condition lets through.
fn merged(condition: &str) -> String {
    let means = MEANS.map(|column| format!("CAST(round(1.0 * sum({column} * seconds) / sum(seconds)) AS bigint) AS {column}"));
    let lasts = LASTS.map(|column| format!("max(CASE WHEN latest = 1 THEN {column} END) AS {column}"));
    format!(
        "SELECT cluster, bucket, CAST(sum(seconds) AS bigint) AS seconds, {}, {} FROM (
             SELECT s.*, at - at % $1 AS bucket, row_number() OVER (PARTITION BY cluster, at - at % $1 ORDER BY at DESC, step) AS latest
             FROM usage_samples AS s WHERE {condition}
         ) AS ranked GROUP BY cluster, bucket",
        means.join(", "),
        lasts.join(", ")
    )
}

/// The numbers of a sample, after its cluster.
pub(crate) fn binds(sample: &UsageSample) -> [i64; 15] {
    let UsageSample { cluster: _, at, seconds, cpu, memory, storage, pods, environments } = sample;
    let [cpu, memory, storage, pods] = [cpu, memory, storage, pods].map(|of| [of.used, of.requested, of.allocatable]);
    let mut all = [0; 15];
    let numbers = [at.timestamp_micros(), i64::from(*seconds).max(1)].into_iter().chain(cpu).chain(memory).chain(storage).chain(pods);
    for (place, number) in all.iter_mut().zip(numbers.chain([*environments])) {
        *place = number;
    }
    all
}

/// A point as stored.
#[derive(sqlx::FromRow)]
pub(crate) struct PointRow {
    at: i64,
    cpu_used: i64,
    cpu_requested: i64,
    cpu_allocatable: i64,
    memory_used: i64,
    memory_requested: i64,
    memory_allocatable: i64,
    storage_used: i64,
    storage_requested: i64,
    storage_allocatable: i64,
    pods_used: i64,
    pods_requested: i64,
    pods_allocatable: i64,
    environments: i64,
    cluster_seconds: i64,
    cpu_seconds: i64,
    memory_seconds: i64,
}

/// The point that a row holds.
pub(crate) fn point(row: &PointRow) -> Result<UsagePoint, JournalError> {
    let malformed = || JournalError::Corrupt { at: "usage_samples".into(), what: format!("{} is no time", row.at) };
    let amounts = |used, requested, allocatable| Amounts { used, requested, allocatable };
    Ok(UsagePoint {
        at: DateTime::<Utc>::from_timestamp_micros(row.at).ok_or_else(malformed)?,
        cpu: amounts(row.cpu_used, row.cpu_requested, row.cpu_allocatable),
        memory: amounts(row.memory_used, row.memory_requested, row.memory_allocatable),
        storage: amounts(row.storage_used, row.storage_requested, row.storage_allocatable),
        pods: amounts(row.pods_used, row.pods_requested, row.pods_allocatable),
        environments: row.environments,
        cluster_seconds: row.cluster_seconds,
        cpu_seconds: row.cpu_seconds,
        memory_seconds: row.memory_seconds,
    })
}
