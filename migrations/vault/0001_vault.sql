-- A known text sealed by the master key: tells a wrong master key apart when the vault is opened.
CREATE TABLE vault (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    probe BLOB NOT NULL
) STRICT;

-- One data key per person, wrapped by the master key. An erased one stays as a tombstone.
CREATE TABLE subject_keys (
    subject TEXT PRIMARY KEY,
    wrapped BLOB,
    erased_at INTEGER, -- microseconds since 1970
    CHECK ((wrapped IS NULL) <> (erased_at IS NULL))
) STRICT, WITHOUT ROWID;

-- Keys of the platform itself, wrapped by the master key.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The current refresh token of each sign-in, as a digest.
CREATE TABLE refresh_tokens (
    sign_in TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    generation INTEGER NOT NULL,
    expires_at INTEGER NOT NULL -- microseconds since 1970
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_expiring ON refresh_tokens (expires_at);
