ALTER TABLE lti_placements DROP COLUMN context_memberships_url;
