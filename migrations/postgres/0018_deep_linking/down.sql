ALTER TABLE lti_resources DROP COLUMN submission_end_time;
ALTER TABLE lti_resources DROP COLUMN submission_start_time;
ALTER TABLE lti_resources DROP COLUMN available_end_time;
ALTER TABLE lti_resources DROP COLUMN available_start_time;
