-- The message bus: which queues there are, who sends to them and who reads them.
--
-- Queues are rows first: queue_policies says what should be, ensure_queues() makes it so, whenever
-- CentralCloud starts. A sender may add messages and learn their ids, a reader may claim, finish and
-- archive them, and neither may do the other's part (docs/roles.md).

create table public.queue_policies (
    queue_name text constraint queue_policies_pkey primary key,
    senders text[] not null,
    readers text[] not null,
    keep interval not null default '90 days',
    description text not null,
    constraint queue_policies_keep_positive check (keep > interval '0')
);
comment on table public.queue_policies is
    'The queues of the bus, who may use them, and how long their archives last.';
comment on column public.queue_policies.senders is 'Roles that may send.';
comment on column public.queue_policies.readers is 'Roles that may read, delete and archive.';
comment on column public.queue_policies.keep is 'Archived messages are deleted when they are older.';

insert into public.queue_policies (queue_name, senders, readers, description) values
    ('llm_requests', '{singularity}', '{nexus}', 'A model is asked.'),
    ('llm_results', '{nexus}', '{singularity}', 'What the model answered, and its cost.'),
    ('embedding_requests', '{singularity}', '{nexus}', 'A text wants a vector.'),
    ('embedding_results', '{nexus}', '{singularity}', 'The vector of a text.'),
    ('approval_requests', '{singularity}', '{nexus}', 'A person is to approve a change.'),
    ('approval_responses', '{nexus}', '{singularity}', 'What the person decided.'),
    ('question_requests', '{singularity}', '{nexus}', 'A person is asked.'),
    ('question_responses', '{nexus}', '{singularity}', 'What the person answered.'),
    ('job_requests', '{singularity}', '{genesis}', 'Code is to run in the sandbox.'),
    ('job_results', '{genesis}', '{singularity}', 'Verdict, output and usage of a run.'),
    ('agent_messages', '{singularity}', '{nexus}', 'An agent writes to other agents.'),
    ('agent_responses', '{nexus}', '{singularity}', 'What they answered.'),
    ('pattern_discoveries_published', '{singularity}', '{centralcloud}', 'A pattern with its evidence.'),
    ('performance_stats_published', '{singularity,genesis}', '{centralcloud}', 'Statistics of one job.'),
    ('centralcloud_updates', '{singularity}', '{centralcloud}', 'What an instance learned and noticed.');

create function public.grant_queue(queue_name text, senders text[], readers text[]) returns void
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    waiting constant text := pgmq.format_table_name($1, 'q');
    archived constant text := pgmq.format_table_name($1, 'a');
    member text;
begin
    foreach member in array $2 loop
        execute format('grant insert, select (msg_id) on pgmq.%I to %I', waiting, member);
    end loop;
    foreach member in array $3 loop
        execute format('grant select, delete, update (vt, read_ct, last_read_at) on pgmq.%I to %I',
                       waiting, member);
        execute format('grant insert on pgmq.%I to %I', archived, member);
    end loop;
end
$$;
comment on function public.grant_queue(text, text[], text[]) is
    'Gives senders and readers of one queue exactly what they need.';

create function public.ensure_queues() returns setof text
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    policy public.queue_policies;
begin
    perform pg_advisory_xact_lock(hashtextextended('public.ensure_queues', 0));
    for policy in select * from public.queue_policies order by queue_name loop
        if not exists (select from pgmq.meta m where m.queue_name = policy.queue_name) then
            perform pgmq.create(policy.queue_name);
            perform pgmq.enable_notify_insert(policy.queue_name, 0);
            return next policy.queue_name;
        end if;
        perform public.grant_queue(policy.queue_name, policy.senders, policy.readers);
    end loop;
end
$$;
comment on function public.ensure_queues() is
    'Creates the queues that are missing, renews all grants, and returns the names of the new ones.';

create function public.prune_archives() returns bigint
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    policy public.queue_policies;
    pruned bigint;
    total bigint := 0;
begin
    for policy in
        select p.* from public.queue_policies p join pgmq.meta m using (queue_name) order by queue_name
    loop
        execute format('delete from pgmq.%I where archived_at < clock_timestamp() - $1',
                       pgmq.format_table_name(policy.queue_name, 'a'))
            using policy.keep;
        get diagnostics pruned = row_count;
        total := total + pruned;
    end loop;
    return total;
end
$$;
comment on function public.prune_archives() is
    'Deletes archived messages that are older than their queue keeps them; returns how many.';

revoke execute on function public.grant_queue(text, text[], text[]), public.ensure_queues(),
    public.prune_archives() from public;
