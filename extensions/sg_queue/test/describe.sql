-- Everything of a database's queues that a copy of it must have too: names, options, bindings, messages, ids,
-- owners, grants.
select format('select config from %s config order by config::text', config::regclass)
from pg_extension, unnest(extconfig) config
where extname = 'sg_queue' order by 1 \gexec
select queue_name, options from pgmq.meta, queue.options_of(queue_name) options order by queue_name;
select format('table pgmq.%I', relname) from pg_class
where relnamespace = 'pgmq'::regnamespace and relname ~ '^[qa]_' and relkind in ('r', 'p') and not relispartition
order by relname \gexec
select relname, relkind, relpersistence, relacl, relowner::regrole from pg_class
where relnamespace = 'pgmq'::regnamespace and relname ~ '^[qa]_' order by relname;
select indexdef from pg_indexes where schemaname = 'pgmq' order by indexname;
select tgrelid::regclass, tgenabled, pg_get_triggerdef(oid) from pg_trigger
where tgrelid::regclass::text ~ '^pgmq' and not tgisinternal order by pg_get_triggerdef(oid);
select queue_name, total_messages, queue_length, queue_visible_length, default_partition_length
from pgmq.metrics_all() order by 1;
