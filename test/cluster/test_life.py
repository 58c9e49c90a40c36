#!/usr/bin/env python3
"""A backbone's ordinary life: up, status, url, down, in the foreground and in the background."""
import json
import os
import pathlib
import signal
import stat
import subprocess
import unittest

from trial import SERVICES, Trial, wait_until


class FirstLife(unittest.TestCase):
    """In a home that is not there yet."""

    def setUp(self):
        self.trial = self.enterContext(Trial(initialised=False))

    def mode(self, path):
        return stat.S_IMODE(os.stat(self.trial.home / path).st_mode)

    def test_up_makes_a_closed_and_durable_cluster(self):
        trial = self.trial.start()
        self.assertEqual([self.mode(path) for path in ("keys", "pg", "log")], [0o700, 0o700, 0o700])
        settings = "fsync full_page_writes synchronous_commit data_checksums listen_addresses wal_level".split()
        self.assertEqual([trial.sql(f"show {name}") for name in settings], ["on", "on", "on", "on", "", "logical"])
        self.assertEqual(trial.sql("select count(*) from pg_hba_file_rules where type <> 'local' or error is not null"),
                         "0")
        self.assertEqual(trial.sql("select count(*) from pg_file_settings where error is not null"), "0")

    def test_down_where_there_is_no_home_does_nothing(self):
        self.assertIn("nothing was running", self.trial.must("down"))
        self.assertEqual(self.trial.run("status").returncode, 3)
        self.assertFalse(self.trial.home.exists())

    def test_up_in_the_foreground_logs_and_ends_with_an_interrupt(self):
        trial = self.trial
        with subprocess.Popen(trial.command("up"), env=trial.environment, cwd="/", stderr=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, text=True) as up:
            wait_until(lambda: (trial.home / "state/status.json").exists() and trial.status()["state"] == "healthy",
                       60, "healthy")
            up.send_signal(signal.SIGINT)
            _, log = up.communicate(timeout=60)
        self.assertEqual(up.returncode, 0)
        phases = [json.loads(line)["phase"] for line in log.splitlines() if '"up.phase"' in line]
        self.assertEqual(phases, ["initdb", "files", "postgresql", "databases", "services"])
        self.assertEqual(trial.leftovers(), [])

    def test_an_interrupt_while_the_cluster_is_made_lets_it_be_completed(self):
        trial = self.trial
        with subprocess.Popen(trial.command("up"), env=trial.environment, cwd="/", stderr=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL) as up:
            wait_until(lambda: (trial.home / "pg.new").exists() or (trial.home / "pg").exists(), 60, "initdb")
            up.send_signal(signal.SIGTERM)
            up.wait(timeout=60)
        self.assertEqual(up.returncode, 0)
        self.assertFalse((trial.home / "pg.new").exists())
        self.assertEqual(trial.leftovers(), [])
        self.assertEqual(trial.run("status").returncode, 3)


class Life(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.trial = cls.enterClassContext(Trial())

    def tearDown(self):
        self.trial.reset()

    def test_status_tells_every_part_and_where_the_console_is(self):
        status = self.trial.start().status()
        self.assertEqual(status["state"], "healthy")
        self.assertEqual([part["name"] for part in status["services"]], ["postgresql", *SERVICES, "sandbox"])
        # What the sandbox may do depends on the machine.
        self.assertEqual({part["state"] for part in status["services"][:-1]}, {"healthy"})
        self.assertEqual(status["postmaster_pid"], status["services"][0]["pid"])
        self.assertEqual(status["http"], "127.0.0.1:40123")  # what nexus said, not what it was told
        self.assertEqual(status["data_directory"], str(self.trial.home / "pg"))

    def test_services_read_the_file_that_up_was_told_to(self):
        path = self.trial.home.parent / "other.toml"
        path.write_text("")
        self.trial.must("up", "--detach", "--config", str(path))
        pids = [part["pid"] for part in self.trial.status()["services"] if part["name"] in SERVICES]
        for command in [pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in pids]:
            self.assertEqual(command[command.index("--config") + 1], str(path))

    def test_the_sandbox_keeps_its_log_with_the_others(self):
        trial = self.trial.start()
        log = trial.home / "log/sandbox.log"
        wait_until(lambda: '"service":"sandbox"' in log.read_text(), 30, "the sandbox has said something")
        self.assertEqual((log.owner(), log.stat().st_mode & 0o777), (trial.home.owner(), 0o600))

    def test_down_ends_everything_and_can_be_said_twice(self):
        trial = self.trial.start()
        objects = trial.kernel_objects()
        self.assertIn("stopped", trial.must("down"))
        self.assertEqual(trial.leftovers(objects), [])
        stopped = trial.run("status", "--json")
        self.assertEqual(stopped.returncode, 3)
        self.assertEqual(json.loads(stopped.stdout)["state"], "stopped")
        self.assertIn("nothing was running", trial.must("down"))

    def test_a_second_up_is_refused_and_names_the_first(self):
        trial = self.trial.start()
        first = trial.status()["supervisor_pid"]
        for arguments in (["up", "--detach"], ["up"]):
            second = trial.run(*arguments)
            self.assertEqual(second.returncode, 5)
            self.assertIn(f"already runs on {trial.home} (pid {first})", second.stderr)
        self.assertEqual(trial.status()["supervisor_pid"], first)
        self.assertEqual(trial.status()["state"], "healthy")

    def test_url_needs_no_server_and_knows_the_names(self):
        trial = self.trial
        self.assertRegex(trial.must("url", "admin"), "^postgresql://postgres@/postgres[?]host=/")
        self.assertRegex(trial.must("url", "shared_queue"), "^postgresql://centralcloud@/shared_queue[?]host=/.*passfile=")
        unknown = trial.run("url", "nope")
        self.assertEqual(unknown.returncode, 4)
        self.assertIn("shared_queue, ", unknown.stderr)

    def test_the_operators_own_settings_win_and_stay(self):
        trial = self.trial.start()
        trial.must("down")
        with open(trial.home / "operator.conf", "a") as file:
            file.write("work_mem = '3MB'\n")
        with open(trial.home / "pg/singularity.conf", "a") as file:
            file.write("work_mem = '5MB'\n")
        trial.start()
        self.assertEqual(trial.sql("show work_mem"), "3MB")
        self.assertNotIn("5MB", (trial.home / "pg/singularity.conf").read_text())

    def test_a_home_that_was_moved_works_on(self):
        trial = self.trial.start()
        trial.keep_a_row()
        trial.must("down")
        trial.home = trial.home.rename(trial.folder / "moved")
        trial.environment["SINGULARITY_HOME"] = str(trial.home)
        trial.start()
        self.assertTrue(trial.has_kept_the_row())

    def test_what_a_killed_initdb_left_is_replaced(self):
        trial = self.trial
        trial.start()
        trial.must("down")
        (trial.home / "pg").rename(trial.home / "pg.new")
        (trial.home / "pg.new/PG_VERSION").unlink()
        trial.start()
        self.assertFalse((trial.home / "pg.new").exists())


if __name__ == "__main__":
    unittest.main()
