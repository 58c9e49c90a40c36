-- The message bus: which queues there are, who sends to them and who reads them.
--
-- Queues are rows first: queue_policies says what should be, ensure_queues() makes it so, whenever
-- CentralCloud starts. A sender may add messages and learn their ids, a reader may claim, finish and
-- archive them, and neither may do the other's part (docs/roles.md). Who may read may also bury: what cannot
-- be handled goes to dead_letters.

create table public.queue_policies (
    queue_name text constraint queue_policies_pkey primary key,
    aliases text[] not null default '{}',
    senders text[] not null,
    readers text[] not null,
    keep interval not null default '90 days',
    turns boolean not null default true,
    description text not null,
    constraint queue_policies_keep_positive check (keep > interval '0')
);
comment on table public.queue_policies is
    'The queues of the bus, who may use them, and how long their archives last.';
comment on column public.queue_policies.aliases is 'Other names that the queue has.';
comment on column public.queue_policies.senders is 'Roles that may send.';
comment on column public.queue_policies.readers is 'Roles that may read, delete and archive.';
comment on column public.queue_policies.keep is
    'Archived messages are deleted when they are older, and unique keys forgotten. Set from the configuration.';
comment on column public.queue_policies.turns is 'Whether instances take turns when messages are read.';

insert into public.queue_policies (queue_name, senders, readers, turns, description) values
    ('dead_letters', '{singularity,genesis,nexus}', '{centralcloud}', false, 'What could not be handled.');
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
update public.queue_policies set aliases = '{ai_requests}' where queue_name = 'llm_requests';
update public.queue_policies set aliases = '{ai_results}' where queue_name = 'llm_results';

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
        execute format('grant select, delete, update (vt, read_ct, last_read_at, headers) on pgmq.%I to %I',
                       waiting, member);
        execute format('grant insert on pgmq.%I to %I', archived, member);
    end loop;
end
$$;
comment on function public.grant_queue(text, text[], text[]) is
    'Gives senders and readers of one queue exactly what they need.';

create function public.set_queue_options(queue_name text, turns boolean, keep interval) returns void
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    remembered constant interval := least($3, interval '100 years');
begin
    if not exists (select from queue.options_of($1) o where o.turns = $2 and o.unique_for = remembered) then
        perform queue.configure($1, jsonb_build_object('turns', $2, 'unique_for', remembered::text));
    end if;
end
$$;
comment on function public.set_queue_options(text, boolean, interval) is
    'Has the engine serve one queue as its policy says.';

create function public.name_queue(queue_name text, aliases text[]) returns void
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    other text;
begin
    foreach other in array $2 loop
        if not exists (select from queue.aliases a where a.alias = other and a.queue_name = $1) then
            perform queue.add_alias(other, $1);
        end if;
    end loop;
end
$$;
comment on function public.name_queue(text, text[]) is 'Gives one queue the other names that it is to have.';

create function public.missing_queues() returns setof text
    language sql stable parallel safe
    set search_path = pg_catalog, pg_temp
begin atomic
    select p.queue_name
    from public.queue_policies p
    where not exists (select from pgmq.meta m where m.queue_name = p.queue_name)
    order by p.queue_name;
end;
comment on function public.missing_queues() is 'The queues that should be and are not.';

create function public.ensure_queues() returns setof text
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    missing text[];
    policy public.queue_policies;
begin
    perform pg_advisory_xact_lock(hashtextextended('public.ensure_queues', 0));
    missing := array(select m from public.missing_queues() m);
    for policy in select * from public.queue_policies order by queue_name loop
        if policy.queue_name = any (missing) then
            perform pgmq.create(policy.queue_name);
            return next policy.queue_name;
        end if;
        perform public.set_queue_options(policy.queue_name, policy.turns, policy.keep);
        perform public.name_queue(policy.queue_name, policy.aliases);
        perform public.grant_queue(policy.queue_name, policy.senders, policy.readers);
        perform public.ensure_views(policy.queue_name, policy.aliases, policy.readers);
    end loop;
end
$$;
comment on function public.ensure_queues() is
    'Creates the queues that are missing, gives all their options, names, rights and views, and returns the names '
    'of the new ones.';

create function public.set_retention(days integer, of_queue jsonb default '{}') returns void
    language sql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    update public.queue_policies p
    set keep = make_interval(days => wanted.days)
    from (select q.queue_name, coalesce(($2 ->> q.queue_name)::integer, $1) as days
          from public.queue_policies q) wanted
    where wanted.queue_name = p.queue_name and p.keep <> make_interval(days => wanted.days);
end;
comment on function public.set_retention(integer, jsonb) is
    'How many days archives last, and those of the queues that are named; ensure_queues() tells the engine.';

revoke execute on function public.grant_queue(text, text[], text[]),
    public.set_queue_options(text, boolean, interval), public.name_queue(text, text[]), public.missing_queues(), public.ensure_queues(),
    public.set_retention(integer, jsonb) from public;
