#!/usr/bin/env python3
"""What people do about queues: dead letters, pauses, a table to watch. Exit status 77: no server."""
import json
import os
import pty
import select
import signal
import subprocess

from queue_database import SINGULARITY, WithQueues, answer, environment_for_queues, main, psql, queue


class DeadLetters(WithQueues):
    def setUp(self):
        super().setUp()
        psql("select pgmq.create('dead_letters'); select pgmq.purge_queue('dead_letters')")

    def bury(self, body, reason, name=None):
        psql(f"select pgmq.send('{name or self.name}', $${json.dumps(body)}$$)")
        return int(psql(f"select queue.bury('{name or self.name}', msg_id, null, $${reason}$$)"
                        f" from queue.peek('{name or self.name}')"))

    def ids(self, *filters):
        return [letter["msg_id"] for letter in answer("dead", "list", *filters)]

    def test_are_listed_by_queue_and_reason(self):
        answer("create", "another")
        first, second = self.bury({"request_id": "r1"}, "Disk full"), self.bury({}, "no such model")
        third = self.bury({}, "disk gone", "another")
        self.assertEqual(self.ids(), [first, second, third])
        self.assertEqual(self.ids("--limit", "2"), [first, second])
        self.assertEqual(self.ids("--reason", "disk"), [first, third])
        self.assertEqual(self.ids("--reason", "disk", "--queue", self.name.upper()), [first])
        self.refused(4, 'no queue "nowhere"', "dead", "list", "--queue", "nowhere")
        self.assertIn("no such model", queue("dead", "list").stdout.splitlines()[1])

    def test_show_everything_that_is_known(self):
        letter = self.bury({"request_id": "r1", "a": [1]}, "because")
        shown = answer("dead", "show", str(letter))
        self.assertEqual([shown[key] for key in ("msg_id", "queue", "reason", "attempts", "request_id", "message")],
                         [letter, self.name, "because", 0, "r1", {"request_id": "r1", "a": [1]}])
        self.assertIn("because", queue("dead", "show", str(letter)).stdout)
        self.refused(4, "no such dead letter: 99", "dead", "show", "99")

    def test_go_back_by_id(self):
        letter = self.bury({"a": 1}, "because")
        kept = self.bury({"a": 2}, "because")
        sent = answer("dead", "retry", str(letter))
        self.assertEqual([(each["msg_id"], each["queue"]) for each in sent], [(letter, self.name)])
        self.assertEqual([(each["msg_id"], each["message"]) for each in answer("read", self.name)],
                         [(sent[0]["sent_id"], {"a": 1})])
        self.assertEqual(self.ids(), [kept])
        gone = queue("dead", "retry", str(letter), str(kept))
        self.assertEqual((gone.returncode, gone.stdout.split()[0]), (4, str(kept)), "what is there is done")
        self.assertIn(f"no such dead letter: {letter}", gone.stderr)

    def test_go_back_or_away_by_reason(self):
        letters = [self.bury({"a": each}, reason) for each, reason in enumerate(("disk", "model", "disk"))]
        self.assertEqual([each["msg_id"] for each in answer("dead", "retry", "--reason", "disk")],
                         [letters[0], letters[2]])
        for command in ("retry", "discard"):
            self.refused(4, 'no queue "nowhere"', "dead", command, "--queue", "nowhere")
        self.assertEqual(answer("dead", "discard", "--all"), [{"msg_id": letters[1]}])
        self.assertEqual(psql(f"select count(*) from pgmq.a_dead_letters where msg_id = {letters[1]}"), "1")

    def test_more_than_a_batch_go_back(self):
        psql(f"select pgmq.send_batch('{self.name}', array(select to_jsonb(i) from generate_series(1, 1200) i));"
             f" select queue.bury('{self.name}', msg_id, null, 'many') from queue.peek('{self.name}', 2000)")
        self.assertEqual(len(queue("dead", "retry", "--all").stdout.splitlines()), 1200)
        self.assertEqual(answer("metrics", self.name)["waiting"], 1200)

    def test_what_was_not_buried_is_left_out_of_all_that_go_back(self):
        buried = self.bury({}, "because")
        psql("select pgmq.send('dead_letters', '{\"stray\": 1}')")
        self.assertEqual([each["msg_id"] for each in answer("dead", "retry", "--all")], [buried])
        stray = answer("dead", "list")[0]
        self.assertEqual((stray["queue"], stray["message"]), (None, {"stray": 1}))
        self.refused(2, "does not tell", "dead", "retry", str(stray["msg_id"]))
        self.assertEqual(answer("dead", "discard", "--all"), [{"msg_id": stray["msg_id"]}])

    def test_of_a_queue_that_is_gone_stay(self):
        letter = self.bury({}, "because")
        answer("drop", self.name)
        self.refused(4, "does not exist", "dead", "retry", str(letter))
        self.assertEqual(self.ids(), [letter])

    def test_must_be_named(self):
        for command in ("retry", "discard"):
            self.refused(2, "which dead letters", "dead", command)
            self.refused(2, "which dead letters", "dead", command, "1", "--all")
        self.refused(2, "ID", "dead", "show")
        self.refused(2, "ID", "dead", "retry", "one")

    def test_cannot_write_to_the_terminal(self):
        letter = self.bury({"request_id": "\x1b[2J"}, "bad\x1b[2J\nnews \u009b1m")
        for arguments in (("dead", "list"), ("dead", "show", str(letter))):
            printed = queue(*arguments).stdout
            self.assertNotRegex(printed, "[\x1b\u009b]")
            self.assertIn("bad [2J news", printed)


