-- The master key of before, while keys are wrapped anew: all that are added are wrapped by the other, and a build that knows of one
-- key alone adds none by this.
ALTER TABLE vault ADD COLUMN before_probe BLOB;
ALTER TABLE vault ADD COLUMN before_master_key TEXT;
