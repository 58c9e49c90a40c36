"""What ends by itself after some seconds: a server that stands still, a database that nobody keeps."""
import os
import signal
import subprocess
import threading

CUT_FOR = """do $$ begin
    for i in 1 .. {rounds} loop
        perform pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}';
        perform pg_sleep(0.02), pg_stat_clear_snapshot();
    end loop;
end $$"""


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
