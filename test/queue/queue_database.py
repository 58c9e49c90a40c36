"""A database with queues of its own, and `singularity queue` on it as a person types it."""
import json
import os
import subprocess
import sys
import unittest

SINGULARITY = os.environ["SINGULARITY_BIN"]
DATABASE = f"queue_cli_{os.getpid()}"


def psql(statement, database=DATABASE):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def url_of(database):
    return f"postgresql://postgres@/{database}?host={os.environ['PGHOST']}"


def environment_for_queues():
    return {**os.environ, "SHARED_QUEUE_DB_URL": url_of(DATABASE), "SINGULARITY_HOME": "/nonexistent"}


def queue(*arguments, **environment):
    return subprocess.run([SINGULARITY, "queue", *arguments], capture_output=True, text=True, check=False,
                          env={**environment_for_queues(), **environment})


def answer(*arguments):
    done = queue(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class WithQueues(unittest.TestCase):
    """Each test has a queue of its own: self.name."""

    @classmethod
    def setUpClass(cls):
        psql(f"create database {DATABASE}", "postgres")
        cls.addClassCleanup(psql, f"drop database {DATABASE} with (force)", "postgres")
        psql("create extension pgmq cascade")

    def setUp(self):
        self.name = f"{self._testMethodName[5:30]} x"
        self.assertEqual(answer("create", self.name), {"queue": self.name, "created": True})

    def refused(self, code, part, *arguments, **environment):
        done = queue(*arguments, **environment)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertIn(part, done.stderr)


def main():
    if "SINGULARITY_TEST_DSN" not in os.environ:
        print("SINGULARITY_TEST_DSN is not set: run it through test/with_cluster")
        sys.exit(77)
    unittest.main(verbosity=2)
