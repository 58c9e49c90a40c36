"""What time does to a queue: a snapshot that somebody holds, readers that wait, and how soon they are woken."""
import os
import re
import subprocess

from contestants import MESSAGE, Queue
from server import Failed, run
from speed import SCHEMAS, read_then_delete
from table import take_turns

WINDOWS = 4
READERS = 1000
WAKE_UPS = 1500


class Waiting:
    def __init__(self, server, bench, table, rounds, hold):
        self.server, self.bench, self.table, self.rounds, self.hold = server, bench, table, rounds, hold

    def snapshot(self):
        """send, read, delete in three transactions for `hold` seconds: the last window against the first."""
        measured = {}
        for who in SCHEMAS:
            try:
                measured[who] = self.windows(SCHEMAS[who])
            except Failed as reason:
                measured[who] = reason
        name = f"cycle, snapshot held {self.hold} s, last against first window"
        if isinstance(measured["engine"], Failed):
            return self.table.failure(name, measured["engine"])
        first, *_, last = measured["engine"]
        theirs = measured["baseline"]
        self.table.line(name, first, last, last / first,
                        theirs if isinstance(theirs, Failed) else theirs[-1] / theirs[0], 0.9)

    def windows(self, schema):
        with Queue(self.server, schema) as queue:
            script = (f"select {queue.call('send', ':msg')};\n{read_then_delete(queue)}")
            holder = self.server.session("begin isolation level repeatable read; select 1;")
            try:
                _, _, progress = self.bench(script, variables={"msg": MESSAGE}, seconds=self.hold,
                                            extra=["-P", max(1, self.hold // WINDOWS)])
            finally:
                holder.communicate("")
        rates = [float(rate) for rate in re.findall(r"progress: [\d.]+ s, ([\d.]+) tps", progress)]
        if len(rates) < 2:
            raise Failed("too short to have windows")
        return rates[:WINDOWS]

    def wake_up(self):
        """One sender, one waiting reader, at rest: from the sender's acknowledgement to the message in hand."""
        self.latency("acknowledged send to read_with_poll's message", "poll", 200)
        if self.server.has_function("queue.wait"):
            self.latency("acknowledged send to message by wait and read", "wait", 250)

    def latency(self, name, mode, median_bar):
        """Beside the commit of a bare INSERT that is as seldom, measured right before."""
        with Queue(self.server, "pgmq") as queue:
            commit = self.percentiles("public.raw", "insert")
            wake = self.percentiles(queue.name, mode)
        for which, bare, engine, bar in zip(("p50", "p99"), commit, wake, (median_bar, 800)):
            self.table.line(f"{name}, {which} µs", bare, engine, at_most=bar)

    def percentiles(self, what, mode):
        program = os.path.join(os.environ["SINGULARITY_BUILD"], "bin/queue_wakeup")
        done = run([program, f"dbname={self.server.database}", what, mode, WAKE_UPS], timeout=300)
        return map(float, done.stdout.split())

    def readers(self):
        """Senders with and without 1,000 waiting readers: of the same queue (what is sent is not due, so that nobody is
        woken and none of the readers' own work is measured), and of another."""
        for name, apart in (("the same queue", False), ("another queue", True)):
            with Queue(self.server, "pgmq") as sent, Queue(self.server, "pgmq") as other:
                script = f"select {sent.call('send', ':msg', '0' if apart else '86400')};"
                read = (other if apart else sent).call("read_with_poll", "30", "1", "3600")
                alone = lambda: self.bench(script, variables={"msg": MESSAGE})[0]  # noqa: E731
                results = take_turns(self.rounds, alone=alone, engine=lambda: self.among_readers(read, alone))
                self.table.compare(f"send, {READERS:,} readers wait on {name}, against none", results, "alone", 0.9)

    def among_readers(self, read, measure):
        waiting = subprocess.Popen([str(part) for part in self.bench.command(
            f"select msg_id from {read};", clients=READERS, transactions=1)], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "PGAPPNAME": "bench_reader"})
        try:
            for _ in range(600):
                active = self.server.number("select count(*) from pg_stat_activity where state = 'active' and "
                                            "application_name = 'bench_reader' and wait_event_type <> 'Client'")
                if active >= READERS:
                    return measure()
                if waiting.poll() is not None:
                    break
                subprocess.run(["sleep", "0.1"], check=True)
            raise Failed(f"only {active:.0f} of {READERS} readers came to wait")
        finally:
            readers = "from pg_stat_activity where application_name = 'bench_reader'"
            self.server.sql(f"select pg_terminate_backend(pid) {readers}")
            while self.server.number(f"select count(*) {readers}") > 0:
                subprocess.run(["sleep", "0.1"], check=True)
            waiting.kill()
            waiting.wait()
