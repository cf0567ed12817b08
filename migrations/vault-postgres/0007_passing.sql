-- What is kept for one who comes back with what it is found by: once, and not for long. Sealed under a secret of the vault.
CREATE TABLE vault.passing (
    key BYTEA PRIMARY KEY, -- a keyed digest
    sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL -- microseconds since 1970
);

CREATE INDEX passing_expiring ON vault.passing (expires_at);
