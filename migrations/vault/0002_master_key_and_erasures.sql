-- Names the master key by a digest that tells nothing about it, so that a wrong one can be told which is wanted.
ALTER TABLE vault ADD COLUMN master_key TEXT;

-- The journal's position up to which every erasure has been applied to this vault. A restored backup brings its own.
ALTER TABLE vault ADD COLUMN erasures_applied INTEGER NOT NULL DEFAULT 0;
