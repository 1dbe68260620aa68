-- A tool that wants to register itself and is refused is no tool provider.
ALTER TABLE service_calls ALTER COLUMN tool_provider_id DROP NOT NULL;

-- The log of launches keeps every message by which a browser is sent to a tool or comes here, also those that are about no
-- student: what it is, which way it went, the header of its token, and who sent it.
ALTER TABLE launches ALTER COLUMN exam_id DROP NOT NULL;
ALTER TABLE launches ALTER COLUMN student_session_id DROP NOT NULL;
ALTER TABLE launches ALTER COLUMN lti_resource_id DROP NOT NULL;
ALTER TABLE launches ALTER COLUMN tool_provider_id DROP NOT NULL;
ALTER TABLE launches ADD COLUMN message_type TEXT NOT NULL DEFAULT 'basic-lti-launch-request';
ALTER TABLE launches ADD COLUMN direction TEXT NOT NULL DEFAULT 'to_tool';
ALTER TABLE launches ADD COLUMN header TEXT;
ALTER TABLE launches ADD COLUMN lti_consumer_id BIGINT;
ALTER TABLE launches ADD COLUMN user_id BIGINT;
UPDATE launches SET message_type = 'LtiResourceLinkRequest'
    WHERE parameters LIKE '[["claims",%' OR parameters LIKE '[["failed_check",%';
ALTER TABLE launches ALTER COLUMN message_type DROP DEFAULT;
ALTER TABLE launches ALTER COLUMN direction DROP DEFAULT;
CREATE INDEX launches_message_type ON launches (institute_id, message_type, id);
