-- Everything is in the schema `journal`, which is there already. Times are microseconds since 1970, UTC.

-- Names this journal, wherever it is restored.
CREATE TABLE journal.journal (
    one integer PRIMARY KEY CHECK (one = 1),
    id uuid NOT NULL,
    created_at bigint NOT NULL
);

INSERT INTO journal.journal VALUES (1, gen_random_uuid(), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);

-- The columns from aggregate_type to metadata carry the names and the meaning that stock postgres-es clients expect.
CREATE TABLE journal.events (
    position bigint PRIMARY KEY CHECK (position > 0), -- given by the writer: a sequence would leave gaps
    event_id uuid NOT NULL UNIQUE,
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    event_type text NOT NULL,
    event_version text NOT NULL,
    payload json NOT NULL, -- kept as text, byte for byte as hashed
    metadata json NOT NULL, -- kept as text, byte for byte as hashed
    recorded_at bigint NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    UNIQUE (aggregate_type, aggregate_id, sequence)
);

CREATE FUNCTION journal.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER events_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal.events
FOR EACH STATEMENT EXECUTE FUNCTION journal.refuse_change();

CREATE TABLE journal.receipts (
    actor text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    outcome text NOT NULL,
    position bigint NOT NULL,
    expires_at bigint, -- NULL: kept for ever
    PRIMARY KEY (actor, operation, key)
);

-- Costs next to nothing to keep, and they expire about in the order in which they are written.
CREATE INDEX receipts_expiring ON journal.receipts USING brin (expires_at) WITH (pages_per_range = 32);

CREATE TABLE journal.contents (
    digest text COLLATE "C" PRIMARY KEY,
    bytes bytea NOT NULL
);

CREATE TABLE journal.leases (
    name text COLLATE "C" PRIMARY KEY,
    holder text NOT NULL,
    epoch bigint NOT NULL,
    expires_at bigint NOT NULL -- by the database's clock
);

CREATE TABLE journal.checkpoints (
    subscriber text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL
);

CREATE TABLE journal.timers (
    subscriber text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    due bigint NOT NULL,
    PRIMARY KEY (subscriber, key)
);

CREATE INDEX timers_due ON journal.timers (subscriber, due);

-- Streams that a subscriber set aside, each from its first event that was not taken.
CREATE TABLE journal.parked (
    subscriber text COLLATE "C" NOT NULL,
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    reason text NOT NULL,
    attempts bigint NOT NULL,
    parked_at bigint NOT NULL,
    PRIMARY KEY (subscriber, aggregate_type, aggregate_id)
);

-- The state of long streams. A row may be lost or removed at any time: the events are the truth.
CREATE TABLE journal.snapshots (
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL, -- of the state's form
    sequence bigint NOT NULL, -- of the last event in it
    state text NOT NULL, -- JSON
    PRIMARY KEY (aggregate_type, aggregate_id)
);

-- Signed statements of what the head was.
CREATE TABLE journal.signed_checkpoints (
    position bigint PRIMARY KEY,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    signed_at bigint NOT NULL,
    note text NOT NULL -- in the C2SP tlog-checkpoint form
);

-- Lets one writer in at a time, until its transaction ends.
CREATE FUNCTION journal.enter() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(7959390389040738913)
$$;

-- Writes what follows `tip`, if that is still the last event and everything else is as assumed; otherwise raises NA001, or
-- violates a unique key. The hash tells a tip apart that another history has at the same position, as after a failover.
-- Each statement sees what was committed before it, so what is read after `enter` holds until the end.
CREATE FUNCTION journal.append(
    tip bigint, tip_hash bytea, -- 0 in an empty journal
    kinds text[], ids text[], sequences bigint[], -- streams and where they must be
    leases text[], epochs bigint[], -- leases that must be held
    event_ids text[], aggregate_types text[], aggregate_ids text[], event_sequences bigint[], event_types text[], event_versions text[],
    payloads text[], metadatas text[], recorded bigint, hashes bytea[],
    actors text[], operations text[], keys text[], fingerprints bytea[], outcomes text[], positions bigint[], expiries bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
BEGIN
    PERFORM journal.enter();
    IF tip <> coalesce((SELECT max(e.position) FROM journal.events AS e), 0)
        OR tip > 0 AND tip_hash <> (SELECT e.hash FROM journal.events AS e WHERE e.position = tip) THEN
        RAISE EXCEPTION 'the tip has moved' USING ERRCODE = 'NA001';
    END IF;
    IF cardinality(kinds) > 0 AND EXISTS (
        SELECT FROM unnest(kinds, ids, sequences) AS s (kind, id, sequence)
        WHERE s.sequence <> coalesce(
            (SELECT max(e.sequence) FROM journal.events AS e WHERE e.aggregate_type = s.kind AND e.aggregate_id = s.id), 0)
    ) THEN
        RAISE EXCEPTION 'a stream has moved' USING ERRCODE = 'NA001';
    END IF;
    IF cardinality(leases) > 0 THEN
        -- Locked, so that nobody takes one over before this is committed.
        PERFORM FROM journal.leases AS l JOIN unnest(leases, epochs) AS f (name, epoch) ON l.name = f.name AND l.epoch = f.epoch
        FOR SHARE OF l;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> cardinality(leases) THEN
            RAISE EXCEPTION 'a lease has passed on' USING ERRCODE = 'NA001';
        END IF;
    END IF;
    IF cardinality(event_ids) > 0 THEN
        INSERT INTO journal.events (
            position, event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, recorded_at, hash)
        SELECT
            tip + e.number, e.event_id::uuid, e.aggregate_type, e.aggregate_id, e.sequence, e.event_type, e.event_version,
            e.payload::json, e.metadata::json, recorded, e.hash
        FROM unnest(
            event_ids, aggregate_types, aggregate_ids, event_sequences, event_types, event_versions, payloads, metadatas, hashes
        ) WITH ORDINALITY AS e (
            event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, hash, number);
    END IF;
    IF cardinality(actors) > 0 THEN
        -- One that is there violates the primary key. If it has expired, the writer removes it and comes again.
        INSERT INTO journal.receipts (actor, operation, key, fingerprint, outcome, position, expires_at)
        SELECT * FROM unnest(actors, operations, keys, fingerprints, outcomes, positions, expiries);
    END IF;
END
$$;
