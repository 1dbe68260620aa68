-- What an administrator grants a tool of LTI 1.3, and whether it may be used at all: a tool that registered itself waits
-- for that. Tools that administrators registered before this were theirs to use.
ALTER TABLE lti_registrations ADD COLUMN deep_linking_url TEXT;
ALTER TABLE lti_registrations ADD COLUMN scopes TEXT NOT NULL DEFAULT '["https://purl.imsglobal.org/spec/lti-ags/scope/lineitem","https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly","https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly","https://purl.imsglobal.org/spec/lti-ags/scope/score","https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"]';
ALTER TABLE lti_registrations ADD COLUMN active BOOLEAN NOT NULL DEFAULT TRUE;
