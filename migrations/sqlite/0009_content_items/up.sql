-- Whether custom parameters are also sent under their names as written, and whether launches offer a second one.
ALTER TABLE tool_providers ADD COLUMN send_raw_custom_names BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE tool_providers ADD COLUMN offer_relaunch BOOLEAN NOT NULL DEFAULT FALSE;

-- What else a tool or an author says of a link.
ALTER TABLE lti_resources ADD COLUMN description TEXT;
ALTER TABLE lti_resources ADD COLUMN icon_url TEXT;
ALTER TABLE lti_resources ADD COLUMN display_width BIGINT;
ALTER TABLE lti_resources ADD COLUMN display_height BIGINT;
ALTER TABLE lti_resources ADD COLUMN line_item_label TEXT;
ALTER TABLE lti_resources ADD COLUMN line_item_tag TEXT;
ALTER TABLE lti_resources ADD COLUMN line_item_maximum DOUBLE PRECISION;

-- Authors on their way through a tool to choose content for an exam.
CREATE TABLE selections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    exam_id BIGINT NOT NULL REFERENCES exams (id) ON DELETE CASCADE,
    tool_provider_id BIGINT NOT NULL REFERENCES tool_providers (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    lti_resource_ids TEXT NOT NULL,
    message TEXT,
    error TEXT,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX selections_institute ON selections (institute_id);
CREATE INDEX selections_exam ON selections (exam_id);
CREATE INDEX selections_tool_provider ON selections (tool_provider_id);
CREATE INDEX selections_user ON selections (user_id);

-- What tools keep here: for themselves, for an exam or for one link, which `place` names.
CREATE TABLE tool_settings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    place TEXT NOT NULL UNIQUE,
    tool_provider_id BIGINT NOT NULL REFERENCES tool_providers (id) ON DELETE CASCADE,
    exam_id BIGINT REFERENCES exams (id) ON DELETE CASCADE,
    lti_resource_id BIGINT REFERENCES lti_resources (id) ON DELETE CASCADE,
    custom TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX tool_settings_tool_provider ON tool_settings (tool_provider_id);
CREATE INDEX tool_settings_exam ON tool_settings (exam_id);
CREATE INDEX tool_settings_lti_resource ON tool_settings (lti_resource_id);
