"""A backbone of its own for a test: a home in a temporary folder, a free port, nothing left behind."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from urllib.parse import parse_qs, urlsplit

from support.evidence import evidence_of
from support.leftovers import leftovers_of

SINGULARITY = os.environ.get("SINGULARITY_BIN") or str(
    pathlib.Path(__file__).resolve().parents[2] / "build/bin/singularity")


class Failed(AssertionError):
    pass


def wait_until(condition, seconds, what, evidence=lambda: ""):
    """Looks until the condition holds and returns what it gave; fails with `what` and `evidence` when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failed(f"not within {seconds} s: {what}\n{evidence()}".rstrip())
        time.sleep(0.02)


class Backbone:
    """Use as a context manager; leaving stops it and removes its home, and after a failure shows how it was."""

    def __init__(self, environment=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="singularity-test."))
        self.folder.chmod(0o711)
        self.home = self.folder / "home"
        self.environment = {**os.environ, "SINGULARITY_HOME": str(self.home), "SINGULARITY_HTTP": "127.0.0.1:0",
                            **(environment or {})}

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, _, error, __):
        try:
            if isinstance(error, Exception):
                print(self.evidence(), file=sys.stderr, flush=True)
        finally:
            self.run("down", check=False)
            shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments, check=True, timeout=120, input=None):
        """Runs `singularity ARGUMENTS`; with check, a failure tells what it printed."""
        done = subprocess.run([SINGULARITY, *map(str, arguments)], env=self.environment, capture_output=True,
                              text=True, timeout=timeout, input=input, stdin=None if input else subprocess.DEVNULL)
        if check and done.returncode != 0:
            raise Failed(f"singularity {' '.join(map(str, arguments))}: exit {done.returncode}\n"
                         f"{done.stdout}{done.stderr}")
        return done

    def json(self, *arguments, check=True, timeout=120):
        return json.loads(self.run(*arguments, "--json", check=check, timeout=timeout).stdout)

    def up(self):
        self.run("up", "--detach")

    def status(self):
        return self.json("status", check=False)

    def evidence(self):
        return evidence_of(self.home, self.run("status", "--json", check=False).stdout)

    def pid_of(self, service):
        return next((each["pid"] for each in self.status()["services"] if each["name"] == service), None)

    def healthy(self):
        return self.status().get("state") == "healthy"

    def url(self, database):
        return self.run("url", database).stdout.strip()

    def sockets(self):
        """The folder of the server's socket."""
        return parse_qs(urlsplit(self.url("admin")).query)["host"][0]

    def sql(self, database, statement, check=True, operator=False):
        """Rows of text, one a line, columns separated by '|'; as the database's owner or the operator."""
        url = self.url("admin").replace("/postgres?", f"/{database}?") if operator else self.url(database)
        done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", url, "-c", statement],
                              capture_output=True, text=True, timeout=60, env=self.environment)
        if check and done.returncode != 0:
            raise Failed(f"{statement}\n{done.stderr}")
        return done.stdout.splitlines() if check else done

    def leftovers(self):
        """What is still there of it, after `down`."""
        return leftovers_of(self.home, self.sockets())

    def approved(self, database="singularity"):
        """What the loop made, without ids and times: comparable between runs."""
        return self.sql(database, "select name, ecosystem, round(confidence::numeric, 9) from approved_patterns "
                                  "order by ecosystem, name")


def kill_hard(pid):
    """kill -9; a process that has gone already is fine."""
    try:
        os.kill(int(pid), signal.SIGKILL)
        return True
    except (ProcessLookupError, TypeError):
        return False
