"""Jobs on a whole backbone: from the command line as if the script ran here, and over HTTP."""
import base64
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from http_jobs import JSON, HttpJobs  # noqa: E402
from support.backbone import SINGULARITY, Backbone, wait_until  # noqa: E402

UNFIT = [  # and the field that is told of
    ({"language": "cobol"}, "language"), ({"code": ""}, "code"), ({"code": "1\0"}, "code"), ({"kind": "race"}, "kind"),
    ({"limits": {"cpu_ms": 0}}, "limits.cpu_ms"), ({"limits": {"wall_ms": -1}}, "limits.wall_ms"),
    ({"limits": {"cpu_ms": 10**12}}, "limits.cpu_ms"), ({"limits": {"memory_mb": 4097}}, "limits.memory_mb"),
    ({"compile_limits": {"processes": 10**6}}, "compile_limits.processes"),
    ({"stdin": "!", "stdin_encoding": "base64"}, "stdin"), ({"stdin": "x", "stdin_encoding": "rot13"}, "stdin_encoding"),
    ({"files": [{"path": "a", "content": "=", "encoding": "base64"}]}, "files[0].content"),
    ({"files": [{"path": "a/../../b", "content": ""}]}, "files[0].path"),
    ({"files": [{"path": ".", "content": ""}]}, "files[0].path"),
    ({"files": [{"path": "/etc/x", "content": ""}]}, "files[0].path"),
    ({"files": [{"path": "a\0b", "content": ""}]}, "files[0].path"),
    ({"files": [{"path": f"f{i}", "content": ""} for i in range(1000)]}, "files"),
    ({"expires_at": "soon"}, "expires_at"), ({"artifacts": ["../out"]}, "artifacts[0]"),
    ({"arguments": ["x"] * 1000}, "arguments")]
FOREVER = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.01)"


