-- migrate: role=central
-- Instances send a sample of their evidence: what the hub counts is the sample of all of theirs.
comment on column central.approved_patterns.files is
    'Distinct file contents in its evidence, which is a sample of what instances found.';