class Pauses(WithQueues):
    def test_stop_readers_until_the_queue_resumes(self):
        answer("send", self.name, "1")
        self.assertEqual(answer("pause", self.name), {"queue": self.name, "paused": True})
        answer("send", self.name, "2")
        self.assertEqual(answer("read", self.name, "--limit", "9"), [])
        self.assertTrue(answer("metrics", self.name)["paused"])
        self.assertIn("paused   yes", queue("metrics", self.name).stdout)
        self.assertEqual([each["name"] for each in answer("list") if each["paused"]], [self.name])
        lines = [line for line in queue("list").stdout.splitlines() if line.endswith("  paused")]
        self.assertEqual([line[:len(self.name)] for line in lines], [self.name])
        self.assertEqual(answer("resume", self.name), {"queue": self.name, "paused": False})
        self.assertEqual([each["message"] for each in answer("read", self.name, "--limit", "9")], [1, 2])
        self.assertFalse(answer("metrics", self.name)["paused"])
        for command in ("pause", "resume"):
            self.refused(4, "no queue", command, "nowhere")


class Watching(WithQueues):
    def watched(self, *arguments):
        return subprocess.Popen([SINGULARITY, "queue", "watch", "--interval", "0.1", *arguments], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment_for_queues())

    def mine(self, look):
        return next(each for each in look["queues"] if each["name"] == self.name)

    def test_once_shows_each_queue_and_what_died_of_it(self):
        psql(f"select pgmq.create('dead_letters'); select pgmq.send_batch('{self.name}', array['1', '2', '3']::jsonb[]);"
             f" select queue.bury('{self.name}', 1, null, 'because')")
        answer("read", self.name)
        answer("pause", self.name)
        shown = self.mine(answer("watch", "--once"))
        self.assertEqual({key: shown[key] for key in ("waiting", "ready", "in_flight", "total", "dead_letters",
                                                      "paused", "sent_per_second")},
                         {"waiting": 2, "ready": 1, "in_flight": 1, "total": 3, "dead_letters": 1, "paused": True,
                          "sent_per_second": None})
        line = next(line for line in queue("watch", "--once").stdout.splitlines() if line.startswith(self.name))
        self.assertRegex(line, r" 2 +1 +1 +\d+ s +3 +- +- +1  paused$")

    def test_plain_lines_go_on_until_a_signal(self):
        with self.watched() as watching:
            heads = 0
            while heads < 2:
                heads += watching.stdout.readline().startswith("queue ")
            watching.send_signal(signal.SIGINT)
            rest, complaint = watching.communicate(timeout=30)
        self.assertEqual((watching.returncode, complaint), (0, ""))
        self.assertNotIn("\x1b", rest)

    def test_rates_count_from_one_look_to_the_next(self):
        with self.watched("--json") as watching:
            self.assertIsNone(self.mine(json.loads(watching.stdout.readline()))["sent_per_second"])
            psql(f"select pgmq.send_batch('{self.name}', array['1', '2']::jsonb[]); select pgmq.pop('{self.name}')")
            rates = (0, 0)
            while 0 in rates:
                mine = self.mine(json.loads(watching.stdout.readline()))
                rates = tuple(max(new, old) for new, old in
                              zip((mine["sent_per_second"], mine["done_per_second"]), rates))
            watching.terminate()
            watching.communicate(timeout=30)
        self.assertEqual(watching.returncode, 0)

    def test_a_terminal_is_as_it_was_after_control_c(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(SINGULARITY, [SINGULARITY, "queue", "watch"], environment_for_queues())
        printed = b""
        while self.name.encode() not in printed:
            printed += os.read(terminal, 65536)
        os.write(terminal, b"\x03")
        while select.select([terminal], [], [], 30)[0]:
            try:
                printed += os.read(terminal, 65536)
            except OSError:  # the other side is closed
                break
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        os.close(terminal)
        self.assertIn(b"\x1b[?1049h", printed)
        self.assertTrue(printed.endswith(b"\x1b[?25h\x1b[?1049l"), printed[-40:])

    def test_goes_on_where_its_connection_is_cut(self):
        with self.watched() as watching:
            watching.stdout.readline()
            psql("select pg_terminate_backend(pid) from pg_stat_activity"
                 " where application_name = 'singularity cli' and datname = current_database()")
            while not watching.stdout.readline().startswith("away: "):
                pass
            while not watching.stdout.readline().startswith("queue "):
                pass
            watching.send_signal(signal.SIGINT)
            _, complaint = watching.communicate(timeout=30)
        self.assertEqual((watching.returncode, complaint), (0, ""))

    def test_tells_where_nothing_can_be_written(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([SINGULARITY, "queue", "watch", "--once"], text=True, stdout=full,
                                  stderr=subprocess.PIPE, env=environment_for_queues())
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output could not be written", done.stderr)

    def test_the_interval_is_a_number(self):
        for interval in ("0", "-1", "soon", "nan", "inf"):
            self.refused(2, "interval", "watch", "--interval", interval)


if __name__ == "__main__":
    main()
