#!/usr/bin/env python3
"""`singularity queue adopt`: queues made by others are served by sg_queue, whatever interrupts it.

The old extensions stand in before/; sg_queue's first form is bench/queue/baseline.sql under its own names. A run is
interrupted between any two steps by holding the lock that its next step needs and killing it there. Exit status 77:
no server.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SINGULARITY = os.environ["SINGULARITY_BIN"]
DATABASE = f"queue_adopt_{os.getpid()}"
QUEUES = ("alpha", 'Be "ta')
# What a step waits for, and how its lock is held: detaching a table, replacing the extension, shaping a queue.
DETACH, REPLACE, SHAPE = "share update exclusive", "access share", "access share"


def psql(statement, database=DATABASE, code=0):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database], input=statement,
                          capture_output=True, text=True, check=False,
                          env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"})
    assert done.returncode == code, done.stderr
    return done.stdout.strip()


def wait_until(condition, what):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def adopt_command():
    return [SINGULARITY, "queue", "adopt", "--json", "--url",
            f"postgresql://postgres@/{DATABASE}?host={os.environ['PGHOST']}"]


def adopt(code=0):
    done = subprocess.run(adopt_command(), capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return [step["step"] for step in json.loads(done.stdout)["steps"]] if code == 0 else done.stderr


def kill_when_it_waits_for(table, mode):
    """Runs an adoption up to the step that needs a lock on the table, and kills it there."""
    holder = subprocess.Popen(["psql", "-XAtq", "-d", DATABASE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True)
    holder.stdin.write(f"begin; lock table {table} in {mode} mode;\n\\echo held\n")
    holder.stdin.flush()
    assert holder.stdout.readline().strip() == "held"
    adoption = subprocess.Popen(adopt_command(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    sessions = f"from pg_stat_activity where datname = '{DATABASE}' and application_name = 'singularity cli'"
    try:
        wait_until(lambda: psql(f"select count(*) {sessions} and wait_event_type = 'Lock'", "postgres") == "1",
                   f"adoption waits for {table}")
    finally:
        adoption.kill()
        adoption.communicate()
        psql(f"select pg_terminate_backend(pid, 20000) {sessions}", "postgres")
        holder.communicate("rollback;")


def literal(queue):
    return "'" + queue.replace("'", "''") + "'"


def table(prefix, queue):
    return 'pgmq."' + (prefix + queue.lower()).replace('"', '""') + '"'


class Adoption(unittest.TestCase):
    def setUp(self):
        psql(f"create database {DATABASE}", "postgres")
        self.addCleanup(psql, f"drop database {DATABASE} with (force)", "postgres")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="adopt."))
        self.addCleanup(shutil.rmtree, self.folder)
        self.extensions = self.folder / "usr/share/postgresql/17/extension"
        self.extensions.mkdir(parents=True)

    def install(self, extension, version, script, requires=""):
        (self.extensions / f"{extension}.control").write_text(
            f"default_version = '{version}'\nschema = 'pgmq'\nrelocatable = false\n{requires}")
        (self.extensions / f"{extension}--{version}.sql").write_text(script)
        subprocess.run(["chmod", "-R", "a+rX", self.folder], check=True)

    def create(self, extension):
        psql(f"set extension_destdir = '{self.folder}'; create extension {extension} cascade")

    def make_original(self, version):
        self.install("pgmq", version, (HERE / f"before/pgmq--{version}.sql").read_text())
        self.create("pgmq")
        self.fill()

    def make_first_form(self):
        script = (HERE / "../../bench/queue/baseline.sql").read_text()
        script = script.replace("create schema baseline;", "").replace("baseline", "pgmq")
        self.install("sg_queue", "1.0", script + "\nselect pg_extension_config_dump('pgmq.meta', '');")
        self.install("pgmq", "1.13.1", "select;", "requires = 'sg_queue'\n")
        self.create("pgmq")
        self.fill()

    def fill(self):
        """Waiting, claimed, delayed and archived messages; a grant; a function and a view on the old functions."""
        for queue in map(literal, QUEUES):
            psql(f"select pgmq.create({queue})")
            for n in range(1, 7):
                head = '{"trace": %d}' % n
                psql(f"""select pgmq.send({queue}, '{{"n": {n}}}', '{head}', {3600 if n == 6 else 0})""")
            psql(f"select pgmq.read({queue}, 3600, 2)")
            psql(f"select pgmq.read({queue}, 0, 1)")
            psql(f"select pgmq.archive({queue}, 1)")
        psql(f"grant insert on {table('q_', 'alpha')} to pg_read_all_stats; grant insert on pgmq.meta to pg_monitor;"
             "create schema app;"
             "create function app.first() returns setof pgmq.message_record language sql as "
             "$$ select * from pgmq.read('alpha', 0, 1) $$;"
             "revoke execute on function app.first() from public;"
             "grant execute on function app.first() to pg_monitor;"
             "comment on function app.first() is 'reads';"
             "create view app.sent as select msg_id from app.first();"
             "grant select on app.sent to pg_monitor;")

    def contents(self):
        """Everything that must be the same before, between and after: as text, so that nothing is rounded."""
        columns = "msg_id, read_ct, enqueued_at, vt, message, headers"
        found = [psql("select queue_name, is_partitioned, is_unlogged, created_at from pgmq.meta order by 1"),
                 psql("select relname, relowner::regrole from pg_class where relnamespace = 'pgmq'::regnamespace "
                      "and relname ~ '^[qa]_' and relkind = 'r' order by 1"),
                 psql("select count(*) from aclexplode((select relacl from pg_class where relname = 'q_alpha')) "
                      "where grantee = 'pg_read_all_stats'::regrole and privilege_type = 'INSERT'"),
                 psql("select proacl, obj_description(oid, 'pg_proc') from pg_proc where proname = 'first'"),
                 psql("select relacl from pg_class where oid = 'app.sent'::regclass"),
                 psql("select has_table_privilege('pg_monitor', 'pgmq.meta', 'insert')")]
        for queue in QUEUES:
            found.append(psql(f"select {columns} from {table('q_', queue)} order by msg_id"))
            found.append(psql(f"select {columns}, archived_at from {table('a_', queue)} order by msg_id"))
        return found

    def check_served(self):
        """The engine serves what was adopted, and goes on counting."""
        self.assertEqual(psql("select extname from pg_extension where extname ~ 'queue|pgmq' order by 1"),
                         "pgmq\nsg_queue")
        self.assertEqual(psql("select count(*) from pg_indexes where indexname like '%vt_idx'"), "0")
        for queue in map(literal, QUEUES):
            self.assertEqual(psql(f"select pgmq.send({queue}, '7')"), "7")
            self.assertEqual(psql(f"select queue.check({queue})"), "0")
            self.assertEqual(psql(f"select array_agg(msg_id) from pgmq.read({queue}, 30, 10)"), "{3,4,5,7}")
            self.assertEqual(psql(f"select pgmq.archive({queue}, 3), pgmq.delete({queue}, 4)"), "t|t")
            self.assertEqual(psql(f"select queue_length, queue_visible_length from pgmq.metrics({queue})"), "4|0")
        self.assertEqual(psql("select count(*) from pgmq.set_vt('alpha', 7, 0); select msg_id from app.sent"), "1\n7")
        self.assertEqual(psql("select count(*) from pg_depend join pg_extension on refobjid = pg_extension.oid "
                              "join pg_class on objid = pg_class.oid where deptype = 'e' and relname ~ '^[qa]_'"), "0")

    def interrupted_everywhere(self, *points):
        before = self.contents()
        for subject, mode in points:
            kill_when_it_waits_for(subject, mode)
            self.assertEqual(self.contents(), before, f"killed where it waited for {subject}")
        rest = adopt()
        self.assertEqual(rest, ["shape"], "each killed run had done what comes before its last step")
        self.assertEqual(self.contents(), before)
        self.assertEqual(adopt(), [])
        self.check_served()

    def test_pgmq_1_5_whose_tables_are_members(self):
        self.make_original("1.5.1")
        tables = sorted(table(prefix, queue) for queue in QUEUES for prefix in ("q_", "a_"))
        self.assertEqual(len(tables), 4)
        self.interrupted_everywhere(*((each, DETACH) for each in tables), ("pgmq.meta", REPLACE),
                                    *((table("q_", queue), SHAPE) for queue in sorted(QUEUES)))

    def test_pgmq_1_12_with_bindings_and_throttles(self):
        self.make_original("1.12.0")
        psql("select pgmq.enable_notify_insert('alpha', 500);"
             "insert into pgmq.topic_bindings (pattern, queue_name) values ('logs.*', 'alpha')")
        bound = psql("select pattern, queue_name, bound_at from pgmq.topic_bindings")
        last_read = psql("select msg_id, last_read_at from pgmq.q_alpha order by 1")
        self.interrupted_everywhere(("pgmq.meta", REPLACE),
                                    *((table("q_", queue), SHAPE) for queue in sorted(QUEUES)))
        self.assertEqual(psql("select pattern, queue_name, bound_at from pgmq.topic_bindings"), bound)
        self.assertIn(last_read.splitlines()[0], psql("select msg_id, last_read_at from pgmq.q_alpha order by 1"))
        self.assertEqual(psql("select queue_name, throttle_interval_ms from pgmq.list_notify_insert_throttles()"),
                         "alpha|500")
        self.assertEqual(psql("select tgrelid::regclass, tgname from pg_trigger where tgname ~ 'notify'"),
                         "pgmq.q_alpha|notify_insert")
        self.assertEqual(psql("select pgmq.send_topic('logs.x', '8')"), "1")

    def test_the_first_form(self):
        self.make_first_form()
        self.interrupted_everywhere(("pgmq.meta", REPLACE),
                                    *((table("q_", queue), SHAPE) for queue in sorted(QUEUES)))

    def test_what_cannot_be_replaced_stays_as_it_is(self):
        self.make_original("1.5.1")
        psql("create table app.kept (message pgmq.message_record)")
        before = self.contents()
        self.assertIn("app.kept", adopt(1))
        self.assertEqual(self.contents(), before)
        self.assertEqual(psql("select count(*) from pgmq.read('alpha', 0, 10)"), "3")
        psql("drop table app.kept")
        adopt()
        self.check_served()

    def test_where_there_is_nothing_to_adopt(self):
        self.assertIn("no queues", adopt(4))
        psql("create extension pgmq cascade; select pgmq.create('jobs')")
        self.assertEqual(adopt(), [])

    def test_triggers_that_were_switched_off_and_on_again_are_mended(self):
        psql("create extension pgmq cascade; select pgmq.create('jobs'), pgmq.create('off'), pgmq.send('off', '1')")
        psql("alter table pgmq.q_jobs disable trigger all; insert into pgmq.q_jobs (vt, message) values (now(), '1');"
             "alter table pgmq.q_jobs enable trigger all;"
             "alter table pgmq.q_off disable trigger all; insert into pgmq.q_off (vt, message) values (now(), '2')")
        psql("select queue.check('jobs')", code=3)
        self.assertEqual(adopt(), ["shape", "shape"])
        self.assertEqual(adopt(), [])
        self.assertEqual(psql("select ready from queue.depth('jobs'); select ready from queue.depth('off');"
                              "select queue.check('jobs'), queue.check('off')"), "1\n2\n0|0")
        psql("alter table pgmq.q_jobs enable row level security, disable trigger all")
        self.assertEqual(adopt(), ["shape"], "SQL serves it all the same")

    def test_what_sg_queue_or_its_user_made_stays(self):
        psql("create extension pgmq cascade; create schema partman; create extension pg_partman schema partman;"
             "select pgmq.create_partitioned('parts', '10', '100'), pgmq.create('jobs');"
             "create index on pgmq.q_jobs (vt)")
        indexes = "select count(*) from pg_indexes where schemaname = 'pgmq' and indexname like '%vt_idx'"
        before = psql(indexes)
        self.assertGreater(int(before), 6)
        self.assertEqual(adopt(), [])
        psql("alter table pgmq.q_jobs disable trigger all; alter table pgmq.a_parts rename headers to of_old")
        self.assertEqual(adopt(), ["shape", "shape"])
        self.assertEqual(psql(indexes), before, "also where something else is missing")

    def test_a_database_that_is_not_there_is_told(self):
        for url in (f"postgresql://postgres@/nowhere?host={os.environ['PGHOST']}",
                    "postgresql://postgres@/x?host=/nonexistent"):
            done = subprocess.run([SINGULARITY, "queue", "adopt", "--url", url], capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("the database of --url can't be reached", done.stderr)
            self.assertNotIn("singularity up", done.stderr)

    def test_queues_that_no_extension_made(self):
        psql("create schema pgmq; create table pgmq.meta (queue_name text)")
        self.assertIn("without an extension", adopt(5))


if __name__ == "__main__":
    if "SINGULARITY_TEST_DSN" not in os.environ:
        print("SINGULARITY_TEST_DSN is not set: run it through test/with_cluster")
        sys.exit(77)
    unittest.main(verbosity=2)
