-- Credentials for what is outside, such as clusters, wrapped by the master key together with their owner and version.
CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    version INTEGER NOT NULL,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX credentials_by_owner ON credentials (owner);
