-- How often somebody has tried to sign in, by a digest of the account's address and the network address.
CREATE TABLE vault.tries (
    key BYTEA PRIMARY KEY,
    version BIGINT NOT NULL, -- goes up by one with each change
    count BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL, -- microseconds since 1970, as all that follows
    known_until BIGINT,
    expires_at BIGINT NOT NULL
);

CREATE INDEX tries_expiring ON vault.tries (expires_at);
