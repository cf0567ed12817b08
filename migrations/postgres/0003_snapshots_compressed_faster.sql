-- Snapshots of long streams are megabytes: to compress them takes the processor that decisions need, several times less with lz4. A server
-- that was built without it goes on as before.
DO $$
BEGIN
    ALTER TABLE journal.snapshots ALTER COLUMN state SET COMPRESSION lz4;
EXCEPTION
    WHEN feature_not_supported THEN NULL;
END
$$;
