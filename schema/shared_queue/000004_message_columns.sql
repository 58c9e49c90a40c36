-- The messages of the bus by their fields: which there are, and what each is, as messages/ has them.
--
-- Kinds: text, whole (a number), number, boolean, time (RFC 3339 in a text), array, object, any.

create table public.message_columns (
    queue_name text not null,
    place integer not null,
    column_name text not null,
    kind text not null,
    fields text[] not null,
    constraint message_columns_pkey primary key (queue_name, place),
    constraint message_columns_name_key unique (queue_name, column_name),
    constraint message_columns_kind_check
        check (kind in ('text', 'whole', 'number', 'boolean', 'time', 'array', 'object', 'any'))
);
comment on table public.message_columns is 'The fields of each queue''s messages, from which its views are made.';
comment on column public.message_columns.place is 'Where the column stands among the message''s.';
comment on column public.message_columns.fields is 'Names of the field, a text if there are several; the first that is one and not empty counts.';

insert into public.message_columns (queue_name, place, column_name, kind, fields)
select queue_name, place, split_part(named, ' ', 1), split_part(named, ' ', 2),
    case split_part(named, ' ', 1)
        when 'request_id' then '{request_id,id,query_id}'
        else array[split_part(named, ' ', 1)] end
from (values
    ('llm_requests', '
        task_type text, complexity text, messages array, model text, provider text, tools array,
        tool_choice any, response_schema object, budget object, max_tokens whole, temperature number,
        effort text, stop array, expires_at time, metadata object'),
    ('llm_results', '
        response text, model text, tokens_used whole, cost_cents number, cost_usd number, provider text,
        usage object, finish_reason text, tool_calls array, structured any, attempts array,
        route_reason text, error object, timestamp time'),
    ('embedding_requests', '
        query_id text, query text, model text, provider text, task text, dimensions whole,
        received_at time, expires_at time'),
    ('embedding_results', '
        query_id text, embedding array, embedding_dim whole, model text, provider text,
        tokens_used whole, cost_usd number, error object, timestamp time'),
    ('approval_requests', '
        id text, file_path text, diff text, description text, expires_at time, on_timeout text,
        escalate_to text, base_sha256 text, risk text, job_id text, assignees array,
        required_approvals whole, context object'),
    ('approval_responses', '
        id text, approved boolean, state text, comment text, edited_diff text, decided_by text,
        decided_at time'),
    ('question_requests', '
        id text, question text, options array, expires_at time, on_timeout text, escalate_to text,
        job_id text, assignees array, context object'),
    ('question_responses', '
        id text, response text, state text, answered_by text, answered_at time'),
    ('job_requests', '
        id text, language text, code text, kind text, stdin text, stdin_encoding text, arguments array,
        files array, artifacts array, limits object, compile_limits object, share_identical boolean,
        expires_at time'),
    ('job_results', '
        id text, verdict text, language text, language_version text, phase text, exit_code whole,
        signal whole, stdout text, stderr text, compile_output text, stdout_encoding text,
        stderr_encoding text, stdout_bytes whole, stderr_bytes whole, stdout_truncated boolean,
        stderr_truncated boolean, usage object, artifacts array, isolation_tier text, attempt whole,
        error object'),
    ('agent_messages', '
        to text, body any, subject text, in_reply_to text, expires_at time'),
    ('agent_responses', '
        body any, to text, from text, error object'),
    ('performance_stats_published', '
        language text, status text, job_id text, execution_time_ms whole, cpu_time_ms whole,
        memory_used_mb whole, lines_analyzed whole, verdict text, code_sha256 text, input_sha256 text,
        recorded_at time'),
    ('centralcloud_updates', '
        event_type text, patterns array, insights array, timestamp time'),
    ('pattern_discoveries_published', '
        incarnation text, name text, ecosystem text, revision whole, confidence number, evidence array,
        idiom text, shape text, shape_hash text, description text, best_practices array,
        occurrences whole, files whole, example object')
    ) as message (queue_name, columns)
cross join lateral regexp_split_to_table(
    'request_id text, instance_id text, agent_id text, traceparent text, schema_version whole, ' || btrim(columns, E' \n'),
    ',\s+') with ordinality as every (named, place);
