-- A known text sealed by the master key, which tells a wrong one; the key's name, a digest that tells nothing about it; and
-- the journal's position up to which every erasure has been applied to this vault.
CREATE TABLE vault.vault (
    id SMALLINT PRIMARY KEY CHECK (id = 1),
    probe BYTEA NOT NULL,
    master_key TEXT NOT NULL,
    erasures_applied BIGINT NOT NULL DEFAULT 0
);

-- One data key per person, wrapped by the master key. An erased one stays as a tombstone.
CREATE TABLE vault.subject_keys (
    subject UUID PRIMARY KEY,
    wrapped BYTEA,
    erased_at BIGINT, -- microseconds since 1970
    CHECK ((wrapped IS NULL) <> (erased_at IS NULL))
);

-- Keys of the platform itself, wrapped by the master key.
CREATE TABLE vault.secrets (
    name TEXT PRIMARY KEY,
    wrapped BYTEA NOT NULL
);

-- The current refresh token of each sign-in, as a digest.
CREATE TABLE vault.refresh_tokens (
    sign_in UUID PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    generation BIGINT NOT NULL,
    expires_at BIGINT NOT NULL -- microseconds since 1970
);

CREATE INDEX refresh_tokens_expiring ON vault.refresh_tokens (expires_at);
