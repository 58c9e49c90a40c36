-- Jobs on the bus: HTTP sends them too, and no agent has more in flight than it may.

alter table public.queue_policies
    add column group_bound integer,
    add constraint queue_policies_group_bound_positive check (group_bound > 0);
comment on column public.queue_policies.group_bound is
    'How many messages of one group, an agent or an instance, may be in flight; null is any number.';

update public.queue_policies set senders = '{nexus,singularity}' where queue_name = 'job_requests';

insert into public.message_columns (queue_name, place, column_name, kind, fields)
select 'job_requests', max(place) + 1, 'priority', 'whole', '{priority}'
from public.message_columns where queue_name = 'job_requests';
drop view if exists pgmq.job_requests, pgmq.job_requests_archive;

drop function public.set_queue_options(text, boolean, interval);
create function public.set_queue_options(queue_name text, turns boolean, keep interval, group_bound integer)
    returns void
    language plpgsql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    remembered constant interval := least($3, interval '100 years');
begin
    if not exists (select from queue.options_of($1) o where o.turns = $2 and o.unique_for = remembered
                       and o.max_in_flight_per_group is not distinct from $4) then
        perform queue.configure($1, jsonb_build_object('turns', $2, 'unique_for', remembered::text,
                                                       'max_in_flight_per_group', $4));
    end if;
end
$$;
comment on function public.set_queue_options(text, boolean, interval, integer) is
    'Has the engine serve one queue as its policy says.';

create function public.set_group_bound(queue_name text, most integer) returns void
    language sql volatile parallel unsafe
    set search_path = pg_catalog, pg_temp
begin atomic
    update public.queue_policies p set group_bound = $2
    where p.queue_name = $1 and p.group_bound is distinct from $2;
end;
comment on function public.set_group_bound(text, integer) is
    'How many messages of one group may be in flight; ensure_queues() tells the engine.';

create or replace function public.ensure_queues() returns setof text
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
        perform public.set_queue_options(policy.queue_name, policy.turns, policy.keep, policy.group_bound);
        perform public.name_queue(policy.queue_name, policy.aliases);
        perform public.grant_queue(policy.queue_name, policy.senders, policy.readers);
        perform public.ensure_views(policy.queue_name, policy.aliases, policy.readers);
    end loop;
end
$$;

revoke execute on function public.set_queue_options(text, boolean, interval, integer),
    public.set_group_bound(text, integer) from public;
