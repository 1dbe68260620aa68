-- When a link may be opened, and when its tool takes work (Deep Linking 2.0, `available` and `submission`).
ALTER TABLE lti_resources ADD COLUMN available_start_time BIGINT;
ALTER TABLE lti_resources ADD COLUMN available_end_time BIGINT;
ALTER TABLE lti_resources ADD COLUMN submission_start_time BIGINT;
ALTER TABLE lti_resources ADD COLUMN submission_end_time BIGINT;
