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
