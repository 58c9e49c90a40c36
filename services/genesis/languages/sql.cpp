// SQL in a PostgreSQL of the job's own: started in the box from an empty data folder that was prepared
// beforehand (tools/prepare_runtimes), gone with it. The job is its superuser, in a box like any other.
#include "services/genesis/languages/all.hpp"

namespace singularity::services::genesis {

namespace {

// No disk is to be protected from a power failure here: all of it is memory. Sizes suit a small machine.
constexpr const char* kStart = R"(
cd /tmp || exit 125
mkdir -m 700 data && cp -r /opt/postgresql/. data || exit 125
postgres -D /tmp/data -c listen_addresses= -c unix_socket_directories=/tmp -c fsync=off -c full_page_writes=off \
    -c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=16MB -c min_wal_size=2MB \
    -c shared_buffers=16MB -c max_connections=16 -c autovacuum=off -c jit=off -c timezone=UTC \
    -c dynamic_shared_memory_type=mmap -c max_parallel_workers_per_gather=0 >log 2>&1 </dev/null &
server=$!
until [[ -s data/postmaster.pid && $(<data/postmaster.pid) == *ready* ]]; do
    kill -0 $server 2>/dev/null || { echo 'the throw-away PostgreSQL did not start:' >&2; cat log >&2; exit 125; }
    sleep 0.01
done
cd /box
export PGHOST=/tmp PGUSER=postgres PGDATABASE=postgres PSQLRC=/dev/null PSQL_HISTORY=/dev/null
)";

// Each argument of the job is a variable of psql's: arg1, arg2 and so on.
constexpr const char* kRun = R"(
options=(-X -v ON_ERROR_STOP=1 -f main.sql)
number=0
for argument; do
    number=$((number + 1))
    options+=(-v "arg$number=$argument")
done
exec psql "${options[@]}"
)";

// The server parses the whole of a string before it executes the first statement in it; ours ends it there.
// It is a line more than the file has.
constexpr const char* kParseSql = R"(
status=0
for file; do
    psql -X -q -v ON_ERROR_STOP=1 -v file="$file" -f - 2>problem <<'SQL' || status=1
select set_config('job.file', '/box/' || :'file', false) \g /dev/null
do $parse$
begin
    execute 'do $stop$ begin raise exception using errcode = ''SG001''; end $stop$;' || chr(10)
        || pg_read_file(current_setting('job.file'));
exception when sqlstate 'SG001' then null;
end $parse$;
SQL
    sed -e '/^QUERY:/,$d' -e "s|^psql:<stdin>:[0-9]*: |$file: |" problem | while IFS= read -r line; do
        if [[ $line =~ ^LINE\ ([0-9]+):(.*)$ ]]; then
            printf -v line 'LINE %*d:%s' ${#BASH_REMATCH[1]} $((BASH_REMATCH[1] - 1)) "${BASH_REMATCH[2]}"
        fi
        echo "$line"
    done >&2
done
)";

// Runs it, which is the only way to look into functions and at tables that it makes.
constexpr const char* kLintSql = R"(
export PGOPTIONS='-c plpgsql.extra_warnings=all -c check_function_bodies=on -c client_min_messages=warning'
psql -X -q -v ON_ERROR_STOP=1 -f main.sql >/dev/null 2>problem || status=1
cat problem >&2
! grep -q 'WARNING:' problem || status=1
)";

std::vector<std::string> script(std::vector<const char*> parts, std::string_view arguments) {
    std::string text;
    for (const char* part : parts) text += part;
    return {"/usr/bin/bash", "-c", text, "sql", std::string(arguments)};
}

constexpr const char* kBin = "/usr/lib/postgresql/17/bin";

}  // namespace

Language sql(const std::string& runtimes) {
    const std::vector<std::string> environment{std::string("PATH=") + kBin + ":/usr/bin:/bin"};
    const std::string postgres = std::string(kBin) + "/postgres";
    constexpr const char* kStatus = "exit $status\n";
    auto examining = compiling(512);
    return {.name = "sql",
            .aliases = {"postgresql", "postgres", "psql"},
            .version = {postgres, "--version"},
            .file = "main.sql",
            .endings = {".sql"},
            .needs = {{postgres, "postgresql-17"},
                      {runtimes + "/postgresql", "postgresql-17", "/opt/postgresql"}},
            .run = {.arguments = script({kStart, kRun}, kArguments),
                    .environment = environment,
                    .limits = {.file_bytes = 64 * sandbox::kMiB, .open_files = 1024}},
            .validate = {.arguments = script({kStart, kParseSql, kStatus}, kSources),
                         .environment = environment,
                         .limits = examining},
            .lint = {.arguments = script({kStart, kParseSql, kLintSql, kStatus}, kSources),
                     .environment = environment,
                     .limits = examining}};
}

}  // namespace singularity::services::genesis
