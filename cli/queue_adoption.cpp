#include "cli/queue_adoption.hpp"

#include <format>

namespace singularity::cli {

namespace {

using pgclient::Connection;
using pgclient::Query;
using pgclient::Task;

constexpr Query kFound{"queue_adoption.look", R"(
select to_regclass('pgmq.meta') is not null as has_queues,
    not exists (select from pg_extension where extname in ('pgmq', 'sg_queue')) as without_extension)"};

constexpr Query kDetach{"queue_adoption.detach", R"(
select format('alter extension %I drop %s %s', extname,
           case relkind when 'S' then 'sequence' else 'table' end, objid::regclass) as sql,
    objid::regclass::text as subject
from pg_depend
join pg_extension on refclassid = 'pg_extension'::regclass and refobjid = pg_extension.oid
join pg_class on classid = 'pg_class'::regclass and objid = pg_class.oid
where extname in ('pgmq', 'sg_queue') and deptype = 'e' and relkind in ('r', 'p', 'S')
    and relnamespace = 'pgmq'::regnamespace and relname ~ '^[qa]_'
order by relname
limit 1)"};

constexpr Query kReplace{"queue_adoption.replace", R"(
select string_agg(format('%s %s', extname, extversion), ', ' order by extname)
from pg_extension
where extname in ('pgmq', 'sg_queue') and to_regproc('queue._notice_changes') is null)"};

// What the engine would not serve as it is: see the extension's table_shape.cpp. Its trigger is there and off
// where triggers were switched off and on again, as pg_restore --disable-triggers does.
constexpr Query kShape{"queue_adoption.shape", R"(
with waiting as (
    select queue_name, relkind, c.oid, c.reloptions,
        to_regclass(format('pgmq.%I', 'a_' || lower(queue_name))) as archive
    from pgmq.meta
    join pg_class c on relnamespace = 'pgmq'::regnamespace and relname = 'q_' || lower(queue_name)
)
select queue_name
from waiting
where relkind = 'r' and not exists (
        select from pg_trigger
        where tgrelid = waiting.oid and tgname = 'sg_queue_notice' and tgenabled = 'A')
    or relkind = 'r' and not coalesce(reloptions::text like '%fillfactor%', false)
    or archive is not null
    and 4 <> (select count(*) from pg_attribute
              where attrelid in (waiting.oid, archive) and attname in ('last_read_at', 'headers'))
order by queue_name
limit 1)"};

// The index on vt is the original's as long as the engine's trigger is not there, afterwards it is somebody's
// own.
constexpr std::string_view kShapeSql = R"(
set local search_path = pg_catalog, pg_temp;
do $shape$
declare
    name constant text := {};
    waiting constant text := pgmq.format_table_name(name, 'q');
    archived constant text := pgmq.format_table_name(name, 'a');
    plain constant boolean := relkind = 'r' from pg_class where oid = format('pgmq.%I', waiting)::regclass;
    ids constant text := pg_get_serial_sequence(format('pgmq.%I', waiting), 'msg_id');
    adopted boolean;
begin
    perform pgmq.acquire_queue_lock(name);
    execute format('lock table pgmq.%I in access exclusive mode', waiting);
    adopted := exists (select from pg_trigger
                       where tgrelid = format('pgmq.%I', waiting)::regclass and tgname = 'sg_queue_notice');
    execute format('alter table pgmq.%I add column if not exists headers jsonb,
                    add column if not exists last_read_at timestamptz,
                    alter column enqueued_at set default clock_timestamp()', waiting);
    if plain and not adopted then
        execute format('drop index if exists pgmq.%I', waiting || '_vt_idx');
    end if;
    if plain then
        execute format('alter table pgmq.%I set (fillfactor = 70)', waiting);
        perform queue._notice_changes(waiting);
    end if;
    if to_regclass(format('pgmq.%I', archived)) is not null then
        execute format('alter table pgmq.%I add column if not exists headers jsonb,
                        add column if not exists last_read_at timestamptz,
                        alter column archived_at set default clock_timestamp()', archived);
        execute format('grant select on pgmq.%I to pg_monitor', archived);
        execute format('comment on table pgmq.%I is %L', archived, 'Messages archived from queue ' || name);
    end if;
    execute format('grant select on pgmq.%I to pg_monitor', waiting);
    if ids is not null then
        execute format('grant select on sequence %s to pg_monitor', ids);
    end if;
    execute format('comment on table pgmq.%I is %L', waiting, 'Messages that wait in queue ' || name);
    if plain and adopted then
        begin
            perform queue.check(name);  -- what came while its trigger was off
        exception when insufficient_privilege or object_not_in_prerequisite_state or feature_not_supported then
            null;  -- there is no index to check
        end;
    end if;
end
$shape$;
)";

constexpr Query kQuote{"queue_adoption.quote", "select quote_literal($1::text)"};

struct Found {
    bool has_queues = false;
    bool without_extension = false;
};

struct Detach {
    std::string sql, subject;
};

}  // namespace

Task<Adoptable> look_for_queues(Connection& connection) {
    const Found found = co_await connection.one<Found>(kFound);
    if (!found.has_queues) co_return Adoptable::nothing;
    co_return found.without_extension ? Adoptable::without_extension : Adoptable::yes;
}

Task<std::optional<AdoptionStep>> next_adoption_step(Connection& connection) {
    if (const auto table = co_await connection.maybe<Detach>(kDetach)) {
        co_return AdoptionStep{"detach", table->subject, table->sql};
    }
    if (const auto old = co_await connection.one<std::optional<std::string>>(kReplace)) {
        co_return AdoptionStep{"replace", *old, std::string(replace_extension_sql())};
    }
    if (const auto queue = co_await connection.maybe<std::string>(kShape)) {
        const auto literal = co_await connection.one<std::string>(kQuote, *queue);
        std::string sql(kShapeSql);
        sql.replace(sql.find("{}"), 2, literal);
        co_return AdoptionStep{"shape", *queue, std::move(sql)};
    }
    co_return std::nullopt;
}

}  // namespace singularity::cli
