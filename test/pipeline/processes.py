"""The test's own processes at both ends of the queue: askers and workers, which come back when they were killed."""
import os
import pathlib
import signal
import subprocess
from urllib.parse import parse_qs, urlencode, urlsplit

from support.backbone import Failed

PROGRAMS = pathlib.Path(os.environ.get("PIPELINE_PROGRAMS") or
                        pathlib.Path(__file__).resolve().parents[2] / "build/tests")
NUMBERS_EACH = 10**9  # of one asker


def url_through(backbone, proxy, database, role):
    parts = urlsplit(backbone.url(database))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return f"{parts.scheme}://{role}@{parts.path}?{urlencode({**query, 'host': proxy.folder})}"


class Process:
    """One role of pipeline_worker. Its log is the backbone's, so that a failure shows it."""

    def __init__(self, backbone, name, environment=None):
        self.backbone = backbone
        self.name = name
        self.environment = {**backbone.environment, **(environment or {})}
        self.log = backbone.home / "log" / f"{name}.log"
        self.process = None
        self.killed = False

    def launch(self, program, *arguments):
        self.killed = False
        with self.log.open("a") as log:
            self.process = subprocess.Popen([PROGRAMS / program, *map(str, arguments)], env=self.environment,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")

    def running(self):
        """Whether it is; that it ended by itself is a failure, unless it had done its work."""
        code = self.process.poll()
        if code not in (None, 0) and not self.killed:
            raise Failed(f"{self.name} ended with {code}: {self.log.read_text()[-2000:]}")
        return code is None

    def signal(self, number):
        self.killed = self.killed or number == signal.SIGKILL
        self.process.send_signal(number)

    def stop(self):
        """As its supervisor would: it may finish what it has begun."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        self.process.wait(60)
        self.running()


class Worker(Process):
    """Reaches its databases through the proxy, where one is given."""

    def __init__(self, backbone, place, proxy=None, environment=None):
        super().__init__(backbone, f"worker{place}", environment)
        self.databases = [url_through(backbone, proxy, name, "nexus") for name in ("nexus", "shared_queue")] \
            if proxy else []

    def start(self):
        self.launch("pipeline_worker", "work", *self.databases)


class Asker(Process):
    """Asks `count` questions; a new process goes on after the last one that was acknowledged."""

    def __init__(self, backbone, place, count, per_second, proxy=None, environment=None):
        through = {"SHARED_QUEUE_DB_URL": url_through(backbone, proxy, "shared_queue", "singularity")} if proxy else {}
        super().__init__(backbone, f"asker{place}", {**through, **(environment or {})})
        self.ledger = backbone.folder / f"asked.{place}"
        self.ledger.touch()
        self.first = place * NUMBERS_EACH
        self.count = count
        self.per_second = per_second

    def acknowledged(self):
        return [int(line) for line in self.ledger.read_text().split()]

    def start(self, count=None):
        done = len(self.acknowledged())
        self.launch("pipeline_worker", "ask", count or self.count - done, self.first + done, self.ledger,
                    self.per_second)

    def ask_one(self):
        """The one that may be in doubt, for certain."""
        self.start(1)
        self.process.wait(60)
        self.running()
