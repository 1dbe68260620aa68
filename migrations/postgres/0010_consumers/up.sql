-- Learning management systems that launch into exams: this server is their tool.
CREATE TABLE lti_consumers (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    lms TEXT NOT NULL,
    consumer_key TEXT NOT NULL UNIQUE,
    exam_id BIGINT REFERENCES exams (id) ON DELETE CASCADE,
    return_hosts TEXT NOT NULL,
    frame_origins TEXT NOT NULL,
    group_parameters TEXT NOT NULL,
    user_id_is_email BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX lti_consumers_institute ON lti_consumers (institute_id, id);
CREATE INDEX lti_consumers_institute_name ON lti_consumers (institute_id, name, id);
CREATE INDEX lti_consumers_institute_created_at ON lti_consumers (institute_id, created_at, id);
CREATE INDEX lti_consumers_exam ON lti_consumers (exam_id);

-- Their secrets (sealed): the current one, and those that still open for a while.
CREATE TABLE lti_consumer_secrets (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lti_consumer_id BIGINT NOT NULL REFERENCES lti_consumers (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX lti_consumer_secrets_lti_consumer ON lti_consumer_secrets (lti_consumer_id, id);

-- The places of an LMS that launch here, each with its exam once one is known.
CREATE TABLE lti_placements (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lti_consumer_id BIGINT NOT NULL REFERENCES lti_consumers (id) ON DELETE CASCADE,
    context_id TEXT NOT NULL,
    resource_link_id TEXT NOT NULL,
    context_title TEXT NOT NULL,
    resource_link_title TEXT NOT NULL,
    exam_id BIGINT REFERENCES exams (id) ON DELETE CASCADE,
    chosen BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (lti_consumer_id, context_id, resource_link_id)
);
CREATE INDEX lti_placements_exam ON lti_placements (exam_id, resource_link_id);

-- Who came from which place, and which student session that is.
CREATE TABLE lti_learners (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lti_consumer_id BIGINT NOT NULL REFERENCES lti_consumers (id) ON DELETE CASCADE,
    lti_placement_id BIGINT NOT NULL REFERENCES lti_placements (id) ON DELETE CASCADE,
    student_session_id BIGINT NOT NULL REFERENCES student_sessions (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (lti_placement_id, user_id)
);
CREATE INDEX lti_learners_user ON lti_learners (lti_consumer_id, user_id);
CREATE INDEX lti_learners_student_session ON lti_learners (student_session_id);

-- Links that a launch gave out (hashed). Each opens one student session for some hours.
CREATE TABLE lti_visits (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    lti_learner_id BIGINT NOT NULL REFERENCES lti_learners (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX lti_visits_lti_learner ON lti_visits (lti_learner_id, expires_at);

-- Where the result of a session goes, and what became of it.
CREATE TABLE grade_returns (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    exam_id BIGINT NOT NULL REFERENCES exams (id) ON DELETE CASCADE,
    student_session_id BIGINT NOT NULL REFERENCES student_sessions (id) ON DELETE CASCADE,
    lti_consumer_id BIGINT NOT NULL REFERENCES lti_consumers (id) ON DELETE CASCADE,
    lti_learner_id BIGINT NOT NULL UNIQUE REFERENCES lti_learners (id) ON DELETE CASCADE,
    lis_outcome_service_url TEXT NOT NULL,
    lis_result_sourcedid TEXT NOT NULL,
    status TEXT NOT NULL,
    score DOUBLE PRECISION,
    sent_score DOUBLE PRECISION,
    attempts BIGINT NOT NULL,
    reason TEXT,
    sent_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX grade_returns_student_session ON grade_returns (student_session_id, id);
CREATE INDEX grade_returns_lti_consumer ON grade_returns (lti_consumer_id);

-- The group that a student belongs to, by the number that the institute's own system gave it.
ALTER TABLE student_sessions ADD COLUMN group_id TEXT;
CREATE INDEX student_sessions_institute_group ON student_sessions (institute_id, group_id, id);

-- An LMS may name an exam by its token.
CREATE INDEX exams_token ON exams (token);
