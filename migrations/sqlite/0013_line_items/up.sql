-- What a tool calls the resource that the grade of a link is for (AGS 2.0, resourceId).
ALTER TABLE lti_resources ADD COLUMN line_item_resource_id TEXT;

-- Columns of the gradebook that tools made, beside the one that every link has by itself.
CREATE TABLE line_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    exam_id BIGINT NOT NULL REFERENCES exams (id) ON DELETE CASCADE,
    tool_provider_id BIGINT NOT NULL REFERENCES tool_providers (id) ON DELETE CASCADE,
    lti_resource_id BIGINT REFERENCES lti_resources (id) ON DELETE SET NULL,
    label TEXT NOT NULL,
    score_maximum DOUBLE PRECISION NOT NULL,
    resource_id TEXT,
    tag TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX line_items_exam ON line_items (exam_id, tool_provider_id, id);
CREATE INDEX line_items_tool ON line_items (tool_provider_id);
CREATE INDEX line_items_resource ON line_items (lti_resource_id);

-- The latest score that a tool sent of a student: of the grade of a link, whose result it became, or of a line item that
-- the tool made, where it is the result. Its time and digest tell later scores from older ones.
CREATE TABLE line_item_scores (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    student_session_id BIGINT NOT NULL REFERENCES student_sessions (id) ON DELETE CASCADE,
    lti_resource_id BIGINT REFERENCES lti_resources (id) ON DELETE CASCADE,
    line_item_id BIGINT REFERENCES line_items (id) ON DELETE CASCADE,
    scored_at BIGINT NOT NULL,
    digest TEXT NOT NULL,
    activity_progress TEXT NOT NULL,
    grading_progress TEXT NOT NULL,
    score_given DOUBLE PRECISION,
    score_maximum DOUBLE PRECISION,
    comment TEXT,
    scoring_user_id TEXT,
    started_at BIGINT,
    submitted_at BIGINT,
    late BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (student_session_id, lti_resource_id),
    UNIQUE (student_session_id, line_item_id)
);
CREATE INDEX line_item_scores_resource ON line_item_scores (lti_resource_id, student_session_id);
CREATE INDEX line_item_scores_item ON line_item_scores (line_item_id, student_session_id);

-- Whom a tool's score is of.
CREATE INDEX student_sessions_exam_student ON student_sessions (exam_id, student_id, id);
