"""Rows of job statistics made in SQL, for bench/insights: the same in both databases."""
import concurrent.futures
import pathlib
import re
import subprocess
import time

LATENESS = "interval '10 years'"  # nothing is published but what is asked for
START = "timestamptz '2026-01-01 00:00Z'"
DAYS = 30
COLUMNS = """id, job_id, language, status, execution_time_ms, memory_used_mb, instance_id, recorded_at, cpu_time_ms,
    limit_cpu_ms, limit_wall_ms, limit_memory_mb, verdict, kind, phase, language_version, code_sha256, input_sha256"""

# Half of the jobs run once; the others are one of two hundred of their hour. What a job does depends on its code: its
# language, its time, its verdict; one run in ten thousand ends otherwise.
ROWS = """
select public.gen_monotonic_ulid()::uuid, gen_random_uuid(),
    (array['python','python','python','javascript','javascript','javascript','bash','rust'])[1 + (h & 7)],
    case when verdict = 'ok' then 'completed' else 'failed' end,
    exp(3.5 + (h >> 8 & 255) / 200.0 + 0.4 * noise)::integer, 20 + (h >> 16 & 63),
    'instance-' || i % 3, start + i * step, exp(3 + (h >> 8 & 255) / 200.0 + 0.4 * noise)::integer, 5000, 10000, 256,
    verdict, 'run', 'run', '1.0', code_hash, code_hash
from (
    select *, case when ((h >> 24 & 127) > 12) = (luck < 0.9999) then 'ok'
        else (array['runtime_error','compile_error','cpu_timeout','oom'])[1 + (h >> 32 & 3)] end as verdict
    from (
        select i, luck, noise, start, step, hashint8extended(code, 0) & 4611686018427387903 as h,
            sha256(code::text::bytea) as code_hash
        from (select i, random() as luck, random_normal() as noise, start, step,
                  case when random() < 0.5 then i else -(i / per_hour * 200 + (random() * 200)::bigint) end as code
              from generate_series({first}::bigint, {last}) i
              cross join (select {start} as start, interval '{days} days' / {rows} as step,
                              {rows} / ({days} * 24) as per_hour) scale) drawn
    ) hashed
) judged
"""


def leave_alone(backbone):
    """Neither replication, nor the service, nor the schedule does what is measured."""
    backbone.sql("centralcloud", f"update statistics_state set lateness = {LATENESS}, closed_until = null")
    backbone.sql("singularity", "select cron.alter_job(jobid, active => false) from cron.job", operator=True)
    backbone.sql("admin", "alter system set max_wal_size = '8GB'")
    backbone.sql("admin", "select pg_reload_conf()")
    unsubscribe(backbone)


def unsubscribe(backbone):
    for name in ("job_stats_sub", "metrics_sub"):
        for step in ("disable", "set (slot_name = none)"):
            backbone.sql("genesis", f"alter subscription {name} {step}", operator=True)
        backbone.sql("genesis", f"drop subscription {name}", operator=True)
        backbone.sql("centralcloud", "select pg_terminate_backend(active_pid) from pg_replication_slots "
                                     f"where slot_name = '{name}' and active", operator=True)
        drop_slot(backbone, name)


def drop_slot(backbone, name, tries=100):
    for _ in range(tries):
        if backbone.sql("centralcloud", f"select pg_drop_replication_slot('{name}')", check=False,
                        operator=True).returncode == 0:
            return
        time.sleep(0.1)


