DROP INDEX notice_handlers_deployment;
DROP INDEX notice_handlers_tool_deployment;
DROP INDEX notice_handlers_tool_provider;
DELETE FROM notice_handlers WHERE tool_deployment_id IS NOT NULL;
ALTER TABLE notice_handlers DROP COLUMN tool_deployment_id;
ALTER TABLE notice_handlers ADD CONSTRAINT notice_handlers_tool_provider_id_notice_type_key
    UNIQUE (tool_provider_id, notice_type);
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
