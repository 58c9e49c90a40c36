"""Jobs on a full disk, and where control groups can't be used. With mounts that nobody else sees: it needs root."""
import pathlib
import random
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from answered_once import answered, problems_of, revive, send  # noqa: E402
from http_jobs import HttpJobs  # noqa: E402
from support.backbone import Backbone, wait_until  # noqa: E402
from support.small_disk import SmallDisk, unshare  # noqa: E402

SKIPPED = 77
JOBS = 60
CGROUPS = pathlib.Path("/sys/fs/cgroup")
WRITE_MUCH = "create table much as select repeat(i::text, 1000) from generate_series(1, 1000) i"


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


class FullDisk(HttpJobs):
    def setUp(self):
        self.backbone = Backbone()
        self.backbone.home.mkdir()
        self.disk = SmallDisk(self.backbone.home)
        self.addCleanup(self.disk.remove)
        self.enterContext(self.backbone)

    def has_no_room(self):
        """Fills it again: what was deleted meanwhile made room."""
        self.disk.fill()
        logs = "".join(log.read_text(errors="replace") for log in self.backbone.home.glob("log/*"))
        return "No space left on device" in logs and \
            self.backbone.sql("genesis", WRITE_MUCH, check=False).returncode != 0

    def test_each_job_has_one_answer_and_the_service_goes_on_when_there_is_room(self):
        self.backbone.sql("singularity", "".join(send(range(JOBS), random.Random(7))) + "select 1")
        wait_until(lambda: answered(self.backbone) > 0, 60, "the first answer", self.backbone.evidence)
        self.assertLess(answered(self.backbone), JOBS)
        wait_until(self.has_no_room, 60, "a full disk", self.backbone.evidence)
        self.disk.empty()
        wait_until(lambda: revive(self.backbone) or answered(self.backbone) >= JOBS, 120, "every job is answered",
                   self.backbone.evidence)
        self.assertEqual(problems_of(self.backbone, JOBS), {})
        wait_until(self.backbone.healthy, 60, "health", self.backbone.evidence)
        self.assertEqual(self.end_of(self.send(code="print(1)"))["verdict"], "ok")

    def test_a_full_workspace_is_the_jobs_own_matter(self):
        code = "head -c 100M /dev/zero > large; echo $?; rm large; echo room > small; cat small"
        end = self.end_of(self.send(language="bash", code=code, limits={"workspace_mb": 8, "file_mb": 200}))
        self.assertEqual(end["verdict"], "ok", end)
        result = self.backbone.json("job", "show", end["request_id"])["result"]
        self.assertEqual(result["stdout"], "1\nroom\n")
        self.assertIn("No space left on device", result["stderr"])
        end = self.end_of(self.send(language="c", code="int main(void) { return 0; }",
                                    files=[{"path": "fill", "content": "x" * 500_000}], limits={"workspace_mb": 1}))
        self.assertIn(end["verdict"], ("compile_error", "ok"))


class WithoutControlGroups(HttpJobs):
    def take_away(self, *places):
        """Empty folders in their place."""
        for place in places:
            mount("-t", "tmpfs", "tmpfs", place)
            self.addCleanup(subprocess.run, ["umount", "-l", place], check=True)

    def make_read_only(self):
        places = [line.split()[1] for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()
                  if line.split()[2] in ("cgroup", "cgroup2")]
        for place in places:
            mount("-o", "remount,bind,ro", place)
            self.addCleanup(mount, "-o", "remount,bind,rw", place)

    def start(self, settings=""):
        self.backbone = Backbone()
        self.backbone.home.mkdir()
        (self.backbone.home / "singularity.toml").write_text(settings)
        self.enterContext(self.backbone)

    def assert_jobs_run_in(self, tier):
        for code in ("print(6 * 7)", "raise SystemExit(3)", "while True: pass"):
            end = self.end_of(self.send(code=code, limits={"cpu_ms": 300}))
            self.assertEqual(end["result"]["isolation_tier"], tier, end)
        self.assertEqual(end["verdict"], "cpu_timeout")

    def refused(self):
        sandbox = next(each for each in self.backbone.status()["services"] if each["name"] == "sandbox")
        return "sandbox.allow_without_cgroups" in sandbox.get("detail", "")

    def test_read_only_groups_are_as_good_as_none(self):
        self.make_read_only()
        self.start("[sandbox]\nallow_without_cgroups = true\n")
        self.assert_jobs_run_in("rlimits")

    def test_without_groups_nothing_is_run_until_that_is_allowed(self):
        self.take_away(CGROUPS)
        self.start()
        request_id = self.send(code="print(6 * 7)")
        wait_until(lambda: self.state_of(request_id) == ["running"], 60, "it waits", self.backbone.evidence)
        self.assertIn("sandbox.allow_without_cgroups", str(self.backbone.status()))
        self.assertIn("sandbox.allow_without_cgroups", self.backbone.run("doctor", check=False).stdout)
        self.assertEqual(self.state_of(request_id), ["running"])
        self.backbone.run("down")
        (self.backbone.home / "singularity.toml").write_text("[sandbox]\nallow_without_cgroups = true\n")
        self.backbone.up()
        self.assertEqual(self.end_of(request_id)["result"]["isolation_tier"], "rlimits")
        self.assert_jobs_run_in("rlimits")

    def test_without_the_unified_tree_the_older_one_does(self):
        places = [line.split()[1] for line in pathlib.Path("/proc/self/mounts").read_text().splitlines()
                  if line.split()[2] == "cgroup2"]
        if not (CGROUPS / "memory").exists() or not places:
            self.skipTest("this machine has not both kinds of control groups")
        self.take_away(*places)
        self.start()
        self.assert_jobs_run_in("cgroup_v1")


if __name__ == "__main__":
    if not unshare():
        print("skipped: it needs root, and the right to mount")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
