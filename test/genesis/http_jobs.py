"""A test case that sends jobs to its backbone over HTTP, and looks how they stand."""
import contextlib
import http.client
import json
import unittest

JSON = {"Content-Type": "application/json"}


class HttpJobs(unittest.TestCase):
    """Whoever derives from it has a `backbone`."""

    def http(self, method, target, body=None, headers=None):
        connection = http.client.HTTPConnection(self.backbone.status()["http"], timeout=120)
        with contextlib.closing(connection):
            connection.request(method, "/api/v1/jobs" + target, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()

    def events(self, target):
        status, text = self.http("GET", target + "/stream")
        self.assertEqual(status, 200, text)
        for block in text.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in fields:
                yield fields["event"], json.loads(fields["data"])

    def send(self, **job):
        status, body = self.http("POST", "", json.dumps({"language": "python", **job}), JSON)
        self.assertEqual(status, 202, body)
        return json.loads(body)["request_id"]

    def end_of(self, request_id):
        """The job as it ended: waits for it."""
        return list(self.events("/" + request_id))[-1][1]

    def state_of(self, request_id):
        return self.backbone.sql("genesis", f"select state from jobs where request_id = '{request_id}'")
