DELETE FROM launches WHERE direction <> 'to_tool'
    OR message_type NOT IN ('basic-lti-launch-request', 'LtiResourceLinkRequest');
DROP INDEX launches_message_type;
ALTER TABLE launches DROP COLUMN user_id;
ALTER TABLE launches DROP COLUMN lti_consumer_id;
ALTER TABLE launches DROP COLUMN header;
ALTER TABLE launches DROP COLUMN direction;
ALTER TABLE launches DROP COLUMN message_type;
ALTER TABLE launches ALTER COLUMN tool_provider_id SET NOT NULL;
ALTER TABLE launches ALTER COLUMN lti_resource_id SET NOT NULL;
ALTER TABLE launches ALTER COLUMN student_session_id SET NOT NULL;
ALTER TABLE launches ALTER COLUMN exam_id SET NOT NULL;
DELETE FROM service_calls WHERE tool_provider_id IS NULL;
ALTER TABLE service_calls ALTER COLUMN tool_provider_id SET NOT NULL;
