-- The places where a tool of LTI 1.3 is deployed. The registration names the first one; every tool has that already.
CREATE TABLE tool_deployments (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tool_provider_id BIGINT NOT NULL REFERENCES tool_providers (id) ON DELETE CASCADE,
    deployment_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tool_provider_id, deployment_id)
);
INSERT INTO tool_deployments (tool_provider_id, deployment_id, name, created_at, updated_at)
    SELECT tool_provider_id, deployment_id, 'Default', created_at, created_at
    FROM lti_registrations ORDER BY tool_provider_id;

-- Through which deployment a tool meets links, line items that it made without one, authors who choose, and students whom
-- it proctors: the first one, where none is named.
ALTER TABLE lti_resources ADD COLUMN tool_deployment_id BIGINT REFERENCES tool_deployments (id) ON DELETE SET NULL;
ALTER TABLE line_items ADD COLUMN tool_deployment_id BIGINT REFERENCES tool_deployments (id) ON DELETE SET NULL;
ALTER TABLE selections ADD COLUMN tool_deployment_id BIGINT REFERENCES tool_deployments (id) ON DELETE SET NULL;
ALTER TABLE proctorings ADD COLUMN tool_deployment_id BIGINT REFERENCES tool_deployments (id) ON DELETE SET NULL;
ALTER TABLE exams ADD COLUMN proctoring_tool_deployment_id BIGINT REFERENCES tool_deployments (id) ON DELETE SET NULL;
CREATE INDEX lti_resources_tool_deployment ON lti_resources (tool_deployment_id) WHERE tool_deployment_id IS NOT NULL;
CREATE INDEX line_items_tool_deployment ON line_items (tool_deployment_id) WHERE tool_deployment_id IS NOT NULL;
CREATE INDEX selections_tool_deployment ON selections (tool_deployment_id) WHERE tool_deployment_id IS NOT NULL;
CREATE INDEX proctorings_tool_deployment ON proctorings (tool_deployment_id) WHERE tool_deployment_id IS NOT NULL;
CREATE INDEX exams_proctoring_tool_deployment ON exams (proctoring_tool_deployment_id) WHERE proctoring_tool_deployment_id IS NOT NULL;

-- Where the notices of one deployment go, where that is not where those of the others go.
ALTER TABLE notice_handlers ADD COLUMN tool_deployment_id BIGINT REFERENCES tool_deployments (id) ON DELETE CASCADE;
ALTER TABLE notice_handlers DROP CONSTRAINT notice_handlers_tool_provider_id_notice_type_key;
CREATE UNIQUE INDEX notice_handlers_tool_provider ON notice_handlers (tool_provider_id, notice_type)
    WHERE tool_deployment_id IS NULL;
CREATE UNIQUE INDEX notice_handlers_tool_deployment ON notice_handlers (tool_provider_id, notice_type, tool_deployment_id);
CREATE INDEX notice_handlers_deployment ON notice_handlers (tool_deployment_id) WHERE tool_deployment_id IS NOT NULL;
