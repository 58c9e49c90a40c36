-- Jobs: code that somebody asked Genesis to run, and each attempt to.
--
--     queued ──▶ running ──▶ done
--        ▲          │  └───▶ cancelled
--        └──────────┘ its run was given up: Genesis stopped or died, or no box could be made
--
-- A job is known here from the first claim of its message on; before that the bus alone knows it. It ends in the
-- transaction that answers it. Its code is not kept: hashes tell whether two jobs are the same.

create table public.jobs (
    request_id text constraint jobs_pkey primary key,
    instance_id text not null,
    agent_id text,
    whose text not null generated always as (instance_id || coalesce('/' || agent_id, '')) stored,
    language text not null,
    kind text not null,
    priority smallint not null,
    code_sha256 text not null,
    input_sha256 text not null,
    state text not null default 'queued',
    verdict text,
    attempts integer not null default 0,
    shared_with text,
    enqueued_at timestamptz not null,
    created_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    result jsonb,
    constraint jobs_state_check check (state in ('queued', 'running', 'done', 'cancelled')),
    constraint jobs_kind_check check (kind in ('run', 'validate', 'lint')),
    constraint jobs_code_sha256_check check (code_sha256 ~ '^[0-9a-f]{64}$'),
    constraint jobs_input_sha256_check check (input_sha256 ~ '^[0-9a-f]{64}$'),
    constraint jobs_ended_check check ((state in ('done', 'cancelled')) = (verdict is not null)
        and (verdict is null) = (finished_at is null))
);
comment on table public.jobs is 'Every job whose message Genesis has had: what it is, how it stands, how it ended.';
comment on column public.jobs.whose is 'Whom quotas and turns count it for: an instance''s agent, or the instance.';
comment on column public.jobs.code_sha256 is 'With the language and the kind of work: same hash, same code.';
comment on column public.jobs.input_sha256 is 'Of input, arguments, files and limits: same hash, same circumstances.';
comment on column public.jobs.shared_with is 'The identical job whose run answered this one, too.';
comment on column public.jobs.result is 'Its answer without the streams, the compiler''s output and contents of artifacts.';
create index jobs_created_at on public.jobs (created_at);
create index jobs_whose on public.jobs (whose, created_at);
create index jobs_unfinished on public.jobs (created_at) where finished_at is null;

create table public.runs (
    request_id text not null,
    attempt integer not null,
    service text not null,
    msg_id bigint not null,
    read_ct integer not null,
    state text not null,
    problem text,
    claimed_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    constraint runs_pkey primary key (request_id, attempt),
    constraint runs_job_fkey foreign key (request_id) references public.jobs on delete cascade,
    constraint runs_state_check check (state in ('waiting', 'running', 'ended', 'failed', 'returned', 'lost'))
);
comment on table public.runs is 'Each attempt at a job, from its message''s claim on.';
comment on column public.runs.service is 'The process that had it: a name that no other process had or will have.';
comment on column public.runs.read_ct is 'Which claim of the message it was.';
comment on column public.runs.state is
    'waiting for room, running, ended with an answer, failed for want of a box, returned to the queue by a stop, or '
    'lost: its process died.';
comment on column public.runs.problem is 'Why it failed.';
create index runs_open on public.runs (service) where state in ('waiting', 'running');

create table public.job_cancellations (
    request_id text constraint job_cancellations_pkey primary key,
    requested_at timestamptz not null default clock_timestamp(),
    settled_at timestamptz
);
comment on table public.job_cancellations is
    'Jobs that nobody wants any more. One that has not come yet is cancelled when it comes.';
comment on column public.job_cancellations.settled_at is 'When the job had ended, cancelled or not.';
create index job_cancellations_open on public.job_cancellations (requested_at) where settled_at is null;

create table public.agent_usage (
    whose text not null,
    minute timestamptz not null,
    jobs bigint not null,
    cpu_ms bigint not null,
    constraint agent_usage_pkey primary key (whose, minute)
);
comment on table public.agent_usage is 'What each agent''s jobs used, by the minute in which they ended.';
create index agent_usage_minute on public.agent_usage (minute);

create unlogged table public.job_output (
    request_id text not null,
    attempt integer not null,
    number bigint not null generated always as identity,
    stream text not null,
    at_byte bigint not null,
    bytes bytea not null,
    written_at timestamptz not null default clock_timestamp(),
    constraint job_output_pkey primary key (request_id, number),
    constraint job_output_stream_check check (stream in ('stdout', 'stderr'))
);
comment on table public.job_output is
    'What running jobs have written so far, for who looks on; the answer has all of it. Gone with a crash.';
comment on column public.job_output.at_byte is 'Where in its stream the piece begins.';
create index job_output_written_at on public.job_output (written_at);
