"""A request over HTTP, on a whole backbone: unknown, waiting in the outbox, on the bus, answered, taken, expired, dead."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.backbone import Backbone, wait_until  # noqa: E402

EVENTS = {"Accept": "text/event-stream"}


def question(request_id):
    return json.dumps({"schema_version": 1, "request_id": request_id, "id": request_id, "question": "Which cache?"})


class RequestsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.backbone = cls.enterClassContext(Backbone())
        cls.pool = cls.enterClassContext(concurrent.futures.ThreadPoolExecutor())

    def get(self, target, headers=None, method="GET"):
        """The status and the whole body."""
        connection = http.client.HTTPConnection(self.backbone.status()["http"], timeout=120)
        with contextlib.closing(connection):
            connection.request(method, "/api/v1/requests/" + target, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()

    def post_job(self, **job):
        """The status, the Location and the body."""
        connection = http.client.HTTPConnection(self.backbone.status()["http"], timeout=120)
        with contextlib.closing(connection):
            text = json.dumps({"language": "bash", "code": "echo 1", **job})
            connection.request("POST", "/api/v1/jobs", text.encode("utf-8", "surrogatepass"),
                               {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.getheader("Location"), json.loads(response.read())

    def ask(self, request_id):
        self.backbone.sql("singularity", f"select put_in_outbox('question_requests', '{question(request_id)}')")

    def answer(self, request_id):
        result = json.dumps({"schema_version": 1, "request_id": request_id, "id": request_id, "response": "ok"})
        self.backbone.sql("shared_queue", f"select pgmq.send('question_responses', '{result}', "
                                          f"jsonb_build_object('x-queue-unique-key', '{request_id}'))")

    def until_on_the_bus(self, request_id):
        wait_until(lambda: self.backbone.sql("shared_queue", f"select 1 from api.request('{request_id}')"), 30,
                   f"{request_id} on the bus")

    def test_what_nobody_sent_is_not_found(self):
        self.assertEqual(self.get("never?wait=60")[0], 404)

    def test_an_id_stays_in_its_place_of_the_header_or_is_refused(self):
        self.assertEqual(self.post_job(request_id="../x y?é")[:2], (202, "/api/v1/jobs/..%2Fx%20y%3F%C3%A9"))
        for request_id in ("a\tb\r\nX-Evil: 1", "a\nb", "\x7f"):
            status, location, body = self.post_job(request_id=request_id)
            self.assertEqual((status, location), (400, None))
            self.assertEqual(body["error"]["details"], ["request_id: has control characters or is not UTF-8"])

    def test_what_is_no_text_is_refused_by_its_field(self):
        self.assertEqual(self.post_job(stdin="a\ud800")[2]["error"]["details"],
                         ["stdin: holds a lone surrogate, which is no text"])
        self.assertEqual(self.post_job(request_id="")[2]["error"]["details"],
                         ["request_id: is empty; leave it out to be given one"])

    def test_a_request_is_pending_from_its_commit_on(self):
        self.ask("pending")
        self.assertEqual(self.get("pending")[0], 202)
        self.until_on_the_bus("pending")
        self.assertEqual(self.get("pending")[0], 202)

    def test_who_waits_has_the_answer_and_later_askers_too(self):
        self.ask("asked")
        polls = [self.pool.submit(self.get, "asked?wait=120") for _ in range(3)]
        stream = self.pool.submit(self.get, "asked", EVENTS)
        self.until_on_the_bus("asked")
        self.answer("asked")
        for poll in [*polls, self.pool.submit(self.get, "asked")]:
            status, body = poll.result()
            self.assertEqual((status, json.loads(body)["answer"]["response"]), (200, "ok"))
        self.assertIn("id: question_responses\nevent: answer\n", stream.result()[1])
        self.assertEqual(self.get("asked", {**EVENTS, "Last-Event-ID": "question_responses"})[0], 204)

    def test_an_answer_is_taken_by_saying_so_and_gone_when_it_has_expired(self):
        self.ask("kept")
        self.assertEqual(self.get("kept/taken", method="PUT")[0], 409)
        self.until_on_the_bus("kept")
        self.answer("kept")
        self.assertEqual(self.get("kept?wait=120")[0], 200)
        taken = "select taken_at is not null from answers where request_id = 'kept'"
        self.assertEqual(self.backbone.sql("singularity", taken), ["f"])
        self.assertEqual(self.get("kept/taken", method="PUT"), (204, ""))
        self.assertEqual(self.backbone.sql("singularity", taken), ["t"])
        self.assertIn("taken_at", json.loads(self.get("kept")[1]))
        self.backbone.sql("singularity", "update answers set expires_at = now() where request_id = 'kept'")
        self.assertEqual(self.get("kept")[0], 410)
        self.backbone.sql("singularity", "select prune_history()")
        self.assertEqual(self.backbone.sql("singularity", taken), [])
        self.assertEqual(self.get("kept")[0], 410)

    def test_who_waits_for_what_dies_is_told_why_until_it_is_sent_back(self):
        self.ask("dying")
        self.until_on_the_bus("dying")
        poll = self.pool.submit(self.get, "dying?wait=120")
        self.backbone.sql("shared_queue", "select queue.bury('question_requests', msg_id, null, 'nobody is here') "
                                          "from pgmq.q_question_requests where message ->> 'id' = 'dying'")
        status, body = poll.result()
        told = json.loads(body)
        self.assertEqual((status, told["state"], told["queue"], told["error"]["message"]),
                         (200, "dead", "question_requests", "nobody is here"))
        self.backbone.run("queue", "dead", "retry", "--all")
        self.assertEqual(self.get("dying")[0], 202)

    def test_no_service_missed_a_queue_when_all_came_up_first(self):
        missed = [line for name in ("singularity", "genesis")
                  for line in (self.backbone.home / f"log/{name}.log").read_text().splitlines()
                  if "health.degraded" in line and "queue " in line and "does not exist" in line]
        self.assertEqual(missed, [])

    def test_a_stop_of_nexus_lets_nobody_wait_in_vain(self):
        self.ask("stopped")
        self.until_on_the_bus("stopped")
        poll = self.pool.submit(self.get, "stopped?wait=300")
        before = self.backbone.pid_of("nexus")
        # Asked for after the poll, and answered by the same process: the poll has arrived.
        self.assertEqual(self.get("stopped")[0], 202)
        os.kill(before, signal.SIGTERM)
        try:
            self.assertIn(poll.result(timeout=60)[0], (202, 503))
        except (ConnectionError, http.client.HTTPException):
            pass  # it had not been read yet
        wait_until(lambda: self.backbone.pid_of("nexus") not in (None, before) and self.backbone.healthy(), 60,
                   "nexus is back")
        self.answer("stopped")
        self.assertEqual(self.get("stopped?wait=120")[0], 200)


if __name__ == "__main__":
    unittest.main()
