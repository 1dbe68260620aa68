-- Users who must sign whole HTTP messages.
ALTER TABLE users ADD COLUMN require_message_signature BOOLEAN NOT NULL DEFAULT FALSE;
