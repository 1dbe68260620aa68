-- Tenants.
CREATE TABLE institutes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    short_name TEXT NOT NULL,
    callback_url TEXT,
    check_requirements_emails_enabled BOOLEAN NOT NULL,
    reminder_emails_enabled BOOLEAN NOT NULL,
    exam_link_emails_enabled BOOLEAN NOT NULL,
    exam_changed_emails_enabled BOOLEAN NOT NULL,
    exam_finalized_emails_enabled BOOLEAN NOT NULL,
    global_proctor BOOLEAN NOT NULL,
    global_reviewer BOOLEAN NOT NULL,
    default_language TEXT NOT NULL,
    custom_languages TEXT NOT NULL,
    session_retention_period BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Callers of the API.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institute_id BIGINT REFERENCES institutes (id) ON DELETE CASCADE,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT,
    disabled BOOLEAN NOT NULL,
    omniauth_config_id BIGINT,
    receives_reports BOOLEAN NOT NULL,
    report_frequency TEXT,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- API tokens (hashed) with their secrets (sealed).
CREATE TABLE credentials (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    secret_key TEXT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL
);

-- Exams.
CREATE TABLE exams (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institute_id BIGINT NOT NULL REFERENCES institutes (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    token TEXT NOT NULL,
    start_time BIGINT,
    end_time BIGINT,
    use_duration BOOLEAN NOT NULL,
    duration_minutes BIGINT,
    timezone TEXT NOT NULL,
    exam_language TEXT NOT NULL,
    web_cam BOOLEAN NOT NULL,
    mobile_cam BOOLEAN NOT NULL,
    screen_share BOOLEAN NOT NULL,
    live_proctoring BOOLEAN NOT NULL,
    for_reviewing BOOLEAN NOT NULL,
    global_proctoring BOOLEAN NOT NULL,
    global_reviewing BOOLEAN NOT NULL,
    upload_answers BOOLEAN NOT NULL,
    restrictions TEXT,
    materials TEXT NOT NULL,
    student_experience TEXT,
    terms TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- External platforms.
CREATE TABLE tool_providers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    tool_name TEXT NOT NULL,
    tool_url TEXT NOT NULL,
    oauth_consumer_key TEXT NOT NULL,
    oauth_consumer_secret TEXT NOT NULL,
    use_as_basic_link BOOLEAN NOT NULL,
    lti_custom_data TEXT NOT NULL,
    oauth_signature_method TEXT NOT NULL,
    share_name BOOLEAN NOT NULL,
    share_email BOOLEAN NOT NULL,
    presentation TEXT NOT NULL,
    lti_version TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Links of external platforms, placed in exams.
CREATE TABLE lti_resources (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    exam_id BIGINT NOT NULL REFERENCES exams (id) ON DELETE CASCADE,
    tool_provider_id BIGINT NOT NULL REFERENCES tool_providers (id) ON DELETE CASCADE,
    lti_resource_link_id TEXT NOT NULL UNIQUE,
    lti_resource_link_name TEXT NOT NULL,
    lti_resource_launch_url TEXT,
    lti_custom_data TEXT,
    open_in_new_tab BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Exam instructions, verbatim.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    exam_id BIGINT NOT NULL UNIQUE REFERENCES exams (id) ON DELETE CASCADE,
    exam_content TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Registrations and attempts.
CREATE TABLE student_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    institute_id BIGINT NOT NULL REFERENCES institutes (id) ON DELETE CASCADE,
    exam_id BIGINT NOT NULL REFERENCES exams (id) ON DELETE CASCADE,
    proctor_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
    student_id TEXT NOT NULL,
    external_id TEXT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    status TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    token TEXT NOT NULL,
    open_time BIGINT,
    expires_at BIGINT,
    extra_time_minutes BIGINT NOT NULL,
    start_time BIGINT,
    end_time BIGINT,
    individual_info TEXT,
    is_individual_info_html BOOLEAN NOT NULL,
    skip_requirements BOOLEAN NOT NULL,
    archived BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (exam_id, email, attempt)
);

-- Facts about the database itself.
CREATE TABLE facts (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

-- One index for each way a list is asked for; ids give the order.
CREATE INDEX users_institute ON users (institute_id, id);
CREATE INDEX credentials_user ON credentials (user_id);
CREATE INDEX exams_institute ON exams (institute_id, id, status);
CREATE INDEX exams_institute_status ON exams (institute_id, status, id);
CREATE INDEX exams_author ON exams (user_id, id, status);
CREATE INDEX exams_global_proctoring ON exams (global_proctoring, id);
CREATE INDEX exams_global_reviewing ON exams (global_reviewing, id);
CREATE INDEX tool_providers_institute ON tool_providers (institute_id, id);
CREATE INDEX lti_resources_institute ON lti_resources (institute_id, id);
CREATE INDEX lti_resources_exam ON lti_resources (exam_id, id);
CREATE INDEX lti_resources_tool_provider ON lti_resources (tool_provider_id);
CREATE INDEX student_sessions_institute ON student_sessions (institute_id, id);
CREATE INDEX student_sessions_exam ON student_sessions (exam_id, id);
CREATE INDEX student_sessions_proctor ON student_sessions (proctor_id);
CREATE INDEX student_sessions_student ON student_sessions (institute_id, email);

-- Spent nonces, appended a commit at a time: 16 bytes each, one after another. Memory answers; this survives a crash.
CREATE TABLE nonce_log (
    id INTEGER PRIMARY KEY,
    day BIGINT NOT NULL,
    keys BLOB NOT NULL
);
CREATE INDEX nonce_log_day ON nonce_log (day);
