#!/usr/bin/env python3
"""A backbone that does not use its shared queue."""
import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.backbone import Backbone, SINGULARITY, wait_until  # noqa: E402

DISABLED = "the shared queue is disabled"


class Disabled(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.backbone = cls.enterClassContext(Backbone({"SHARED_QUEUE_ENABLED": "false"}))

    def told(self):
        return sorted(each["name"] for each in self.backbone.status()["services"] if each["detail"] == DISABLED)

    def test_is_well_and_each_service_says_so(self):
        wait_until(lambda: self.told() == ["centralcloud", "genesis", "nexus", "singularity"], 60, "all four say so",
                   lambda: json.dumps(self.backbone.status()))
        self.assertEqual(self.backbone.status()["state"], "healthy")
        self.assertEqual(self.backbone.sql("shared_queue", "select count(*) from pgmq.meta"), ["0"])

    def test_has_services_of_ones_own_that_log_under_their_names(self):
        with subprocess.Popen([pathlib.Path(SINGULARITY).with_name("answering_service")], text=True,
                              env=self.backbone.environment, stderr=subprocess.PIPE) as example:
            started = json.loads(example.stderr.readline())
            example.terminate()
            _, said = example.communicate(timeout=60)
        self.assertEqual((started["service"], started["event"], example.returncode),
                         ("answering_service", "service.starting", 0), said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
