-- The master key that is coming, while keys are wrapped anew: from then on new ones are wrapped by it, and others by either.
ALTER TABLE vault.vault ADD COLUMN next_probe BYTEA, ADD COLUMN next_master_key TEXT;
