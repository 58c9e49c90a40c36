"""What happens around jobs while they run: a runtime goes away, and who watches them does not read."""
import pathlib
import shutil
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from http_jobs import HttpJobs  # noqa: E402
from support.backbone import SINGULARITY, Backbone, wait_until  # noqa: E402

TYPED = "const answer: number = 42;\nconsole.log(answer);\n"
LOUD = "import sys\nfor _ in range(15 * 16): sys.stdout.write('y' * 65535 + '\\n')"
WARM_UP = 4  # jobs after which what a job takes of memory is there to be used again
DEAF_READERS = 20
MEGABYTE = 1024  # in kilobytes


def memory_of(pid, name="VmHWM"):
    """Kilobytes; by default the most that the process ever had."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


class RuntimeThatGoes(HttpJobs):
    def setUp(self):
        prepared = pathlib.Path(SINGULARITY).resolve().parents[1] / "share/singularity/runtimes/typescript"
        if not prepared.exists():
            self.skipTest(f"{prepared} is missing: make deps prepares it")
        self.backbone = Backbone()
        self.runtime = self.backbone.folder / "runtimes/typescript"
        self.backbone.environment["SINGULARITY_RUNTIMES"] = str(self.runtime.parent)
        shutil.copytree(prepared, self.runtime, symlinks=True)
        self.enterContext(self.backbone)

    def typed(self):
        return self.send(language="typescript", code=TYPED)

    def assert_names_the_package(self, job):
        error = job["result"]["error"]
        self.assertEqual((error["code"], error["details"]["package"], error["details"]["path"]),
                         ("unsupported_language", "typescript", str(self.runtime)))

    def test_jobs_without_their_runtime_name_its_package_and_no_other_is_hindered(self):
        self.assertEqual(self.end_of(self.typed())["verdict"], "ok")
        jobs = [self.typed() for _ in range(12)]
        wait_until(lambda: self.state_of(jobs[0]) == ["done"], 60, "the first of them", self.backbone.evidence)
        self.runtime.rename(self.runtime.with_name("away"))
        after = self.typed()
        ends = [self.end_of(request_id) for request_id in jobs]
        self.assertLessEqual({end["verdict"] for end in ends}, {"ok", "unsupported_language"}, ends)
        for end in [self.end_of(after), *ends]:
            if end["verdict"] != "ok":
                self.assert_names_the_package(end)
        self.assertEqual(self.end_of(after)["verdict"], "unsupported_language")
        self.assertEqual(self.end_of(self.send(code="print(1)"))["verdict"], "ok")
        self.runtime.with_name("away").rename(self.runtime)
        self.assertEqual(self.end_of(self.typed())["verdict"], "ok")
        self.assertTrue(self.backbone.healthy(), self.backbone.evidence())


class DeafReaders(HttpJobs):
    def setUp(self):
        self.backbone = self.enterContext(Backbone())

    def deaf_reader_of(self, request_id):
        host, port = self.backbone.status()["http"].rsplit(":", 1)
        reader = socket.socket()
        self.addCleanup(reader.close)
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect((host, int(port)))
        reader.sendall(f"GET /api/v1/jobs/{request_id}/stream HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return reader

    def run_loud_job(self, readers):
        """The code waits until it is watched."""
        request_id = self.send(code="import time\nprint(flush=True)\ntime.sleep(1)\n" + LOUD, limits={"output_kb": 16384})
        watching = [self.deaf_reader_of(request_id) for _ in range(readers)]
        for reader in watching:
            self.assertTrue(reader.recv(1, socket.MSG_PEEK))
        wait_until(lambda: self.state_of(request_id) == ["done"], 60, "its end", self.backbone.evidence)
        return request_id, watching

    def test_who_never_reads_holds_no_job_up_and_costs_no_memory(self):
        for _ in range(WARM_UP):
            self.run_loud_job(0)
        pids = {name: self.backbone.pid_of(name) for name in ("genesis", "nexus")}
        before = {name: memory_of(pid) for name, pid in pids.items()}
        request_id, watching = self.run_loud_job(DEAF_READERS)
        self.assertEqual(self.backbone.json("job", "show", request_id)["result"]["stdout_bytes"], 1 + 15 * 16 * 65536)
        grown = {name: memory_of(pid) - before[name] for name, pid in pids.items()}
        self.assertLess(grown["genesis"], 64 * MEGABYTE)
        self.assertLess(grown["nexus"], DEAF_READERS * 6 * MEGABYTE)
        self.assertEqual(self.end_of(self.send(code="print(1)"))["verdict"], "ok")
        self.assertEqual(len(watching), DEAF_READERS)


if __name__ == "__main__":
    unittest.main(verbosity=2)
