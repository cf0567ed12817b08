-- When a sign-in's refresh token was last traded for the next: its predecessor is good for a moment more. Absent before the first time.
ALTER TABLE refresh_tokens ADD COLUMN rotated_at INTEGER; -- microseconds since 1970
