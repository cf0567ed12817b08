-- What access tokens are signed with, wrapped by the master key together with number and id. Of those that sign already the one with the
-- highest number does.
CREATE TABLE vault.signing_keys (
    number BIGINT PRIMARY KEY, -- one more than that of the key before
    id TEXT NOT NULL UNIQUE,
    wrapped BYTEA NOT NULL,
    signs_from BIGINT NOT NULL, -- microseconds since 1970, as all that follows
    ends_others_at BIGINT NOT NULL, -- from then on keys of lower numbers are worth nothing
    nameless_until BIGINT -- until then tokens that name no key are taken for this one's
);
