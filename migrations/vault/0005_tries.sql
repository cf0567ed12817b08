-- How often somebody has tried to sign in, by a digest of the account's address and the network address.
CREATE TABLE tries (
    key BLOB PRIMARY KEY,
    version INTEGER NOT NULL, -- goes up by one with each change
    count INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL, -- microseconds since 1970, as all that follows
    known_until INTEGER,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tries_expiring ON tries (expires_at);
