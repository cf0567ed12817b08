-- Credentials for what is outside, such as clusters, wrapped by the master key together with their owner and version.
CREATE TABLE vault.credentials (
    id UUID PRIMARY KEY,
    owner UUID NOT NULL,
    version BIGINT NOT NULL,
    wrapped BYTEA NOT NULL
);

CREATE INDEX credentials_by_owner ON vault.credentials (owner);