class Session:
    """One that stays from statement to statement, as a service's does."""

    def __init__(self, backbone, database):
        self.psql = subprocess.Popen(["psql", "-XAtq", backbone.url(database)], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True, env=backbone.environment)
        self.pid = int(self._run("select pg_backend_pid();")[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.psql.stdin.close()
        self.psql.wait()
        self.psql.stdout.close()

    def _run(self, text):
        self.psql.stdin.write(f"{text}\n\\echo over\n")
        self.psql.stdin.flush()
        return list(iter(lambda: self.psql.stdout.readline().strip(), "over"))

    def _cpu(self):
        return int(pathlib.Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9

    def timed(self, statement):
        """Seconds by the clock, and of CPU, without its workers'."""
        before = self._cpu()
        lines = self._run(f"\\timing on\n{statement};\n\\timing off")
        milliseconds = next(float(line.split()[1]) for line in lines if line.startswith("Time: "))
        return milliseconds / 1000, self._cpu() - before


class Server:
    def __init__(self, backbone):
        self.backbone = backbone
        self.pid = int(backbone.sql("genesis", "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)",
                                    operator=True)[0])

    def psql(self, database, *commands, operator=True):
        url = self.backbone.url(database)
        if operator:
            url = self.backbone.url("admin").replace("/postgres?", f"/{database}?")
        arguments = [part for command in commands for part in ("-c", command)]
        return subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", url, *arguments], check=True,
                              capture_output=True, text=True, env=self.backbone.environment).stdout

    def insert(self, first, last, rows):
        query = ROWS.format(first=first, last=last, rows=rows, start=START, days=DAYS)
        self.in_both("select setseed(0.5)", "set session_replication_role = replica",
                     f"insert into central.job_statistics ({COLUMNS}) {query}")

    def in_both(self, *commands):
        with concurrent.futures.ThreadPoolExecutor() as threads:
            list(threads.map(lambda database: self.psql(database, *commands), ("centralcloud", "genesis")))

    def fill(self, rows):
        """Indexes come afterwards, which is faster."""
        of_table = ("from pg_index where indrelid = 'central.job_statistics'::regclass and not indisprimary")
        indexes = {database: self.psql(database, f"select pg_get_indexdef(indexrelid) {of_table}").splitlines()
                   for database in ("centralcloud", "genesis")}
        self.in_both(f"do $$ declare name text; begin for name in select indexrelid::regclass::text {of_table} "
                     "loop execute 'drop index ' || name; end loop; end $$")
        self.insert(0, rows - 1, rows)
        for database, definitions in indexes.items():
            self.psql(database, *definitions)
        self.in_both("vacuum analyze central.job_statistics")
        self.in_both("checkpoint")

    def fill_window(self, rows, window):
        a_window = rows // (DAYS * 288)
        first = -(-rows * (DAYS * 288 + window) // (DAYS * 288))
        self.insert(first, first + a_window - 2, rows)

    def after(self, windows):
        return f"{START} + interval '{DAYS} days' + interval '5 minutes' * {windows} + {LATENESS}"

    def copy_windows(self, window=None):
        since = START if window is None else f"{START} + interval '{DAYS} days' + interval '5 minutes' * {window}"
        copied = self.psql("centralcloud", f"copy (select * from central.execution_metrics where period_start >= {since})"
                                           " to stdout")
        url = self.backbone.url("admin").replace("/postgres?", "/genesis?")
        subprocess.run(["psql", "-XAtq", url, "-c", "set session_replication_role = replica", "-c",
                        "copy central.execution_metrics from stdin"], input=copied, check=True, text=True,
                       env=self.backbone.environment)

    def size(self):
        return self.psql("genesis", "select pg_size_pretty(pg_table_size('central.job_statistics'))").strip()

    def cpu(self):
        """Seconds that the server's ended children used."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[13]) + int(fields[14])) / 100

    def timed(self, database, statement):
        before = self.cpu()
        url = self.backbone.url(database)
        done = subprocess.run(["psql", "-XAt", url, "-c", "\\timing on", "-c", statement], check=True,
                              capture_output=True, text=True, env=self.backbone.environment).stdout
        time.sleep(0.2)  # the server has to notice that the session ended
        milliseconds = float(re.search(r"Time: ([\d.]+) ms", done).group(1))
        result = next(line for line in done.splitlines() if line.isdigit())
        return milliseconds / 1000, self.cpu() - before, result
