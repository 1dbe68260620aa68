-- A filter may ask an institute's exams for any of these columns: they are looked for and counted here, and only the exams
-- of the page are read from the table.
DROP INDEX exams_institute;
CREATE INDEX exams_institute ON exams (
    institute_id, id, status, user_id, name, start_time, created_at, end_time, updated_at, type, use_duration,
    duration_minutes, timezone, exam_language, web_cam, mobile_cam, screen_share, live_proctoring, for_reviewing,
    global_proctoring, global_reviewing, upload_answers, proctoring_tool_provider_id
);
