#!/usr/bin/env python3
"""Requests and their answers as a person sends, awaits and traces them, on a whole backbone."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.backbone import Backbone, SINGULARITY, kill_hard, wait_until  # noqa: E402

REQUEST = '{"task_type": "architect", "messages": [{"role": "user", "content": "Design a cache"}]}'
RESULT = {"response": "An LRU.", "model": "m1", "tokens_used": 7, "cost_cents": None}


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.backbone = cls.enterClassContext(Backbone())
        # Nobody but this test reads requests.
        cls.backbone.run("queue", "pause", "llm_requests")

    def queue(self, *arguments):
        return self.backbone.json("queue", *arguments)

    def refused(self, code, part, *arguments, input=None):
        done = self.backbone.run("queue", *arguments, check=False, input=input)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertIn(part, done.stderr)

    def answered(self, request_id):
        return self.queue("publish", "llm_results", json.dumps({**RESULT, "request_id": request_id}))

    def metrics(self):
        with urllib.request.urlopen(f"http://{self.backbone.status()['http']}/metrics", timeout=10) as response:
            return response.read().decode()

    def test_a_request_is_completed_and_sent_once(self):
        printed = self.backbone.run("queue", "publish", "ai_requests", REQUEST, "--request-id", "once").stdout
        self.assertRegex(printed, r"^[1-9]\d* once\n$")
        again = self.queue("publish", "llm_requests", REQUEST, "--request-id", "once")
        self.assertEqual(again, {"msg_id": int(printed.split()[0]), "queue": "llm_requests", "request_id": "once"})
        body = json.loads(self.backbone.sql("shared_queue", "select message from pgmq.q_llm_requests"
                                            f" where msg_id = {again['msg_id']}")[0])
        self.assertEqual([body[key] for key in ("request_id", "instance_id", "model", "schema_version")],
                         ["once", "singularity", "auto", 1])
        self.refused(5, "with another body", "publish", "llm_requests", REQUEST.replace("cache", "queue"),
                     "--request-id", "once")

    def test_a_new_request_gets_an_id_and_may_come_from_a_file(self):
        done = self.backbone.run("queue", "publish", "llm_requests", "-", input=REQUEST)
        self.assertRegex(done.stdout, r"^\d+ [0-9A-Z]{26}\n$")

    def test_what_no_consumer_could_take_is_refused(self):
        self.refused(2, "task_type: is missing", "publish", "llm_requests", "{}")
        self.refused(2, "JSON object", "publish", "llm_requests", "[1]")
        self.refused(2, "no JSON", "publish", "llm_requests", "{")
        self.refused(2, "not \"another\"", "publish", "llm_requests", '{"request_id": "one"}', "--request-id", "another")
        self.refused(2, "question: holds a lone surrogate", "publish", "question_requests", r'{"question": "a\ud800b"}')
        self.refused(2, "nests deeper than 200", "publish", "question_requests",
                     '{"question": "a", "context": {"deep": %s}}' % ("[" * 250 + "]" * 250))
        self.refused(2, "request-id", "publish", "llm_requests", REQUEST, "--request-id", "")
        self.refused(2, "request_id: is empty", "publish", "llm_requests", REQUEST.replace("{", '{"request_id": "",', 1))
        self.refused(2, "enqueued_at: must be a time", "publish", "llm_requests",
                     REQUEST.replace("{", '{"enqueued_at": "yesterday", ', 1))
        self.refused(2, "request_id: is missing", "publish", "approval_responses", '{"approved": true}')
        self.refused(4, "no queue", "publish", "nowhere", "{}")
        self.refused(4, 'no queue "question_responses_stranger"', "publish", "question_responses",
                     '{"request_id": "r", "response": "a", "instance_id": "stranger"}')
        self.refused(4, "that messages are published to", "publish", "dead_letters", "{}")
        self.refused(2, "MESSAGE", "publish", "llm_requests")

    def test_a_message_may_nest_as_deep_as_its_contract_says(self):
        text = "[" * 190 + "]" * 190
        self.queue("publish", "question_requests", '{"question": "a", "context": {"deep": %s}}' % text,
                   "--request-id", "deep")
        self.queue("publish", "question_responses", '{"request_id": "deep", "response": "b", "deep": %s}' % text)
        self.assertEqual(self.queue("answer", "deep", "--wait", "60")["answer"]["response"], "b")

    def test_an_answer_is_awaited_or_not_there(self):
        self.refused(4, 'no answer to "awaited": nothing is known', "answer", "awaited")
        self.queue("publish", "llm_requests", REQUEST, "--request-id", "awaited")
        self.refused(4, 'no answer to "awaited" yet', "answer", "awaited", "--wait", "1")
        with subprocess.Popen([SINGULARITY, "queue", "answer", "awaited", "--wait", "60"], text=True,
                              env=self.backbone.environment, stdout=subprocess.PIPE) as waiting:
            self.answered("awaited")
            printed, _ = waiting.communicate(timeout=60)
        self.assertEqual((waiting.returncode, json.loads(printed)["response"]), (0, "An LRU."))
        again = self.queue("answer", "awaited")
        self.assertEqual((again["request_id"], again["answer"]["tokens_used"]), ("awaited", 7))

    def test_who_waits_for_what_dies_or_has_expired_is_told(self):
        msg_id = self.queue("publish", "llm_requests", REQUEST, "--request-id", "dying")["msg_id"]
        with subprocess.Popen([SINGULARITY, "queue", "answer", "dying", "--wait", "600"], text=True,
                              env=self.backbone.environment, stderr=subprocess.PIPE) as waiting:
            self.backbone.sql("shared_queue", f"select queue.bury('llm_requests', {msg_id}, null, 'no model is here')")
            _, complaint = waiting.communicate(timeout=60)
        self.assertEqual(waiting.returncode, 1)
        self.assertIn("dead letter of llm_requests", complaint)
        self.assertIn("no model is here", complaint)
        self.backbone.run("queue", "dead", "discard", "--queue", "llm_requests")
        self.answered("stale")
        self.queue("answer", "stale", "--wait", "60")
        self.backbone.sql("singularity", "update answers set expires_at = now() where request_id = 'stale'")
        self.refused(4, 'the answer to "stale" has expired', "answer", "stale", "--wait", "600")

    def test_a_trace_shows_every_hop_in_order(self):
        body = json.dumps({**json.loads(REQUEST), "request_id": "traced"})
        self.backbone.sql("singularity", f"select put_in_outbox('llm_requests', '{body}')")
        wait_until(lambda: "relayed" in self.events("traced", "outbox"), 60, "the outbox is relayed")
        self.backbone.sql("nexus", "insert into inbox (queue, request_id) values ('llm_requests', 'traced')")
        self.answered("traced")
        self.queue("answer", "traced", "--wait", "60")
        wait_until(lambda: "archived" in self.events("traced", "llm_results"), 60, "the answer is archived")
        trace = self.queue("trace", "traced")
        times = [hop["milliseconds"] for hop in trace["hops"] if hop["at"]]
        self.assertEqual((times[0], times, trace["unreachable"]), (0, sorted(times), []))
        self.assertEqual(self.events("traced", "outbox"), ["put into the outbox", "relayed"])
        self.assertEqual(self.events("traced", "llm_requests"), ["sent", "took effect", "waiting"])
        answer = self.events("traced", "llm_results")
        self.assertEqual(answer[:2], ["sent", "read"])
        self.assertEqual(set(answer[2:]), {"answer arrived", "answer taken", "archived"})
        lines = self.backbone.run("queue", "trace", "traced").stdout.splitlines()
        self.assertRegex(lines[0], r"^20\S+Z +0\.000 ms  singularity  outbox +\d+  put into the outbox: for llm_requests$")
        self.assertRegex(lines[-1], r"^ +now +shared_queue llm_requests +\d+  waiting: the queue is paused$")
        self.refused(4, "nothing is known", "trace", "never asked")

    def events(self, request_id, queue):
        return [hop["event"] for hop in self.queue("trace", request_id)["hops"] if hop["queue"] == queue]

    def test_a_trace_tells_why_a_message_died(self):
        self.queue("send", "llm_results", '{"request_id": "ill"}')
        wait_until(lambda: "died" in self.events("ill", "llm_results"), 60, "it is a dead letter")
        death = self.queue("trace", "ill")["hops"][-1]
        self.assertEqual((death["database"], death["event"]), ("shared_queue", "died"))
        self.assertIn("violates the schema", death["detail"])
        self.backbone.run("queue", "dead", "discard", "--queue", "llm_results")
        self.assertEqual(self.queue("dead", "list", "--queue", "ai_results"), [])
        over = self.queue("trace", "ill")["hops"][-1]
        self.assertEqual((over["event"], over["detail"]), ("died", death["detail"] + "; retried or discarded since"))

    def test_a_trace_tells_why_an_outboxs_message_died(self):
        for service in "genesis", "nexus":
            with self.subTest(service):
                self.dies_in_the_outbox_of(service)

    def dies_in_the_outbox_of(self, service):
        lost = f"lost in {service}"
        self.backbone.sql(service, f"select pgmq.send('outbox', '{{\"request_id\": \"{lost}\"}}')")
        wait_until(lambda: "died" in self.events(lost, "outbox"), 60, "it is a dead letter")
        alarms = lambda: [each for each in self.backbone.status()["alarms"] if each["queue"] == f"outbox of {service}"]
        self.assertEqual(wait_until(alarms, 60, "an alarm")[0]["value"], 1)
        self.assertIn(f'singularity_dead_letters{{queue="outbox of {service}"}} 1\n', self.metrics())
        self.backbone.run("queue", "dead", "discard", "--all", "--database", service)
        wait_until(lambda: not alarms(), 60, "the alarm is over")
        death = next(hop for hop in self.queue("trace", lost)["hops"] if hop["event"] == "died")
        self.assertEqual(death["database"], service)
        self.assertRegex(death["detail"], "to which queue it goes; retried or discarded since$")

    def test_status_names_what_is_paused(self):
        self.assertEqual(self.backbone.status()["paused"], ["llm_requests"])
        self.assertIn("  paused: llm_requests\n", self.backbone.run("status").stdout)

    def test_alarms_are_shown_until_they_end(self):
        self.queue("send", "job_results", '{"request_id": "alarming"}')
        alarm = wait_until(lambda: [each for each in self.backbone.status()["alarms"] if each["queue"] == "job_results"],
                           60, "an alarm")[0]
        self.assertEqual((alarm["measure"], alarm["value"], alarm["above"]), ("dead_letters", 1, 0))
        self.assertIn("job_results has dead_letters 1, above 0", self.backbone.run("status").stdout)
        self.assertRegex(self.metrics(), r'singularity_alarm{[^}]*queue="job_results"[^}]*} 1\n')
        self.backbone.run("queue", "dead", "discard", "--queue", "job_results")
        self.assertEqual([each for each in self.backbone.status()["alarms"] if each["queue"] == "job_results"], [])
        self.assertNotIn('queue="job_results",measure="dead_letters"', self.metrics())

    def test_latencies_are_a_histogram(self):
        self.answered("timed")
        self.queue("answer", "timed", "--wait", "60")
        wait_until(lambda: "archived" in self.events("timed", "llm_results"), 60, "the answer is archived")
        self.backbone.sql("shared_queue", "select public.fold_latencies()")
        metrics = self.metrics()
        buckets = [(bound, int(count)) for bound, count in re.findall(
            r'singularity_queue_latency_seconds_bucket{queue="llm_results",le="([^"]+)"} (\d+)', metrics)]
        self.assertEqual(([bound for bound, _ in buckets][-2:], len(buckets)), (["86400", "+Inf"], 22))
        counts = [count for _, count in buckets]
        self.assertEqual(counts, sorted(counts))
        self.assertIn(f'singularity_queue_latency_seconds_count{{queue="llm_results"}} {counts[-1]}\n', metrics)
        self.assertIn('singularity_queue_latency_seconds_sum{queue="llm_results"} 0.', metrics)

    def test_who_watches_or_waits_goes_on_when_the_server_is_back(self):
        asking = subprocess.Popen([SINGULARITY, "queue", "answer", "patient", "--wait", "600"], text=True,
                                  env=self.backbone.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with asking, subprocess.Popen([SINGULARITY, "queue", "watch", "--json", "--interval", "0.1"], text=True,
                              env=self.backbone.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watching:
            def next_look():
                return json.loads(watching.stdout.readline())

            self.assertIn("queues", next_look())
            status = self.backbone.status()
            os.kill(status["supervisor_pid"], signal.SIGSTOP)
            try:
                kill_hard(status["postmaster_pid"])
                while "away" not in (away := next_look()):
                    pass
                for _ in range(30):  # meanwhile who waits looks again and again
                    self.assertIn("away", next_look())
            finally:
                os.kill(status["supervisor_pid"], signal.SIGCONT)
            self.assertNotEqual(away["away"], "")
            while "queues" not in next_look():
                pass
            watching.send_signal(signal.SIGINT)
            _, complaint = watching.communicate(timeout=60)
            self.assertEqual((watching.returncode, complaint), (0, ""))
            wait_until(self.backbone.healthy, 120, "the backbone is healthy again", self.backbone.evidence)
            self.answered("patient")
            answer, complaint = asking.communicate(timeout=60)
        self.assertEqual((asking.returncode, complaint), (0, ""))
        self.assertEqual(json.loads(answer)["response"], "An LRU.")


class WithoutBackbone(unittest.TestCase):
    def test_is_told_how_to_start_it(self):
        with Backbone() as backbone:
            self.stops_with_mistyped_settings(backbone)
            for command in (("publish", "llm_requests", REQUEST), ("answer", "r"), ("trace", "r"), ("watch",),
                            ("dead", "list"), ("pause", "llm_requests")):
                done = backbone.run("queue", *command, check=False)
                self.assertEqual((done.returncode, done.stdout), (3, ""), command)
                self.assertIn("singularity up", done.stderr)
            self.assertEqual(backbone.status()["alarms"], None)

    def stops_with_mistyped_settings(self, backbone):
        settings = backbone.home / "singularity.toml"
        settings.write_text("[queues.llm_requests]\nbatch = 0\n")
        for command, code, said in ((("queue", "list"), 2, ""), (("status",), 0, "healthy"), (("down",), 0, "stopped")):
            done = backbone.run(*command, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(said, done.stdout)
            self.assertIn("singularity.toml, line 2", done.stderr)
        settings.unlink()


if __name__ == "__main__":
    unittest.main(verbosity=2)
