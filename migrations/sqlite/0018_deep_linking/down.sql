ALTER TABLE selections ADD COLUMN lti_resource_ids TEXT NOT NULL DEFAULT '[]';
UPDATE selections SET lti_resource_ids = (
    SELECT json_group_array(json_extract(value, '$.lti_resource_id')) FROM json_each(items)
    WHERE json_extract(value, '$.lti_resource_id') IS NOT NULL);
ALTER TABLE selections DROP COLUMN items;

ALTER TABLE lti_resources DROP COLUMN submission_end_time;
ALTER TABLE lti_resources DROP COLUMN submission_start_time;
ALTER TABLE lti_resources DROP COLUMN available_end_time;
ALTER TABLE lti_resources DROP COLUMN available_start_time;
