"""Who is compared: the bare table, the engine and its SQL baseline, each with queues made for one measurement.

The two queues have one interface in two schemas. Speeds are in messages a second, and counted in the table: a
reader that finds an empty queue is fast and has done nothing.
"""
import itertools
import json

from server import Failed

# 170 bytes, as a driver would send them.
MESSAGE = json.dumps({"request_id": "01K0A7Q3N5V8X2Y4Z6B8D0F1G3", "task_type": "code_review", "model": "small",
                      "payload": "x" * 65})
assert len(MESSAGE) == 170, len(MESSAGE)
BATCH = "{" + ",".join('"' + MESSAGE.replace('"', '\\"') + '"' for _ in range(100)) + "}"
FILL_STEP = 1000

_numbers = itertools.count(1)


class Raw:
    """One INSERT of one message into a table of the same shape, without anything of the queues on it."""

    script = "insert into public.raw (vt, message) values (clock_timestamp(), :msg);"

    def __init__(self, server):
        self.server = server
        server.sql("""select pgmq.create('shape');
            create table public.raw (like pgmq.q_shape including all) with (fillfactor = 70);""")

    def insert_rate(self, bench):
        self.server.sql("truncate public.raw")
        return bench(self.script, variables={"msg": MESSAGE})[0]


class Queue:
    """A queue of its own in `schema`; a context manager that drops it."""

    def __init__(self, server, schema):
        self.server, self.schema = server, schema
        self.name = f"bench_{next(_numbers)}"
        self.table = f"{schema}.q_{self.name}"

    def __enter__(self):
        self.server.sql(f"select {self.schema}.create('{self.name}')")
        return self

    def __exit__(self, *_):
        if self.schema == "pgmq":
            self.server.sql(f"select pgmq.drop_queue('{self.name}')")
        else:
            self.server.sql(f"drop table {self.table}, {self.schema}.a_{self.name}")

    def call(self, function, *arguments):
        return f"{self.schema}.{function}({', '.join((repr(self.name), *arguments))})"

    def fill(self, messages, delay=0, headers=None):
        """`headers` is an expression of n, the message's number."""
        self.server.sql(f"""do $$
            declare msg constant jsonb := '{MESSAGE}';
            begin
                for step in 0 .. {-(-int(messages) // FILL_STEP) - 1} loop
                    perform {self.call("send_batch", "array_agg(msg)",
                                       f"array_agg({headers or 'null'}::jsonb)", str(delay))}
                    from generate_series(step * {FILL_STEP}, (step + 1) * {FILL_STEP} - 1) n;
                    commit;
                end loop;
            end $$""")

    def length(self):
        return int(self.server.number(f"select count(*) from {self.table}"))

    def drain_rate(self, bench, script, visible=1, **options):
        """Messages a second that leave the queue; `visible` is how many must never run out."""
        before = self.length()
        tps, transactions, _ = bench(script, **options)
        left = self.length()
        if left < visible:
            raise Failed(f"the queue of {before} messages ran dry: fill more")
        return (before - left) / transactions * tps
