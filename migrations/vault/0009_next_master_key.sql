-- The master key that is coming, while keys are wrapped anew: from then on new ones are wrapped by it, and others by either.
ALTER TABLE vault ADD COLUMN next_probe BLOB;
ALTER TABLE vault ADD COLUMN next_master_key TEXT;
