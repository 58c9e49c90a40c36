-- Several instances on one bus: answers go to who asked. The first instance reads the queues by their own names;
-- each other one has queues of its own for what it is answered, <queue>_<instance>, once it has joined.

create function public.join_bus(instance_id text) returns setof text
    language plpgsql volatile strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    if $1 !~ '^[a-z][a-z0-9_]{0,27}$' then
        raise invalid_parameter_value using
            message = format('"%s" cannot name the queues of an instance', $1),
            hint = 'Give a name of at most 28 of a-z, 0-9 and _, beginning with a letter.';
    end if;
    insert into public.queue_policies (queue_name, senders, readers, keep, turns, description)
    select p.queue_name || '_' || $1, p.senders, p.readers, p.keep, false,
        format('%s For instance %s.', p.description, $1)
    from public.queue_policies p
    where p.queue_name in ('llm_results', 'embedding_results', 'approval_responses', 'question_responses',
                           'job_results', 'agent_responses')
        and $1 <> 'singularity'
    on conflict on constraint queue_policies_pkey do nothing;
    return query select m from public.ensure_queues() m where m like '%\_' || $1;
end
$$;
comment on function public.join_bus(text) is
    'Makes the queues through which an instance is answered, where they are missing; returns the new ones.';
revoke execute on function public.join_bus(text) from public;
grant execute on function public.join_bus(text) to singularity;

create function public.agents_of(queue_name text, request_ids text[]) returns table (request_id text, agent_id text)
    language plpgsql stable strict security definer parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from public.queue_policies p join pgmq.meta m using (queue_name) where p.queue_name = $1) then
        return;
    end if;
    return query execute format(
        'with asked as materialized (
            select k.key, k.msg_id from queue.unique_keys k where k.queue = lower($1) and k.key = any ($2 collate "C")
         )
         select a.key, r.message ->> ''agent_id''
         from asked a
         cross join lateral (select q.message from pgmq.%1$I q where q.msg_id = a.msg_id
                             union all select d.message from pgmq.%2$I d where d.msg_id = a.msg_id) r
         where r.message ->> ''agent_id'' is not null',
        pgmq.format_table_name($1, 'q'), pgmq.format_table_name($1, 'a')) using $1, $2;
end
$$;
comment on function public.agents_of(text, text[]) is
    'Whose requests these are, by what was published to a queue with their ids as keys.';
revoke execute on function public.agents_of(text, text[]) from public;
grant execute on function public.agents_of(text, text[]) to singularity;
