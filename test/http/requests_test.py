"""A request over HTTP, on a whole backbone: unknown, waiting in the outbox, on the bus, answered."""
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


def job(request_id):
    return json.dumps({"schema_version": 1, "request_id": request_id, "id": request_id, "language": "python",
                       "code": "print(1)"})


class RequestsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.backbone = cls.enterClassContext(Backbone())
        cls.pool = cls.enterClassContext(concurrent.futures.ThreadPoolExecutor())

    def get(self, target, headers=None):
        """The status and the whole body."""
        connection = http.client.HTTPConnection(self.backbone.status()["http"], timeout=120)
        with contextlib.closing(connection):
            connection.request("GET", "/api/v1/requests/" + target, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()

    def ask(self, request_id):
        self.backbone.sql("singularity", f"select put_in_outbox('job_requests', '{job(request_id)}')")

    def answer(self, request_id):
        result = json.dumps({"schema_version": 1, "request_id": request_id, "id": request_id, "verdict": "ok"})
        self.backbone.sql("shared_queue", f"select pgmq.send('job_results', '{result}', "
                                          f"jsonb_build_object('x-queue-unique-key', '{request_id}'))")

    def until_on_the_bus(self, request_id):
        wait_until(lambda: self.backbone.sql("shared_queue", f"select 1 from api.request('{request_id}')"), 30,
                   f"{request_id} on the bus")

    def test_what_nobody_sent_is_not_found(self):
        self.assertEqual(self.get("never?wait=60")[0], 404)

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
            self.assertEqual((status, json.loads(body)["answer"]["verdict"]), (200, "ok"))
        self.assertIn("id: job_results\nevent: answer\n", stream.result()[1])
        self.assertEqual(self.get("asked", {**EVENTS, "Last-Event-ID": "job_results"})[0], 204)

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
        wait_until(lambda: self.backbone.healthy() and self.backbone.pid_of("nexus") != before, 60, "nexus is back")
        self.answer("stopped")
        self.assertEqual(self.get("stopped?wait=120")[0], 200)


if __name__ == "__main__":
    unittest.main()
