"""What ends by itself after some seconds: a server that stands still, a database that nobody keeps, a full disk."""
import os
import shutil
import signal
import subprocess
import threading

from support.backbone import wait_until

CUT_FOR = """do $$ begin
    for i in 1 .. {rounds} loop
        perform pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}';
        perform pg_sleep(0.02), pg_stat_clear_snapshot();
    end loop;
end $$"""
WHOLE_SIZE = "4g"


class Outages:
    def __init__(self):
        self.threads = []

    def later(self, seconds, function, *arguments):
        self.threads.append(threading.Timer(seconds, function, arguments))
        self.threads[-1].start()

    def end(self):
        for thread in self.threads:
            thread.join()

    def freeze(self, postmaster, seconds):
        """The server and all its processes stand still; connections stay open and say nothing."""
        if not postmaster:
            return False
        children = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False)
        pids = [postmaster, *map(int, children.stdout.split())]
        self._signal(pids, signal.SIGSTOP)
        self.later(seconds, self._signal, pids, signal.SIGCONT)
        return True

    @staticmethod
    def _signal(pids, number):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def keep_out(self, backbone, database, seconds):
        """Whoever comes to the database is sent away, while the others are there."""
        statement = CUT_FOR.format(rounds=int(seconds / 0.02), database=database)
        self.later(0, lambda: backbone.sql("postgres", statement, check=False, operator=True))
        return True


class SmallDisk:
    """The home on a file system of its own, that nobody else sees and that goes with this process. Needs root."""

    @staticmethod
    def possible():
        return os.geteuid() == 0 and bool(shutil.which("unshare")) and \
            subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0

    def __init__(self, folder):
        self.folder = folder
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={WHOLE_SIZE},mode=711", "tmpfs", folder], check=True)

    def resize(self, size):
        return subprocess.run(["mount", "-o", f"remount,size={size}", self.folder], capture_output=True,
                              check=False).returncode == 0

    def fill(self):
        """No larger than what is in it now: false where more has come meanwhile."""
        room = os.statvfs(self.folder)
        return self.resize((room.f_blocks - room.f_bfree) * room.f_frsize)

    def empty(self):
        wait_until(lambda: self.resize(WHOLE_SIZE), 10, "the disk has room again")

    def remove(self):
        """With the folder that it stood in, which could not be removed below it."""
        subprocess.run(["umount", "-l", self.folder], check=False)
        shutil.rmtree(self.folder.parent, ignore_errors=True)
