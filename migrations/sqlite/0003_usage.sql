-- What clusters had to give and what of it was taken. Measurements, not decisions: thinned with time, and never replayed.
-- Processor in thousandths of a core, memory and storage in units of 2^20 bytes. Times are microseconds since 1970, UTC.
CREATE TABLE usage_samples (
    cluster TEXT NOT NULL,
    step INTEGER NOT NULL, -- seconds of the bucket that this sums up; 0: as measured
    at INTEGER NOT NULL, -- where the bucket begins, or when it was measured
    seconds INTEGER NOT NULL CHECK (seconds > 0), -- how long this stands for
    cpu_used INTEGER NOT NULL,
    cpu_requested INTEGER NOT NULL,
    cpu_allocatable INTEGER NOT NULL,
    memory_used INTEGER NOT NULL,
    memory_requested INTEGER NOT NULL,
    memory_allocatable INTEGER NOT NULL,
    storage_used INTEGER NOT NULL,
    storage_requested INTEGER NOT NULL,
    storage_allocatable INTEGER NOT NULL,
    pods_used INTEGER NOT NULL,
    pods_requested INTEGER NOT NULL,
    pods_allocatable INTEGER NOT NULL,
    environments INTEGER NOT NULL,
    PRIMARY KEY (cluster, at, step)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_samples_by_age ON usage_samples (step, at);
