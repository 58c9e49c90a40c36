-- What the consumer of pattern_discoveries_published calls: one message, one transaction, one effect.

create function public.accept_pattern_discovery(message jsonb) returns jsonb
    language plpgsql volatile strict parallel unsafe
    set search_path = pg_catalog, pg_temp
as $$
declare
    source_queue constant text := 'pattern_discoveries_published';
    request constant text := message ->> 'request_id';
    changed public.ulid;
    candidate public.pattern_candidates;
    operation text := 'pattern_ignored';
    answer jsonb := jsonb_build_object('name', message ->> 'name', 'ecosystem', message ->> 'ecosystem');
begin
    perform merging.check_message(message);
    insert into public.inbox (queue, request_id) values (source_queue, request) on conflict do nothing;
    if not found then
        return (select i.result from public.inbox i where i.queue = source_queue and i.request_id = request);
    end if;
    changed := merging.store_source(message);
    if changed is null then
        answer := answer || '{"status": "ignored", "reason": "a later revision is already known"}';
    else
        perform merging.store_evidence(changed, message);
        perform merging.measure_candidate(changed);
        candidate := merging.decide_candidate(changed);
        if candidate.status = 'approved' then
            perform merging.publish_pattern(changed);
            operation := 'pattern_approved';
        else
            operation := case merging.withdraw_pattern(changed)
                when true then 'pattern_withdrawn' else 'pattern_waiting' end;
        end if;
        answer := answer || jsonb_build_object('status', candidate.status, 'confidence', candidate.confidence,
                                               'reason', candidate.reason);
    end if;
    insert into central.sync_log (instance_id, operation, entity, detail)
    values (message ->> 'instance_id', operation,
            format('%s:%s', message ->> 'ecosystem', message ->> 'name'),
            answer || jsonb_build_object('request_id', request, 'revision', message -> 'revision'));
    update public.inbox i set result = answer where i.queue = source_queue and i.request_id = request;
    return answer;
end
$$;
comment on function public.accept_pattern_discovery(jsonb) is
    'Takes in what an instance says of one pattern and approves the pattern or lets it wait: {status, name, '
    'ecosystem, confidence, reason}. A redelivery gets the first answer. Messages may come in any order, and '
    'beside each other.';
revoke execute on function public.accept_pattern_discovery(jsonb) from public;
