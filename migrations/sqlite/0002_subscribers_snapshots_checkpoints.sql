-- Streams that a subscriber set aside, each from its first event that was not taken. Times are microseconds since 1970, UTC.
CREATE TABLE parked (
    subscriber TEXT NOT NULL,
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    parked_at INTEGER NOT NULL,
    PRIMARY KEY (subscriber, aggregate_type, aggregate_id)
) STRICT, WITHOUT ROWID;

-- The state of long streams. A row may be lost or removed at any time: the events are the truth.
CREATE TABLE snapshots (
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    version INTEGER NOT NULL, -- of the state's form
    sequence INTEGER NOT NULL, -- of the last event in it
    state TEXT NOT NULL, -- JSON
    PRIMARY KEY (aggregate_type, aggregate_id)
) STRICT, WITHOUT ROWID;

-- Signed statements of what the head was.
CREATE TABLE signed_checkpoints (
    position INTEGER PRIMARY KEY,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    signed_at INTEGER NOT NULL,
    note TEXT NOT NULL -- in the C2SP tlog-checkpoint form
) STRICT;
