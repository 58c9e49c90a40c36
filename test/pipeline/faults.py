"""What happens to a pipeline while it works, by the dice. Each fault returns whether there was something to hit."""
import collections
import signal
import subprocess
import time

from outages import Outages
from support.backbone import kill_hard

SERVICES = ["singularity", "centralcloud", "genesis", "nexus"]
SESSIONS = """select pid from pg_stat_activity where backend_type = 'client backend'
              and application_name in ('pipeline_worker', 'singularity', 'centralcloud', 'genesis', 'nexus')"""
DISK_FULL_SECONDS = 10
BETWEEN_FULL_DISKS = 30


class Faults:
    def __init__(self, backbone, askers, workers, visibility, disk, dice):
        self.backbone, self.askers, self.workers, self.visibility, self.disk, self.dice = \
            backbone, askers, workers, visibility, disk, dice
        self.turns = [self.kill_asker, self.kill_worker, self.kill_worker, self.stop_worker, self.cut_sessions,
                      self.cut_sessions, self.kill_service, self.kill_postmaster, self.freeze_server,
                      self.keep_out_of_queues, self.fill_disk]
        self.counts = collections.Counter()
        self.outages = Outages()
        self.room_since = time.monotonic()

    def strike(self):
        fault = self.dice.choice(self.turns)
        if fault():
            self.counts[fault.__name__] += 1

    def kill_asker(self):
        return self._kill(self.dice.choice(self.askers))

    def kill_worker(self):
        return self._kill(self.dice.choice(self.workers))

    def _kill(self, process):
        if not process.running():
            return False
        process.signal(signal.SIGKILL)
        process.process.wait()
        process.start()
        return True

    def stop_worker(self):
        """For longer than its claims last: another one works on them when it goes on."""
        stopped = self.dice.choice(self.workers).process
        stopped.send_signal(signal.SIGSTOP)
        self.outages.later(self.visibility + self.dice.uniform(0.2, 2), stopped.send_signal, signal.SIGCONT)
        return True

    def cut_sessions(self):
        """Connections end wherever they are."""
        try:
            found = self.backbone.sql("postgres", SESSIONS, check=False, operator=True).stdout.split()
            cut = self.dice.sample(found, min(len(found), self.dice.randint(1, 5)))
            ends = ", ".join(f"pg_terminate_backend({pid})" for pid in cut)
            return bool(cut) and \
                self.backbone.sql("postgres", f"select {ends}", check=False, operator=True).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def kill_service(self):
        name = self.dice.choice(SERVICES)
        return kill_hard(self.backbone.pid_of(name))

    def kill_postmaster(self):
        return kill_hard(self.backbone.status().get("postmaster_pid"))

    def freeze_server(self):
        return self.outages.freeze(self.backbone.status().get("postmaster_pid"), self.dice.uniform(1, 5))

    def keep_out_of_queues(self):
        return self.outages.keep_out(self.backbone, "shared_queue", self.dice.uniform(1, 5))

    def fill_disk(self):
        if not self.disk or time.monotonic() < self.room_since + BETWEEN_FULL_DISKS or not self.disk.fill():
            return False
        self.room_since = time.monotonic() + DISK_FULL_SECONDS
        self.outages.later(DISK_FULL_SECONDS, self.disk.empty)
        return True

    def end(self):
        self.outages.end()

    def revive(self):
        """What a person does when the supervisor has given up after five crashes in a minute, until it helps."""
        status = self.backbone.status()
        if status["state"] in ("stopped", "failed") or any(each["state"] == "failed" for each in status["services"]):
            self.backbone.run("down", check=False)
            self.backbone.run("up", "--detach", check=False)
            self.counts["down and up again"] += 1
