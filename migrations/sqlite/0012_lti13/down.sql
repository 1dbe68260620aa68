DROP TABLE lti_registrations;
DROP TABLE platform_keys;
