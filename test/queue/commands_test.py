#!/usr/bin/env python3
"""`singularity queue …` as a person types it, on a database of its own. Exit status 77: no server."""
import json
import os

from queue_database import DATABASE, WithQueues, answer, main, psql, queue, url_of


class QueueCommands(WithQueues):
    def test_a_message_is_sent_looked_at_claimed_and_counted(self):
        body = {"a": [1, "ä"], "b": None}
        sent = answer("send", self.name, json.dumps(body), "--headers", '{"h": 1}')
        self.assertEqual(sent, {"msg_id": 1})
        peeked = answer("peek", self.name)[0]
        self.assertEqual((peeked["message"], peeked["headers"], peeked["read_ct"]), (body, {"h": 1}, 0))
        self.assertEqual(answer("metrics", self.name)["visible"], 1)
        read = answer("read", self.name, "--vt", "3600")[0]
        self.assertEqual((read["msg_id"], read["message"], read["read_ct"]), (1, body, 1))
        self.assertEqual(answer("read", self.name), [])
        self.assertEqual(answer("peek", self.name)[0]["read_ct"], 1, "peek shows what is claimed")
        counts = answer("metrics", self.name)
        self.assertEqual((counts["waiting"], counts["visible"], counts["total"]), (1, 0, 1))
        self.assertIn(self.name, [line["name"] for line in answer("list")])

    def test_peek_goes_on_after_an_id(self):
        psql(f"select pgmq.send_batch('{self.name}', array['1', '2', '3']::jsonb[], 3600)")
        self.assertEqual([m["msg_id"] for m in answer("peek", self.name, "--limit", "2", "--after", "1")], [2, 3])

    def test_a_message_with_a_key_is_sent_once(self):
        sent = answer("send", self.name, '{"a": 1}', "--unique-key", "it's \"k\"", "--headers", '{"h": 1}')
        again = queue("send", self.name, '{"a":1}', "--unique-key", "it's \"k\"", "--delay", "60")
        self.assertEqual((again.returncode, again.stdout), (0, f"{sent['msg_id']}\n"), again.stderr)
        self.assertEqual([m["headers"] for m in answer("peek", self.name, "--limit", "9")],
                         [{"h": 1, "x-queue-unique-key": "it's \"k\""}])
        self.refused(5, "another body", "send", self.name, "2", "--unique-key", "it's \"k\"")
        for key in ("", "x" * 513):
            self.refused(2, "512 bytes", "send", self.name, "2", "--unique-key", key)
        for headers in ("[1]", "1"):
            self.refused(2, "", "send", self.name, "2", "--unique-key", "other", "--headers", headers)
        self.assertEqual(answer("metrics", self.name)["waiting"], 1)

    def test_a_priority_and_a_group_are_headers(self):
        answer("send", self.name, "1")
        answer("send", self.name, "2", "--priority", "7", "--group", "g", "--headers", '{"h": 1}')
        self.assertEqual([(m["message"], m["headers"]) for m in answer("read", self.name)],
                         [(2, {"h": 1, "x-queue-priority": 7, "x-pgmq-group": "g"})])
        self.refused(2, "from -100 to 100", "send", self.name, "1", "--priority", "101")

    def test_a_delayed_message_waits(self):
        answer("send", self.name, "1", "--delay", "3600")
        self.assertEqual(answer("read", self.name), [])

    def test_purge_tells_how_many_and_leaves_the_queue(self):
        psql(f"select pgmq.send_batch('{self.name}', array['1', '2', '3']::jsonb[])")
        self.assertEqual(answer("purge", self.name)["purged"], 3)
        self.assertEqual(answer("metrics", self.name)["waiting"], 0)

    def test_what_exists_is_left_alone_and_what_is_dropped_is_gone(self):
        answer("send", self.name, "1")
        self.assertEqual(answer("create", self.name.upper())["created"], False)
        self.assertEqual(answer("metrics", self.name)["waiting"], 1)
        self.assertEqual(answer("drop", self.name), {"queue": self.name, "dropped": True})
        for command in ("drop", "metrics", "purge", "read", "peek"):
            self.refused(4, f'no queue "{self.name}"', command, self.name)
        self.refused(4, f'no queue "{self.name}"', "send", self.name, "1")

    def test_an_unlogged_queue_is_unlogged(self):
        answer("create", "fleeting", "--unlogged")
        self.assertEqual(psql("select relpersistence from pg_class where relname = 'q_fleeting'"), "u")

    def test_options_are_given_to_a_new_queue_or_set_later(self):
        defaults = {"memory_claims": False, "turns": False, "max_in_flight": None,
                    "max_in_flight_per_group": None, "unique_for": "90 days", "paused": False}
        self.assertEqual(answer("configure", self.name), {"queue": self.name, "options": defaults})
        answer("create", "tuned", "--memory-claims", "--turns", "--max-in-flight", "10",
               "--max-in-flight-per-group", "2", "--unique-for", "1 hour")
        tuned = {"memory_claims": True, "turns": True, "max_in_flight": 10, "max_in_flight_per_group": 2,
                 "unique_for": "01:00:00", "paused": False}
        self.assertEqual(answer("configure", "Tuned")["options"], tuned)
        self.assertEqual(answer("create", "tuned", "--max-in-flight", "3")["created"], False)
        changed = answer("configure", "tuned", "max_in_flight=null", "turns=false", "unique_for=30 days")
        self.assertEqual(changed["options"],
                         {**tuned, "max_in_flight": None, "turns": False, "unique_for": "30 days"})
        self.assertIn("max_in_flight            unlimited\n", queue("configure", "tuned").stdout)

    def test_options_that_cannot_be_are_refused_and_change_nothing(self):
        for setting in ("size=1", "turns=yes", "max_in_flight=0", "unique_for=never", "turns", "=1"):
            self.refused(2, "", "configure", self.name, "memory_claims=true", setting)
        self.refused(2, "no option", "configure", self.name, "size=1")
        self.refused(4, "no queue", "configure", "nowhere", "turns=true")
        self.refused(2, "whole number", "create", "untuned", "--max-in-flight", "0")
        self.refused(2, "unique_for", "create", "untuned", "--unique-for", "never")
        self.assertEqual(psql("select count(*) from pgmq.meta where queue_name = 'untuned'"), "0")
        self.assertEqual(answer("configure", self.name)["options"]["memory_claims"], False)

    def test_numbers_keep_their_digits(self):
        queue("send", self.name, "12345678901234567890.10")
        self.assertEqual(psql(f"select message from queue.peek('{self.name}')"), "12345678901234567890.10")

    def test_bad_input_is_refused_with_its_reason(self):
        for message in ("{", "", '{"a": }', '"\\u0000"'):
            self.refused(2, "", "send", self.name, message)
        self.refused(2, "the message: invalid input syntax for type json", "send", self.name, "{")
        self.refused(2, "--headers: invalid input syntax for type json", "send", self.name, "1", "--headers",
                     "nonsense")
        self.refused(2, "the message: unsupported Unicode escape", "send", self.name, '"\\u0000"')
        self.refused(2, "not allowed", "create", "it's")
        self.refused(2, "not allowed", "create", "x" * 48)
        self.refused(2, "not allowed", "create", "")
        psql(f"select queue.add_alias('another', '{self.name}')")
        self.refused(2, f'"another" is an alias of queue "{self.name}"', "create", "another")
        for delay in ("-1", "99999999999", "soon"):
            self.refused(2, f'"{delay}" is not a whole number from 0 to 2147483647', "send", self.name, "1",
                         "--delay", delay)
        self.refused(2, "limit", "read", self.name, "--limit", "0")
        self.refused(2, "QUEUE", "read")
        self.assertEqual(answer("metrics", self.name)["total"], 0)

    def test_who_has_no_right_is_refused(self):
        role = f"stranger_{os.getpid()}"
        psql(f"create role {role} login; grant usage on schema pgmq, queue to {role}; "
             f"grant select on pgmq.meta to {role}")
        self.addCleanup(psql, f"drop owned by {role}; drop role {role}")
        url = f"{url_of(DATABASE)}&options=-c%20role%3D{role}"
        for arguments in (("send", self.name, "1"), ("read", self.name), ("purge", self.name),
                          ("configure", self.name, "turns=true")):
            self.refused(5, "permission denied", *arguments, SHARED_QUEUE_DB_URL=url)
        self.refused(5, "must be owner", "drop", self.name, SHARED_QUEUE_DB_URL=url)

    def test_a_database_without_queues_or_without_server_is_told(self):
        empty = f"{DATABASE}_empty"
        psql(f"create database {empty}", "postgres")
        self.addCleanup(psql, f"drop database {empty} with (force)", "postgres")
        self.refused(4, "has no queues", "list", SHARED_QUEUE_DB_URL=url_of(empty))
        self.refused(3, "singularity up", "list", SHARED_QUEUE_DB_URL="postgresql://postgres@/x?host=/nonexistent")


if __name__ == "__main__":
    main()
