#!/usr/bin/env python3
"""What dies comes back: kill -9 of each part, and parts that do not behave."""
import os
import shutil
import signal
import socket
import unittest

from trial import SERVICES, Trial, kill_hard, wait_until


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.trial = cls.enterClassContext(Trial())

    def tearDown(self):
        self.trial.reset()

    def test_a_killed_postmaster_is_restarted_and_nothing_committed_is_lost(self):
        trial = self.trial.start()
        trial.keep_a_row()
        killed = trial.pid("postgresql")
        kill_hard(killed)
        trial.wait_for_another("postgresql", killed)
        self.assertTrue(trial.has_kept_the_row())
        trial.wait_for_state("healthy")

    def test_a_killed_backend_does_not_end_the_server(self):
        trial = self.trial.start()
        server = trial.pid("postgresql")
        backend = trial.sql("select pid from pg_stat_activity where application_name = 'supervisor'")
        kill_hard(backend)
        wait_until(lambda: "part.unwell" in trial.log("supervisor"), 30, "the supervisor noticed")
        trial.wait_for_state("healthy")
        self.assertEqual(trial.pid("postgresql"), server)
        self.assertEqual(trial.sql("select 1"), "1")

    def test_each_killed_service_is_restarted_and_the_others_go_on(self):
        trial = self.trial.start()
        before = {name: trial.pid(name) for name in SERVICES}
        for name in SERVICES:
            kill_hard(before[name])
            trial.wait_for_another(name, before[name])
        trial.wait_for_state("healthy")
        self.assertNotIn(None, [trial.pid(name) for name in SERVICES])

    def test_a_service_that_crashes_again_and_again_is_given_up_loudly(self):
        trial = self.trial
        trial.behave("genesis", "crash")
        up = trial.run("up", "--detach")
        self.assertEqual(up.returncode, 1)
        self.assertIn("genesis is failed", up.stderr)
        self.assertIn("told to", up.stderr)
        self.assertIn("singularity down", up.stderr)
        self.assertEqual(trial.status()["state"], "degraded")
        self.assertIn("service.failed reason=told to", trial.part("genesis")["detail"])
        self.assertEqual(trial.part("nexus")["state"], "healthy")

    def test_a_degraded_service_shows_and_says_why(self):
        trial = self.trial.start()
        trial.behave("nexus", "degraded")
        kill_hard(trial.pid("nexus"))
        trial.wait_for_part("nexus", "degraded")
        self.assertEqual(trial.part("nexus")["detail"], "told to")
        self.assertEqual(trial.status()["state"], "degraded")

    def test_a_service_that_does_not_stop_is_killed(self):
        trial = self.trial
        trial.behave("singularity", "deaf")
        trial.start()
        trial.must("down")
        self.assertEqual(trial.leftovers(), [])

    def test_a_message_from_a_stranger_changes_nothing(self):
        trial = self.trial.start()
        notify = os.path.realpath(trial.home / "state/sockets") + "/notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"X_SINGULARITY_STATE=degraded\nSTATUS=forged", notify)
        kill_hard(trial.pid("nexus"))  # an event that comes after the message
        wait_until(lambda: "part.crashed" in trial.log("supervisor"), 30, "the supervisor noticed")
        trial.wait_for_state("healthy")
        self.assertNotIn("forged", trial.log("supervisor"))

    def test_a_killed_supervisor_takes_everything_along_and_the_next_up_works(self):
        trial = self.trial.start()
        trial.keep_a_row()
        kill_hard(trial.status()["supervisor_pid"])
        trial.must("up", "--detach")
        self.assertTrue(trial.has_kept_the_row())
        self.assertEqual(len({trial.pid(name) for name in SERVICES}), 4)

    def test_the_next_up_waits_for_no_service_of_a_killed_supervisor(self):
        trial = self.trial
        trial.behave("genesis", "deaf")  # it would keep its line to the old sandbox
        before = trial.start().part("sandbox")["state"]
        deaf = trial.pid("genesis")
        (trial.home / "state/behaviour.genesis").unlink()
        kill_hard(trial.status()["supervisor_pid"])
        trial.start()
        self.assertEqual(trial.part("sandbox")["state"], before)
        self.assertNotIn(deaf, trial.processes())

    def test_down_after_a_killed_supervisor_leaves_nothing(self):
        trial = self.trial.start()
        objects = trial.kernel_objects()
        kill_hard(trial.status()["supervisor_pid"])
        trial.must("down")
        self.assertEqual(trial.leftovers(objects), [])

    def test_down_after_everything_was_killed_leaves_nothing(self):
        trial = self.trial.start()
        objects = trial.kernel_objects()
        status = trial.status()
        kill_hard(status["supervisor_pid"])
        for part in status["services"]:
            kill_hard(part["pid"])
        self.assertNotEqual(trial.leftovers(objects), [])
        trial.must("down")
        self.assertEqual(trial.leftovers(objects), [])
        self.assertEqual(trial.run("status").returncode, 3)

    def test_down_after_the_machine_was_restarted_leaves_nothing(self):
        trial = self.trial.start()
        sockets = os.path.realpath(trial.home / "state/sockets")
        status = trial.status()
        kill_hard(status["supervisor_pid"])
        for part in status["services"]:
            kill_hard(part["pid"])
        wait_until(lambda: not trial.processes(), 30, "the end of every process")
        if sockets != str(trial.home):
            shutil.rmtree(sockets)
        trial.must("down")
        self.assertEqual(trial.leftovers(), [])

    def test_up_after_everything_was_killed_recovers(self):
        trial = self.trial.start()
        trial.keep_a_row()
        status = trial.status()
        os.kill(status["supervisor_pid"], signal.SIGKILL)
        for part in status["services"]:
            kill_hard(part["pid"])
        trial.must("up", "--detach")
        self.assertTrue(trial.has_kept_the_row())


if __name__ == "__main__":
    unittest.main()
