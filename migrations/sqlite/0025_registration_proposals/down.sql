ALTER TABLE lti_registrations DROP COLUMN proposal;
