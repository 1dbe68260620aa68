CREATE TABLE one_notice_handlers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tool_provider_id BIGINT NOT NULL REFERENCES lti_registrations (tool_provider_id) ON DELETE CASCADE,
    notice_type TEXT NOT NULL,
    url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tool_provider_id, notice_type)
);
INSERT INTO one_notice_handlers (id, tool_provider_id, notice_type, url, created_at, updated_at)
    SELECT id, tool_provider_id, notice_type, url, created_at, updated_at FROM notice_handlers
    WHERE tool_deployment_id IS NULL;
DROP TABLE notice_handlers;
ALTER TABLE one_notice_handlers RENAME TO notice_handlers;
DROP INDEX exams_proctoring_tool_deployment;
ALTER TABLE exams DROP COLUMN proctoring_tool_deployment_id;
DROP INDEX proctorings_tool_deployment;
ALTER TABLE proctorings DROP COLUMN tool_deployment_id;
DROP INDEX selections_tool_deployment;
ALTER TABLE selections DROP COLUMN tool_deployment_id;
DROP INDEX line_items_tool_deployment;
ALTER TABLE line_items DROP COLUMN tool_deployment_id;
DROP INDEX lti_resources_tool_deployment;
ALTER TABLE lti_resources DROP COLUMN tool_deployment_id;
DROP TABLE tool_deployments;
