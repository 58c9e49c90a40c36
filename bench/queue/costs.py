"""What a message costs beside time: WAL, HOT updates, disk under steady load, and looking at a long queue."""
from contestants import MESSAGE, Queue
from server import Failed
from speed import MOST_SINGLE, read_and_delete, read_then_delete

OPERATIONS = 5000
BARE_READ_AND_DELETE = """update public.raw
    set vt = clock_timestamp() + interval '30 s', read_ct = read_ct + 1, last_read_at = clock_timestamp()
    where msg_id = :id;
delete from public.raw where msg_id = :id;"""


class Costs:
    def __init__(self, server, bench, raw, table, long_queue, steady):
        self.server, self.bench, self.raw, self.table = server, bench, raw, table
        self.long_queue, self.steady = long_queue, steady

    def wal_of(self, script, **variables):
        before = self.server.sql("select pg_current_wal_insert_lsn()")
        self.bench(script, clients=1, transactions=OPERATIONS, variables=variables)
        return self.server.number(f"select (pg_current_wal_insert_lsn() - '{before}') / {OPERATIONS}")

    def wal(self):
        """Bytes an operation, of one client, against the bare statements; no page is written in full."""
        self.server.reload(full_page_writes="off", autovacuum="off")
        try:
            with Queue(self.server, "pgmq") as queue:
                self.server.sql("truncate public.raw restart identity")
                bare = self.wal_of(self.raw.script, msg=MESSAGE)
                sent = self.wal_of(f"select {queue.call('send', ':msg')};", msg=MESSAGE)
                self.wal_line("WAL bytes, send", bare, sent)
                bare = self.wal_of(f"\\set id :id + 1\nbegin;\n{BARE_READ_AND_DELETE}\ncommit;", id=0)
                self.wal_line("WAL bytes, read+delete, one transaction", bare, self.wal_of(read_and_delete(queue)))
                for name in ("public.raw", queue.table):
                    self.server.sql(f"vacuum {name}")
                self.bench(self.raw.script, clients=1, transactions=OPERATIONS, variables={"msg": MESSAGE})
                queue.fill(OPERATIONS)
                bare = self.wal_of(f"\\set id :id + 1\n{BARE_READ_AND_DELETE}", id=OPERATIONS)
                self.wal_line("WAL bytes, read+delete, two transactions", bare, self.wal_of(read_then_delete(queue)))
        finally:
            self.server.reload(full_page_writes="on", autovacuum="on")

    def wal_line(self, name, bare, engine):
        self.table.line(name, bare, engine, engine / bare, at_most=1.03)

    def hot(self):
        with Queue(self.server, "pgmq") as queue:
            queue.fill(MOST_SINGLE["engine"] * self.bench.seconds)
            queue.drain_rate(self.bench, read_then_delete(queue))
            hot, updates = map(int, self.server.sql(
                "select pg_stat_force_next_flush(); select n_tup_hot_upd, n_tup_upd from pg_stat_user_tables "
                f"where relid = '{queue.table}'::regclass").split()[-1].split("|"))
        if updates == 0:
            raise Failed("no update was counted")
        self.table.line("claims that are HOT updates", updates, hot, hot / updates, at_least=0.99)

    def metrics(self):
        """Milliseconds, once the index stands, of a session that asks again and again."""
        with Queue(self.server, "pgmq") as queue:
            queue.fill(self.long_queue)
            self.server.sql(f"vacuum analyze {queue.table}; select * from {queue.call('read', '0', '1')};")
            for function in ("pgmq.metrics", "queue.depths"):
                if not self.server.has_function(function):
                    continue
                argument = f"'{queue.name}'" if function == "pgmq.metrics" else ""
                rate = self.bench(f"select * from {function}({argument});", clients=1, transactions=1000)[0]
                self.table.line(f"{function} of {self.long_queue:,} messages, ms", engine=1000 / rate, at_most=1)

    def size(self):
        """The table's greatest size in the second half of a steady load against the first. Vacuum comes round each ten
        seconds here, since it would hardly come at all in a run so short."""
        self.server.reload(autovacuum_naptime="10s")
        try:
            with Queue(self.server, "pgmq") as queue:
                script = (f"select {queue.call('send', ':msg')};\n{read_then_delete(queue)}")
                sizes = []
                for _ in range(10):
                    self.bench(script, variables={"msg": MESSAGE}, seconds=max(1, self.steady // 10))
                    sizes.append(self.server.number(f"select pg_relation_size('{queue.table}') / 1e6"))
        finally:
            self.server.reload(autovacuum_naptime="1min")
        self.table.line(f"MB of the table, steady for {self.steady} s, halves", max(sizes[:5]), max(sizes[5:]),
                        max(sizes[5:]) / max(sizes[:5]), at_most=1.1)
