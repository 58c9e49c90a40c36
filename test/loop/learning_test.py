"""The learning loop as a person sees it: a real backbone, real trees, every step through the CLI and SQL."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.backbone import SINGULARITY, Backbone, wait_until  # noqa: E402

RETRY = '''
import time

def fetch_{name}(client, url):
    delay = 0.1
    for attempt in range(5):
        try:
            return client.get(url)
        except ConnectionError:
            if attempt == 4:
                raise
            time.sleep(delay)
            delay *= 2
'''

MEMO = '''
_known = {}

def resolve(name):
    if name in _known:
        return _known[name]
    address = ask_the_server(name)
    _known[name] = address
    return address
'''


class LearningLoop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.backbone = Backbone().__enter__()
        cls.addClassCleanup(cls.backbone.__exit__, None, None, None)

    def setUp(self):
        self.tree = pathlib.Path(tempfile.mkdtemp(prefix="singularity-tree."))
        self.addCleanup(shutil.rmtree, self.tree, ignore_errors=True)

    def write(self, path, content):
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content)
        return file

    def write_retries(self, count):
        for i in range(count):
            self.write(f"net/client_{i}.py", RETRY.format(name=f"{i}_{''.join(filter(str.isalnum, self.tree.name))}"))

    def learn(self, path=None):
        return self.backbone.json("learn", path or self.tree)

    def retry_pattern(self, report):
        return next(p for p in report["patterns"] if p["name"].startswith("retry-with-backoff/"))

    def test_a_pattern_in_enough_files_is_approved_and_comes_back_by_replication(self):
        self.write_retries(4)
        report = self.learn()
        pattern = self.retry_pattern(report)
        self.assertEqual(pattern["verdict"], "approved")
        self.assertTrue(report["in_replica"])
        name = pattern["name"]
        replica = self.backbone.sql("singularity", f"select confidence from approved_patterns where name = '{name}'")
        hub = self.backbone.sql("centralcloud", f"select confidence from approved_patterns where name = '{name}'")
        self.assertEqual(replica, hub)
        self.assertEqual(len(replica), 1)

    def test_what_was_learned_is_told_to_centralcloud_once(self):
        self.write_retries(3)
        report = self.learn()
        of_tree = f"from instance_updates where insights -> 0 ->> 'tree' = '{report['tree']}'"
        told = wait_until(lambda: self.backbone.sql("centralcloud", f"select row_to_json(u) from (select * {of_tree}) u"),
                          60, "the update is there", self.backbone.evidence)
        self.assertEqual(self.learn()["analysed"], 0)
        self.assertEqual(self.backbone.sql("centralcloud", f"select count(*) {of_tree}"), ["1"])
        update = json.loads(told[0])
        self.assertEqual((update["instance_id"], update["event_type"]), ("singularity", "knowledge_update"))
        self.assertEqual([pattern["name"] for pattern in update["patterns"]],
                         [pattern["name"] for pattern in report["patterns"]])
        self.assertEqual(update["insights"][0]["files_analysed"], 3)
        logged = self.backbone.sql("centralcloud", "select operation, entity from sync_log"
                                                   f" where detail ->> 'request_id' = '{update['request_id']}'")
        self.assertEqual(logged, ["instance_update|knowledge_update"])

    def test_a_pattern_in_few_files_waits_and_says_why(self):
        self.write("one.py", MEMO)
        report = self.learn()
        waiting = [p for p in report["patterns"] if p["verdict"] == "waiting"]
        for pattern in waiting:
            self.assertIn("0.85", pattern["reason"])
        self.assertTrue(waiting)

    def test_learning_the_same_tree_again_changes_nothing(self):
        self.write_retries(3)
        self.learn()
        sent_before = self.backbone.sql("singularity", "select count(*) from learning_sync_log")
        again = self.learn()
        self.assertEqual((again["analysed"], again["changed_patterns"]), (0, 0))
        self.assertEqual(self.backbone.sql("singularity", "select count(*) from learning_sync_log"), sent_before)

    def test_a_removed_file_takes_its_evidence_away(self):
        self.write_retries(4)
        before = self.retry_pattern(self.learn())
        (self.tree / "net/client_0.py").unlink()
        after = self.retry_pattern(self.learn())
        self.assertEqual(after["files"], before["files"] - 1)

    def test_what_is_no_source_is_skipped_with_its_reason(self):
        self.write_retries(3)
        self.write("binary.py", b"x = 1\0\0\0")
        self.write("latin.py", "x = 'ä'".encode("latin-1"))
        self.write("broken.py", "def f(:\n    return (\n")
        with open(self.tree / "huge.py", "wb") as huge:
            huge.truncate(100 * 1024 * 1024)
        os.symlink(self.tree, self.tree / "loop")
        os.mkfifo(self.tree / "pipe.py")
        self.write("node_modules/x.py", "x = 1")
        report = self.learn()
        skipped = {skip["reason"]: skip for skip in report["skipped"]}
        paths = [path for skip in report["skipped"] for path in skip["first_paths"]]
        for path in ("binary.py", "latin.py", "huge.py", "loop", "pipe.py", "node_modules"):
            self.assertTrue(any(p.startswith(path) for p in paths), f"{path} in {skipped}")
        self.assertEqual(skipped["in part, for syntax errors"]["first_paths"], ["broken.py"])
        self.assertTrue(report["in_replica"])

    def test_paths_that_cannot_be_learned_get_one_sentence(self):
        for path, code in ((self.tree / "nowhere", 4), (self.tree, 2)):
            done = self.backbone.run("learn", path, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(str(path), done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to be somebody else")
    def test_somebody_elses_backbone_is_refused_rather_than_called_stopped(self):
        self.tree.chmod(0o755)
        program = shutil.copy(SINGULARITY, self.tree / "singularity")
        other = subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--",
                                program, "patterns", "list"], env=self.backbone.environment, cwd="/",
                               capture_output=True, text=True)
        self.assertEqual(other.returncode, 5, other.stderr)
        self.assertIn("closed to you", other.stderr)

    def test_what_is_typed_wrongly_is_told_in_one_sentence_with_exit_code_2(self):
        for arguments, sentence in ((("frobnicate",), 'there is no command "frobnicate"'),
                                    (("queue", "frobnicate"), 'there is no command "frobnicate"'),
                                    (("status", "--frobnicate"), "--frobnicate"),
                                    (("queue", "read", "job_requests", "--limit", "0"), "from 1 to"),
                                    (("queue", "send", "job_requests", "{}", "--delay", "soon"), "from 0 to"),
                                    (("learn", ""), "a path is needed")):
            done = self.backbone.run(*arguments, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(sentence, done.stderr)
            self.assertTrue(done.stderr.startswith("singularity: "), done.stderr)

    def test_a_message_that_violates_its_schema_goes_to_the_dead_with_its_reason(self):
        self.backbone.run("queue", "send", "pattern_discoveries_published", json.dumps({"name": "x", "revision": "y"}))
        reason = wait_until(
            lambda: self.backbone.sql("shared_queue", "select reason from queue.dead_letters where message ->> 'name' = 'x'"),
            20, "the dead message")
        self.assertIn("revision", reason[0])
        left = self.backbone.sql("shared_queue", "select count(*) from pgmq.q_pattern_discoveries_published")
        self.assertEqual(left, ["0"])

    def test_the_database_learns_by_itself_on_its_schedule(self):
        jobs = self.backbone.sql("singularity", "select * from api.jobs", operator=True)
        self.assertTrue(any("*/5" in job for job in jobs), jobs)

    def test_patterns_can_be_listed_shown_and_searched(self):
        self.write_retries(4)
        name = self.retry_pattern(self.learn())["name"]
        self.assertIn(name, [row["name"] for row in self.backbone.json("patterns", "list")])
        shown = self.backbone.json("patterns", "show", name)[0]
        self.assertTrue(shown["description"] and shown["example"]["code"] and shown["evidence"][0]["start_line"])
        found = [row["name"] for row in self.backbone.json("patterns", "search", "retry", "with", "backoff")]
        self.assertIn(name, found)
        self.assertEqual(self.backbone.run("patterns", "show", "no-such", check=False).returncode, 4)

    def test_a_search_that_finds_nothing_says_so(self):
        done = self.backbone.run("patterns", "search", "xylophone", "zeppelin")
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr, 'no approved pattern speaks of "xylophone zeppelin"\n')
        self.assertEqual(self.backbone.json("patterns", "search", "xylophone"), [])

    def test_nobody_but_apply_writes_the_replica(self):
        for operator in (False, True):
            done = self.backbone.sql("singularity", "delete from central.approved_patterns", check=False,
                                     operator=operator)
            self.assertNotEqual(done.returncode, 0, done.args)

    def test_a_replica_that_lost_its_slot_is_copied_anew(self):
        self.write_retries(4)
        self.learn()
        at_hub = self.backbone.approved("centralcloud")
        self.assertTrue(at_hub)
        self.backbone.sql("singularity", "alter subscription patterns_sub disable", operator=True)
        wait_until(lambda: self.backbone.sql("centralcloud", "select count(*) from pg_replication_slots where active "
                                             "and slot_name = 'patterns_sub'", operator=True) == ["0"], 30, "idle slot")
        self.backbone.sql("centralcloud", "select pg_drop_replication_slot('patterns_sub')", operator=True)
        self.assertEqual(self.backbone.json("replication", "status", check=False)["status"], "down")
        self.assertTrue(self.backbone.json("replication", "resync", "patterns_sub")["copied"])
        self.assertEqual(self.backbone.approved(), at_hub)
        wait_until(lambda: self.backbone.json("replication", "status", check=False)["status"] == "healthy", 30, "healthy",
                   self.backbone.evidence)
        unknown = self.backbone.run("replication", "resync", "no_such_sub", check=False)
        self.assertEqual(unknown.returncode, 4)
        self.assertIn("patterns_sub, job_stats_sub, metrics_sub", unknown.stderr)

    def test_the_faces_answer(self):
        address = self.backbone.status()["http"]
        for path, needle in (("/healthz", "ok"), ("/metrics", "singularity_queue_messages"), ("/", "Singularity")):
            with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as answer:
                self.assertIn(needle, answer.read().decode())
        wait_until(lambda: urllib.request.urlopen(f"http://{address}/readyz", timeout=10).status == 200, 10, "ready")

    def test_a_stopped_hub_delays_patterns_and_loses_none(self):
        self.write_retries(5)
        self.backbone.sql("admin", "select pg_terminate_backend(pid) from pg_stat_activity "
                                   "where backend_type in ('walsender', 'logical replication apply worker')")
        self.assertTrue(self.learn()["in_replica"])
        wait_until(lambda: self.backbone.json("replication", "status", check=False).get("status") == "healthy", 30,
                   "replication healthy again", self.backbone.evidence)


if __name__ == "__main__":
    unittest.main(verbosity=2)
