"""Learning from runs, whole loop: messages on the bus, windows, replicas, insights, and what people see of them."""
import datetime
import hashlib
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.backbone import Backbone, wait_until  # noqa: E402

LATENESS = "interval '10 years'"  # nothing is published but what a test says is over
CODE = hashlib.sha256(b"code").hexdigest()


class LearningFromRuns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.backbone = Backbone().__enter__()
        cls.addClassCleanup(cls.backbone.__exit__, None, None, None)
        cls.count = 0

    def setUp(self):
        self.hub(f"update statistics_state set lateness = {LATENESS}, closed_until = null")
        self.hub("delete from central.execution_metrics; delete from central.job_statistics")
        self.start = int(self.hub("select extract(epoch from date_bin('5 minutes', now() - interval '1 hour', "
                              "'2000-01-01 00:00Z'))::bigint")[0])

    def hub(self, statement):
        return self.backbone.sql("centralcloud", statement)

    def genesis(self, statement):
        return self.backbone.sql("genesis", statement)

    def message(self, window, milliseconds, **fields):
        """A job of the window with that number."""
        type(self).count += 1
        recorded = datetime.datetime.fromtimestamp(self.start + 300 * window + 1, datetime.UTC).isoformat()
        return {"request_id": f"job-{self.count}", "instance_id": "singularity", "language": "python",
                "status": "completed", "verdict": "ok", "kind": "run", "execution_time_ms": milliseconds,
                "cpu_time_ms": milliseconds // 2, "memory_used_mb": 30, "limit_wall_ms": 10000, "limit_cpu_ms": 5000,
                "limit_memory_mb": 256, "code_sha256": CODE, "input_sha256": CODE, "recorded_at": recorded, **fields}

    def send(self, messages):
        bodies = ", ".join(f"'{json.dumps(message)}'" for message in messages)
        self.backbone.sql("shared_queue", f"select pgmq.send_batch('performance_stats_published', array[{bodies}]::jsonb[])")

    def stored(self, rows):
        wait_until(lambda: self.hub("select count(*) from central.job_statistics") == [str(rows)], 30, f"{rows} rows",
                   self.backbone.evidence)

    def publish(self, window):
        """As it will be when that window is over."""
        return self.hub(f"select publish_execution_metrics(to_timestamp({self.start} + 300 * ({window} + 1)) + {LATENESS})")

    def test_jobs_that_became_slow_are_told_to_whoever_asks(self):
        messages = [self.message(0, 100 + i) for i in range(60)] + [self.message(1, 300 + i) for i in range(60)]
        messages[7].update(verdict="runtime_error", status="failed")
        self.send(messages + messages[:20] + [self.message(0, -1), self.message(0, 1, job_id="x" * 300)])
        self.stored(120)
        self.assertEqual(self.publish(1), ["2"])
        wait_until(lambda: self.backbone.json("job", "insights", "--kind", "latency_regression") != [], 30,
                   "an insight at Genesis", self.backbone.evidence)
        insight = self.backbone.json("job", "insights", "--kind", "latency_regression")[0]
        self.assertEqual((insight["language"], insight["instance_id"], insight["samples"]), ("python", "singularity", 120))
        self.assertAlmostEqual(insight["effect"], 2.6, delta=0.2)
        self.assertEqual(insight["evidence"]["now"]["ended"], 60)
        flaky = self.backbone.json("job", "insights", "--kind", "flaky_job")[0]
        self.assertEqual(flaky["evidence"]["verdicts"]["runtime_error"]["runs"], 1)
        self.assertIn("python jobs of singularity took 2.", self.backbone.run("job", "insights").stdout)
        limits = {row["limit_name"]: row["suggested"] for row in self.backbone.json("job", "insights", "--limits", "python")}
        self.assertEqual(limits, {"cpu_ms": 300, "memory_mb": 48, "wall_ms": 600})
        self.assertEqual(self.genesis(f"select suggested from suggested_limits('python', '{CODE}') where limit_name = 'wall_ms'"),
                         ["600"])
        dead = self.backbone.sql("shared_queue", "select count(*) from queue.dead_letters "
                                                 "where queue_name = 'performance_stats_published'", operator=True)
        self.assertEqual(dead, ["2"])

    def test_what_comes_late_is_counted_beside_its_window(self):
        self.send([self.message(3, 50) for _ in range(5)])
        self.stored(5)
        self.assertEqual(self.publish(3), ["1"])
        late = self.message(3, 60)
        self.send([late, late])
        self.stored(6)
        self.assertEqual(self.publish(4), ["0"])
        for database in ("centralcloud", "genesis"):
            wait_until(lambda: self.backbone.sql(database, "select late_rows from api.execution_metrics "
                                                           f"where period_start = to_timestamp({self.start} + 900)") == ["1"],
                       30, f"the late row in {database}", self.backbone.evidence)

    def test_the_service_publishes_by_itself_what_is_over(self):
        self.send([self.message(5, 50)])
        self.stored(1)
        self.hub("update statistics_state set lateness = interval '60 seconds'")
        wait_until(lambda: self.hub("select jobs_completed from central.execution_metrics") == ["1"], 60, "a window",
                   self.backbone.evidence)

    def test_the_service_draws_insights_by_itself(self):
        self.backbone.sql("singularity", "select cron.alter_job(jobid, active => false) from cron.job "
                                         "where jobname like 'refresh insights%'", operator=True)
        self.send([self.message(7, 10 + i % 3) for i in range(60)] + [self.message(8, 90 + i % 3) for i in range(60)])
        self.stored(120)
        self.assertEqual(self.publish(8), ["2"])
        found = ("select effect > 5 from insights where kind = 'latency_regression' "
                 f"and window_start = to_timestamp({self.start} + 300 * 8)")
        wait_until(lambda: self.genesis(found) == ["t"], 60, "an insight", self.backbone.evidence)


if __name__ == "__main__":
    unittest.main(verbosity=2)
