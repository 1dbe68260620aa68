-- What a tool of LTI 1.3 would like to be registered with instead, as JSON, until an administrator has looked at it.
ALTER TABLE lti_registrations ADD COLUMN proposal TEXT;
