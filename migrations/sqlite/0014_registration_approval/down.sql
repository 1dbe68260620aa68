ALTER TABLE lti_registrations DROP COLUMN active;
ALTER TABLE lti_registrations DROP COLUMN scopes;
ALTER TABLE lti_registrations DROP COLUMN deep_linking_url;