class JobsTest(HttpJobs):
    @classmethod
    def setUpClass(cls):
        cls.backbone = cls.enterClassContext(Backbone())
        cls.folder = cls.backbone.folder / "scripts"
        cls.folder.mkdir()

    def script(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def run_job(self, *arguments, input=b"", **options):
        """Exit code, standard output and standard error, as bytes."""
        done = subprocess.run([SINGULARITY, "job", "run", *map(str, arguments)], env=self.backbone.environment,
                              input=input, capture_output=True, timeout=120, cwd=self.folder, **options)
        return done.returncode, done.stdout, done.stderr

    def start_job(self, *arguments):
        return subprocess.Popen([SINGULARITY, "job", "run", *map(str, arguments)], env=self.backbone.environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_a_script_is_run_as_if_it_ran_here(self):
        path = self.script("echo.py", "import sys\nprint(sys.argv[1:], sys.stdin.read())\n"
                                      "print('oops', file=sys.stderr)\nsys.exit(7)")
        self.assertEqual(self.run_job(path, "--", "-a", "b c", input=b"read"),
                         (7, b"['-a', 'b c'] read\n", b"oops\n"))

    def test_bytes_pass_as_they_are(self):
        every = bytes(range(256))
        path = self.script("cat.py", "import sys, shutil\nshutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)")
        self.assertEqual(self.run_job(path, input=every), (0, every, b""))

    def test_the_first_line_tells_the_language(self):
        path = self.script("no_ending", "#!/usr/bin/env -S python3 -u\nprint(6 * 7)")
        self.assertEqual(self.run_job(path), (0, b"42\n", b""))
        self.assertEqual(self.run_job("--language", "bash", "--code", "echo $((6 * 7))"), (0, b"42\n", b""))

    def test_each_end_has_an_exit_code_of_its_own(self):
        python = ["--language", "python", "--code"]
        ends = [(137, [*python, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]),
                (124, [*python, "while True: pass", "--cpu", "300ms"]),
                (124, [*python, "import time; time.sleep(600)", "--wall", "300ms"]),
                (137, [*python, "x = bytearray(10**9)\nwhile True: x += x", "--memory", "64"]),
                (1, ["--language", "c", "--code", "int main(void) { return nothing; }"]),
                (125, ["--language", "cobol", "--code", "x"]),
                (125, [self.folder / "missing.py"]),
                (125, [*python, "1", "--cpu", "5000m"]),
                (125, [*python, "1", "--nonsense"]),
                (125, [self.script("binary.py", b"\xff\x00\x01")]),
                (125, [self.script("empty.py", "")]),
                (125, [*python, "1", "--file", "../escape=/etc/hostname"])]
        for code, arguments in ends:
            with self.subTest(arguments=arguments):
                done = self.run_job(*arguments)
                self.assertEqual(done[0], code, done)
                self.assertTrue(done[2] or code == 137, done)

    def test_json_has_the_whole_result_and_never_the_code(self):
        code, out, _ = self.run_job("--json", "--language", "python", "--code",
                                    "import sys; sys.stdout.buffer.write(b'\\xff'); print('secret'[:0] + 'e')")
        result = json.loads(out)
        self.assertEqual((code, result["verdict"], result["stdout_encoding"]), (0, "ok", "base64"))
        self.assertEqual(base64.b64decode(result["stdout"]), b"\xffe\n")
        self.assertNotIn("secret", out.decode())
        self.assertGreater(result["usage"]["wall_ms"], 0)

    def test_files_go_in_and_come_back(self):
        (self.folder / "data.txt").write_text("21")
        path = self.script("twice.py", "open('out.bin', 'wb').write(bytes([2 * int(open('in.txt').read())]))")
        done = self.run_job(path, "--file", "in.txt=data.txt", "--artifact", "out.bin=result")
        self.assertEqual(done, (0, b"", b""))
        self.assertEqual((self.folder / "result").read_bytes(), b"*")

    def test_output_comes_while_the_program_runs_and_ctrl_c_cancels_it(self):
        job = self.start_job("--language", "python", "--code", FOREVER, "--wall", "5m", "--cpu", "5m")
        with job:
            self.assertEqual(job.stdout.readline(), b"begun\n")
            job.send_signal(signal.SIGINT)
            self.assertEqual(job.wait(60), 130)

    def test_the_end_of_who_reads_ends_the_job(self):
        job = self.start_job("--language", "python", "--code",
                             "while True: print('y' * 100, flush=True)", "--agent", "deaf", "--output", "16000")
        with job:
            job.stdout.readline()
            job.stdout.close()
            self.assertEqual(job.wait(60), 141)
        self.assertEqual(self.backbone.sql("genesis", "select state from jobs where agent_id = 'deaf'"), ["cancelled"])

    def test_a_job_can_be_looked_at_while_it_runs_and_afterwards(self):
        request_id = self.send(code=FOREVER, limits={"wall_ms": 300000, "cpu_ms": 300000})
        wait_until(lambda: "begun" in self.backbone.run("job", "logs", request_id, check=False).stdout, 60,
                   "its first line", self.backbone.evidence)
        self.assertEqual(self.backbone.json("job", "show", request_id)["state"], "running")
        self.backbone.run("job", "cancel", request_id)
        wait_until(lambda: self.state_of(request_id) == ["cancelled"], 60, "it is cancelled")
        self.assertEqual(self.backbone.run("job", "logs", request_id).stdout, "begun\n")
        self.assertEqual(self.backbone.json("job", "show", request_id)["result"]["verdict"], "cancelled")
        self.assertIn(request_id, [each["request_id"] for each in self.backbone.json("job", "list", "--limit", 500)])
        self.assertEqual(self.backbone.run("job", "cancel", request_id, check=False).returncode, 5)
        self.assertEqual(self.backbone.run("job", "cancel", "nobodys", check=False).returncode, 4)

    def test_over_http_each_byte_comes_once_and_the_result_last(self):
        request_id = self.send(code="import sys, time\nprint('é' * 1000)\nsys.stdout.flush()\ntime.sleep(0.3)\n"
                                    "print('end')\nprint('err', file=sys.stderr)\nsys.stdout.buffer.write(b'\\xff')")
        events = list(self.events("/" + request_id))
        out = b"".join(data["text"].encode() if "text" in data else base64.b64decode(data["base64"])
                       for event, data in events if event == "output" and data["stream"] == "stdout")
        self.assertEqual(out, "é".encode() * 1000 + b"\nend\n\xff")
        self.assertEqual((events[-1][0], events[-1][1]["verdict"]), ("result", "ok"))
        status, body = self.http("GET", "/" + request_id)
        self.assertEqual((status, json.loads(body)["result"]["verdict"]), (200, "ok"))
        self.assertEqual(self.http("GET", "/" + request_id + "/stream", headers={"Last-Event-ID": "result"})[0], 204)

    def test_http_cancels(self):
        request_id = self.send(code=FOREVER, limits={"wall_ms": 300000, "cpu_ms": 300000})
        wait_until(lambda: self.state_of(request_id) == ["running"], 60, "it runs", self.backbone.evidence)
        self.assertEqual(self.http("DELETE", "/" + request_id)[0], 202)
        self.assertEqual(self.end_of(request_id)["verdict"], "cancelled")
        self.assertEqual(self.http("POST", f"/{request_id}/cancel")[0], 200)

    def test_an_artifact_that_is_not_there_does_not_hide_how_the_program_ended(self):
        for ends_with, code in ((7, 7), (0, 125)):
            path = self.script("end.sh", f"exit {ends_with}")
            done = self.run_job(path, "--artifact", "none")
            self.assertEqual(done, (code, b"", b'singularity: there is no artifact "none" in the result\n'))

    def test_who_waits_for_a_job_that_died_or_whose_answer_expired_is_told(self):
        self.backbone.run("queue", "pause", "job_requests")
        dying = self.start_job("--code", "echo 1", "--language", "bash", "--request-id", "dying")
        sent = wait_until(lambda: self.backbone.sql("shared_queue", "select msg_id from pgmq.q_job_requests where"
                                                    " message ->> 'request_id' = 'dying'"), 60, "it is sent")[0]
        self.backbone.sql("shared_queue", f"select queue.bury('job_requests', {sent}, null, 'nobody is here')")
        _, complaint = dying.communicate(timeout=120)
        self.backbone.run("queue", "resume", "job_requests")
        self.assertEqual(dying.returncode, 125)
        self.assertIn(b"nobody is here", complaint)
        arguments = ("--code", "echo 1", "--language", "bash", "--request-id", "stale")
        self.assertEqual(self.run_job(*arguments), (0, b"1\n", b""))
        self.backbone.sql("singularity", "update answers set expires_at = now() where request_id = 'stale'")
        code, _, complaint = self.run_job(*arguments)
        self.assertEqual((code, complaint), (125, b'singularity: the answer to "stale" has expired\n'))

    def test_what_is_wrong_with_a_command_is_said_once(self):
        path = self.script("fine.py", "print(1)")
        said = {
            ("--code", "", "--language", "bash"): "the job cannot be run: code: there is none\n",
            (path, "--code", "1"): "the code is either a script or --code, not both\n"
                                   "  the program's arguments come after --\n",
            (path, "--cpu", "0"): "the job cannot be run: limits.cpu_ms: is 0, and can be 1 to 600000\n",
            (path, "--expires-at", "soon"):
                "the job cannot be run: expires_at: is 'soon', and must be a time such as 2026-11-21T10:37:31Z\n"}
        for arguments, message in said.items():
            with self.subTest(message):
                self.assertEqual(self.run_job(*arguments), (125, b"", f"singularity: {message}".encode()))
        self.assertEqual(self.backbone.run("job", "list", "--state", "racing", check=False).returncode, 2)

    def test_what_is_wrong_is_refused_with_the_field(self):
        for body, field in [({"language": 7, "code": "1"}, "language"), ({"language": "python"}, "code"),
                            ({"language": "python", "code": ""}, "code"),
                            ({"language": "python", "code": "1", "limits": {"cpu_ms": 0}}, "cpu_ms"),
                            ({"language": "python", "code": "1", "limits": {"cpu_ms": -5}}, "cpu_ms"),
                            ({"language": "python", "code": "1\0"}, "code"),
                            ({"language": "python", "code": "1", "limit": {}}, "limit: is no field of a job"),
                            ({"language": "python", "code": "1", "limits": {"cpu": 1}}, "limits.cpu: is no"),
                            ({"language": "python", "code": "1", "priority": 101}, "priority")]:
            status, text = self.http("POST", "", json.dumps(body), JSON)
            self.assertEqual(status, 400, body)
            self.assertIn(field, text)
        self.assertEqual(self.http("POST", "", "{}")[0], 415)
        self.assertEqual(self.http("POST", "", "{", JSON)[0], 400)
        self.assertEqual(self.http("POST", "", "[" * 100000, JSON)[0], 400)
        self.assertEqual(self.http("GET", "/nobodys")[0], 404)
        self.assertEqual(self.http("GET", "/nobodys/stream")[0], 404)
        self.assertEqual(self.http("DELETE", "/nobodys")[0], 404)

    def test_what_genesis_would_refuse_is_refused_at_once(self):
        for job, field in UNFIT:
            with self.subTest(job=str(job)[:60]):
                body = {"request_id": "unfit", "language": "python", "code": "1", **job}
                status, text = self.http("POST", "", json.dumps(body), JSON)
                self.assertEqual(status, 400, text)
                self.assertTrue(any(told.startswith(field + ":") for told in json.loads(text)["error"]["details"]), text)
        self.assertEqual(self.http("GET", "/unfit")[0], 404)

    def test_what_comes_past_http_is_refused_by_genesis(self):
        sent = {f"unfit-{number}": (job, field) for number, (job, field) in enumerate(UNFIT) if "\\x00" not in str(job)}
        for request_id, (job, _) in sent.items():
            body = {"request_id": request_id, "language": "python", "code": "1", **job}
            self.backbone.run("queue", "send", "job_requests", json.dumps(body))
        for request_id, (job, field) in sent.items():
            with self.subTest(job=str(job)[:60]):
                end = self.end_of(request_id)
                if end["state"] == "dead":  # it is no job by its schema
                    self.assertIn(field.split(".")[-1].split("[")[0], end["error"]["message"])
                    self.assertEqual(self.backbone.json("job", "show", request_id)["error"], end["error"])
                    logs = self.backbone.run("job", "logs", "--follow", request_id, check=False)
                    self.assertEqual(logs.returncode, 5, logs.stderr)
                    continue
                self.assertEqual(end["verdict"], "refused")
                self.assertIn(field, end["result"]["error"]["details"]["fields"][0])

    def test_limits_for_the_next_run_come_with_the_job(self):
        request_id = self.send(code="print('measured')", limits={"memory_mb": 512})
        self.assertEqual(self.end_of(request_id)["verdict"], "ok")
        limits = wait_until(lambda: self.backbone.json("job", "show", request_id).get("suggested_limits"), 60,
                            "its statistics come back", self.backbone.evidence)
        self.assertEqual(set(limits), {"cpu_ms", "wall_ms", "memory_mb"})
        self.assertLess(limits["memory_mb"], 512)
        self.assertEqual(json.loads(self.http("GET", "/" + request_id)[1])["suggested_limits"], limits)
        self.assertIn(f"memory_mb {limits['memory_mb']}", self.backbone.run("job", "show", request_id).stdout)
        again = self.send(code="print('measured')", limits=limits)
        self.assertEqual(self.end_of(again)["verdict"], "ok")
        checked = self.send(code="print('measured')", kind="validate")
        self.assertEqual(self.end_of(checked)["verdict"], "ok")
        self.assertNotIn("suggested_limits", json.loads(self.http("GET", "/" + checked)[1]))

    def test_too_much_code_is_refused_and_stored_nowhere(self):
        path = self.script("large.py", b"#" * 100_000_000)
        code, _, said = self.run_job(path)
        self.assertEqual(code, 125)
        self.assertIn(b"longer than", said)
        status, told = self.http("POST", "", json.dumps({"language": "python", "code": "#" * 2_000_000}), JSON)
        self.assertEqual((status, json.loads(told)["error"]["details"]),
                         (400, ["code: is 2000000 bytes long, and can be 1048576"]))
        with contextlib.suppress(BrokenPipeError):  # it is not read to its end
            self.assertEqual(self.http("POST", "", json.dumps({"language": "python", "code": "#" * 9_000_000}), JSON)[0],
                             413)

    def test_a_request_that_is_sent_again_is_run_once(self):
        request_id = self.send(request_id="again", code="print(1)")
        self.assertEqual(self.send(request_id="again", code="print(1)"), request_id)
        status, _ = self.http("POST", "", json.dumps({"request_id": "again", "language": "python", "code": "2"}), JSON)
        self.assertEqual(status, 403)
        self.assertEqual(self.end_of("again")["attempts"], 1)

    def test_a_script_that_is_sent_again_is_run_once_and_answers_the_same(self):
        path = self.script("random.py", "import random\nprint(random.random())")
        first = self.run_job(path, "--request-id", "script")
        self.assertEqual(self.run_job(path, "--request-id", "script"), first)
        self.assertEqual(first[0], 0, first)
        code, _, said = self.run_job(path, "--request-id", "script", "--", "other")
        self.assertEqual(code, 125)
        self.assertIn(b"with another body", said)


if __name__ == "__main__":
    unittest.main()
