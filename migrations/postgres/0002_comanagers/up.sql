-- Authors beside the one that created the exam.
CREATE TABLE exam_comanagers (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    exam_id BIGINT NOT NULL REFERENCES exams (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    UNIQUE (exam_id, user_id)
);
CREATE INDEX exam_comanagers_user ON exam_comanagers (user_id, exam_id);

-- Where an institute's users sign in.
CREATE TABLE identity_providers (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    idp_sso_target_url TEXT NOT NULL,
    issuer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX identity_providers_institute ON identity_providers (institute_id, id);
