-- The statistics of a job say under which limits it ran and what was asked for. Their views are made anew, with these
-- columns, by the next ensure_queues().

insert into public.message_columns (queue_name, place, column_name, kind, fields)
select 'performance_stats_published', last.place + every.place, every.column_name, every.kind, array[every.column_name]
from (select max(place) as place from public.message_columns where queue_name = 'performance_stats_published') last
cross join (values
    (1, 'kind', 'text'),
    (2, 'phase', 'text'),
    (3, 'language_version', 'text'),
    (4, 'limit_cpu_ms', 'whole'),
    (5, 'limit_wall_ms', 'whole'),
    (6, 'limit_memory_mb', 'whole')) as every (place, column_name, kind);

drop view if exists pgmq.performance_stats_published, pgmq.performance_stats_published_archive;
