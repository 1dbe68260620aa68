-- How a tool shows what was handed in for a line item (AGS 2.0, submissionReview): JSON as the tool sent it, checked.
ALTER TABLE lti_resources ADD COLUMN line_item_submission_review TEXT;
ALTER TABLE line_items ADD COLUMN submission_review TEXT;
