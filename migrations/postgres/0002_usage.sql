-- What clusters had to give and what of it was taken. Measurements, not decisions: thinned with time, and never replayed.
-- Processor in thousandths of a core, memory and storage in units of 2^20 bytes. Times are microseconds since 1970, UTC.
CREATE TABLE journal.usage_samples (
    cluster text COLLATE "C" NOT NULL,
    step bigint NOT NULL, -- seconds of the bucket that this sums up; 0: as measured
    at bigint NOT NULL, -- where the bucket begins, or when it was measured
    seconds bigint NOT NULL CHECK (seconds > 0), -- how long this stands for
    cpu_used bigint NOT NULL,
    cpu_requested bigint NOT NULL,
    cpu_allocatable bigint NOT NULL,
    memory_used bigint NOT NULL,
    memory_requested bigint NOT NULL,
    memory_allocatable bigint NOT NULL,
    storage_used bigint NOT NULL,
    storage_requested bigint NOT NULL,
    storage_allocatable bigint NOT NULL,
    pods_used bigint NOT NULL,
    pods_requested bigint NOT NULL,
    pods_allocatable bigint NOT NULL,
    environments bigint NOT NULL,
    PRIMARY KEY (cluster, at, step)
);

CREATE INDEX usage_samples_by_age ON journal.usage_samples (step, at);
