-- What is kept for one who comes back with what it is found by: once, and not for long. Sealed under a secret of the vault.
CREATE TABLE passing (
    key BLOB PRIMARY KEY, -- a keyed digest
    sealed BLOB NOT NULL,
    expires_at INTEGER NOT NULL -- microseconds since 1970
) STRICT, WITHOUT ROWID;

CREATE INDEX passing_expiring ON passing (expires_at);
