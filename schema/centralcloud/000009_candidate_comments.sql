-- As in the file before: of candidates too, what is counted is a sample.
comment on column public.pattern_candidates.files is
    'Distinct file contents in its evidence, which is a sample of what instances found.';
