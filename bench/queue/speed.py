"""Sending and receiving: messages a second against one-row INSERTs a second in the same rounds."""
import json

from contestants import BATCH, MESSAGE, Queue
from table import take_turns

SCHEMAS = {"engine": "pgmq", "baseline": "baseline"}

# Messages a second that nobody here exceeds: how full a queue has to be.
MOST_SINGLE = {"engine": 35_000, "baseline": 15_000}
MOST_BATCHED = {"engine": 250_000, "baseline": 100_000}

# Headers with a number in them.
MANY_KEYS = 10**18
A_KEY = "jsonb_build_object('{}', :key::text)"
A_HUNDRED_KEYS = "array(select jsonb_build_object('{}', (:key::bigint + n)::text) from generate_series(1, 100) n)"

# A reader that others left nothing goes on with the next: id 0 is nobody's.
READ_ONE = "select coalesce(max(msg_id), 0) as msg_id from"


def read_and_delete(queue):
    return f"select {queue.call('delete', 'msg_id')} from {queue.call('read', '30', '1')};"


def read_and_delete_in_a_block(queue):
    return (f"begin;\n{READ_ONE} {queue.call('read', '30', '1')} \\gset\n"
            f"select {queue.call('delete', ':msg_id::bigint')};\ncommit;")


def read_then_delete(queue):
    return (f"{READ_ONE} {queue.call('read', '30', '1')} \\gset\n"
            f"select {queue.call('delete', ':msg_id::bigint')};")


def read_and_delete_batch(queue):
    return f"select {queue.call('delete', 'array(select msg_id from ' + queue.call('read', '30', '100') + ')')};"


class Speed:
    def __init__(self, server, bench, raw, table, rounds):
        self.server, self.bench, self.raw, self.table, self.rounds = server, bench, raw, table, rounds

    def compete(self, name, measure, at_least=None):
        """`measure(contestant)` is messages a second."""
        results = take_turns(self.rounds, raw=lambda: self.raw.insert_rate(self.bench),
                             **{each: lambda each=each: measure(each) for each in SCHEMAS})
        self.table.compare(name, results, "raw", at_least)

    def sending(self, contestant, function, value, messages, notifying=False):
        with Queue(self.server, SCHEMAS[contestant]) as queue:
            if notifying:
                self.server.sql(f"select pgmq.enable_notify_insert('{queue.name}', 0)")
            return messages * self.bench(f"select {queue.call(function, ':msg')};", variables={"msg": value})[0]

    def receiving(self, contestant, script, most):
        with Queue(self.server, SCHEMAS[contestant]) as queue:
            queue.fill(most[contestant] * self.bench.seconds)
            return queue.drain_rate(self.bench, script(queue))

    def send(self):
        self.compete("send", lambda who: self.sending(who, "send", MESSAGE, 1), 0.90)
        self.compete("send, each commit notifies (the baseline's always do)",
                     lambda who: self.sending(who, "send", MESSAGE, 1, notifying=who == "engine"))

    def read_delete(self):
        for name, script, bar in (("read+delete, one statement", read_and_delete, 0.80),
                                  ("read+delete, begin to commit, four round trips", read_and_delete_in_a_block, None),
                                  ("read+delete, two transactions", read_then_delete, 0.38)):
            self.compete(name, lambda who: self.receiving(who, script, MOST_SINGLE), bar)

    def batches(self):
        self.compete("send_batch(100), messages", lambda who: self.sending(who, "send_batch", BATCH, 100), 10)
        self.compete("read+delete(100), messages",
                     lambda who: self.receiving(who, read_and_delete_batch, MOST_BATCHED), 5)

    def unique(self):
        """Against the same sends with another header in the key's place."""
        def sending(header, function, value, headers, keys):
            with Queue(self.server, "pgmq") as queue:
                script = f"\\set key random(1, {keys})\nselect {queue.call(function, ':msg', headers.format(header))};"
                return self.bench(script, variables={"msg": value})[0]
        for name, *what in (("send with a unique key", "send", MESSAGE, A_KEY, MANY_KEYS),
                            ("send again with a unique key", "send", MESSAGE, A_KEY, 1),
                            ("send_batch(100) with unique keys", "send_batch", BATCH, A_HUNDRED_KEYS, MANY_KEYS)):
            self.table.compare(f"{name}, against without",
                               take_turns(self.rounds, plain=lambda: sending("x-another-header-1", *what),
                                          engine=lambda: sending("x-queue-unique-key", *what)), "plain")

    def invisible(self):
        """Delayed messages with lower ids than the visible ones: claimed messages of others look the same."""
        for ahead in (100_000, 1_000_000):
            queues, measures = [], {}
            try:
                for who, schema in SCHEMAS.items():
                    for label, count in ((who, ahead), (f"{who} without", 0)):
                        queue = Queue(self.server, schema).__enter__()
                        queues.append(queue)
                        queue.fill(count, delay=86400)
                        measures[label] = lambda queue=queue, who=who, count=count: self.behind(queue, who, count)
                self.table.compare(f"read+delete, {ahead:,} invisible ahead, against none",
                                   take_turns(self.rounds, **measures), "engine without", 0.9,
                                   baseline_reference="baseline without")
            finally:
                for queue in queues:
                    queue.__exit__()

    def behind(self, queue, contestant, ahead):
        wanted = MOST_SINGLE[contestant] * self.bench.seconds + ahead
        queue.fill(max(0, wanted - queue.length()))
        return queue.drain_rate(self.bench, read_and_delete(queue), visible=ahead + 1)

    def memory_claims(self):
        """Reads that write nothing, so that of two commits one waits for the disk."""
        for name, script, bar in (("read+delete, two transactions, claims in memory", read_then_delete, 0.60),
                                  ("read+delete, one statement, claims in memory", read_and_delete, None)):
            self.table.compare(name, take_turns(self.rounds, raw=lambda: self.raw.insert_rate(self.bench),
                                                engine=lambda: self.configured(script, {"memory_claims": True})),
                               "raw", bar)

    def configured(self, script, options, **filling):
        with Queue(self.server, "pgmq") as queue:
            self.server.sql(f"select queue.configure('{queue.name}', '{json.dumps(options)}')")
            queue.fill(MOST_SINGLE["engine"] * self.bench.seconds, **filling)
            return queue.drain_rate(self.bench, script(queue))

    def groups(self):
        """Against plain reads of the same messages, which take no notice of their groups."""
        headers = "json_build_object('x-pgmq-group', (n % 10000)::text)"
        turns = {"turns": True, "max_in_flight_per_group": 5, "max_in_flight": 1000}

        def grouped(queue):
            return f"select {queue.call('delete', 'msg_id')} from {queue.call('read_grouped', '30', '1')};"
        for name, script, options in (("read_grouped+delete, 10,000 groups", grouped, {}),
                                      ("read+delete, 10,000 groups in turns, capped", read_and_delete, turns)):
            results = take_turns(self.rounds, plain=lambda: self.configured(read_and_delete, {}, headers=headers),
                                 engine=lambda: self.configured(script, options, headers=headers))
            self.table.compare(f"{name}, against read", results, "plain", 0.6)
