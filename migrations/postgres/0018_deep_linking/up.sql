-- When a link may be opened, and when its tool takes work (Deep Linking 2.0, `available` and `submission`).
ALTER TABLE lti_resources ADD COLUMN available_start_time BIGINT;
ALTER TABLE lti_resources ADD COLUMN available_end_time BIGINT;
ALTER TABLE lti_resources ADD COLUMN submission_start_time BIGINT;
ALTER TABLE lti_resources ADD COLUMN submission_end_time BIGINT;

-- All that came of a selection, in place of the LTI resources alone.
ALTER TABLE selections ADD COLUMN items TEXT NOT NULL DEFAULT '[]';
UPDATE selections SET items = (
    SELECT json_agg(json_build_object(
        'type', 'ltiResourceLink', 'lti_resource_id', value, 'instructions', '{LTI_EXAM_' || value || '}'))
    FROM json_array_elements(lti_resource_ids::json))::text
WHERE lti_resource_ids <> '[]';
ALTER TABLE selections DROP COLUMN lti_resource_ids;
