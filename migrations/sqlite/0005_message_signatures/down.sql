ALTER TABLE users DROP COLUMN require_message_signature;
