"""The server that is measured: PostgreSQL's default durability on a disk, and statements on it through psql."""
import os
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent

# What differs from PostgreSQL's defaults. Checkpoints are kept out of the short runs; nothing else is eased.
SETTINGS = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "wal_level": "replica", "max_wal_senders": 0,
    "max_connections": 1200, "max_wal_size": "16GB", "checkpoint_timeout": "1h", "cron.launch_active_jobs": "off",
}


class Failed(Exception):
    """A script that could not be measured, and why."""


def run(arguments, **options):
    done = subprocess.run([str(each) for each in arguments], capture_output=True, text=True, **options)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower() or "fatal" in line.lower()]
        raise Failed((lines or done.stderr.splitlines() or [f"exit {done.returncode}"])[0][:200])
    return done


class Server:
    """A database of its own on the throw-away cluster that test/with_cluster made."""

    def __init__(self):
        self.database = "bench_queue"
        self.folder = pathlib.Path(os.environ["SINGULARITY_TEST_CTL"]).parent
        filesystem = run(["stat", "--file-system", "--format=%T", self.folder]).stdout.strip()
        if filesystem in ("tmpfs", "ramfs"):
            raise SystemExit(f"bench/queue: {self.folder} is in memory: set TMPDIR to a folder on a disk")
        self.filesystem = filesystem
        self.configure(**SETTINGS)
        self.restart()
        self.sql(f"create database {self.database}", database="postgres")
        self.sql("create extension pgmq cascade")
        run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.database, "-f", HERE / "baseline.sql"])

    def sql(self, statement, database=None):
        """Rows of text, columns separated by '|'. Each statement is a transaction of its own."""
        done = run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database or self.database], input=statement,
                   timeout=1800)
        return done.stdout.strip()

    def number(self, query):
        return float(self.sql(query))

    def configure(self, **settings):
        for name, value in settings.items():
            self.sql(f"alter system set {name} = '{value}'", database="postgres")

    def reload(self, **settings):
        self.configure(**settings)
        self.sql("select pg_reload_conf(); select pg_sleep(0.2);", database="postgres")

    def restart(self):
        run([os.environ["SINGULARITY_TEST_CTL"], "restart"])

    def session(self, statements):
        """A psql that has run the statements and stays in its transaction until close()."""
        process = subprocess.Popen(["psql", "-XAtq", "-d", self.database], stdin=subprocess.PIPE, text=True,
                                   stdout=subprocess.PIPE)
        process.stdin.write(f"{statements}\n\\echo ready\n")
        process.stdin.flush()
        while process.stdout.readline().strip() != "ready":
            if process.poll() is not None:
                raise Failed("the session that holds a snapshot ended")
        return process

    def has_function(self, name):
        schema, function = name.split(".")
        return self.sql(f"select count(*) from pg_proc where pronamespace = to_regnamespace('{schema}') "
                        f"and proname = '{function}'") != "0"


class Bench:
    """pgbench against the server, with prepared statements."""

    def __init__(self, server, seconds, clients):
        self.server, self.seconds, self.clients = server, seconds, clients

    def command(self, script, clients=None, variables=None, transactions=None, seconds=None, extra=()):
        amount = ["-t", transactions] if transactions else ["-T", seconds or self.seconds]
        settings = [part for name, value in (variables or {}).items() for part in ("-D", f"{name}={value}")]
        clients = clients or self.clients
        scripts = [script] if isinstance(script, str) else script
        files = []
        for i, each in enumerate(scripts):
            file = self.server.folder / f"script-{os.getpid()}-{i}.sql"
            file.write_text(each)
            files += ["-f", file]
        return ["pgbench", "-n", "-M", "prepared", "-c", clients, "-j", min(2, clients), *amount, *settings, *extra,
                *files, self.server.database]

    def __call__(self, script, **options):
        """Transactions a second, without the time that connecting took, and their number."""
        done = run(self.command(script, **options))
        if re.search(r"aborted|failed transactions: [1-9]", done.stderr + done.stdout):
            raise Failed(next((line for line in done.stderr.splitlines() if "ERROR" in line), "a client aborted")[:200])
        return (float(re.search(r"tps = ([\d.]+)", done.stdout)[1]),
                int(re.search(r"actually processed: (\d+)", done.stdout)[1]), done.stderr)
