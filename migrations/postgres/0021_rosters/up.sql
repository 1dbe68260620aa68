-- Where an LMS lists the members of the course that a place is in (NRPS 2.0), as an instructor's latest launch says it.
ALTER TABLE lti_placements ADD COLUMN context_memberships_url TEXT;
