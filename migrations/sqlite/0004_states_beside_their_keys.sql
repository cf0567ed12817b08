-- In a table without row ids the key is part of the row, and SQLite reads a row whole to compare it: who looked for the state of one stream
-- read those of others, megabytes each. A state may be lost at any time, since the events are the truth.
DROP TABLE snapshots;
CREATE TABLE snapshots (
    aggregate_type TEXT NOT NULL,
    aggregate_id TEXT NOT NULL,
    version INTEGER NOT NULL, -- of the state's form
    sequence INTEGER NOT NULL, -- of the last event in it
    state TEXT NOT NULL, -- JSON
    PRIMARY KEY (aggregate_type, aggregate_id)
) STRICT;
