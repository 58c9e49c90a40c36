"""What must hold once nothing disturbs the pipeline any more: each question had one effect and one right answer."""
import collections

from support.backbone import wait_until

LONG_ONES, LENGTH, SHORT = 97, 100_000, 1000  # as in pipeline_worker.cpp
QUEUES = {  # database → what must come to rest there
    "shared_queue": ["q_question_requests", "q_question_responses", "q_dead_letters", "a_dead_letters"],
    "nexus": ["q_outbox", "q_dead_letters"],
    "singularity": ["q_outbox", "q_dead_letters"],
}
MAY_REST = ("dead_letters",)


def request_id(number):
    return f"00000000-0000-4000-8000-{number:012}"


def response(number):
    length = len(f"{number} squared?") + (LENGTH if number % LONG_ONES == 0 else 0)
    return f"{number * number} to {length} bytes" + "!" * max(length - SHORT, 0)


def depths(backbone):
    """(database.table → messages), of those that have any."""
    found = {}
    for database, tables in QUEUES.items():
        statement = " union all ".join(f"select '{database}.{table}', count(*) from pgmq.{table}" for table in tables)
        for row in backbone.sql(database, statement, operator=True):
            name, count = row.split("|")
            if int(count):
                found[name] = int(count)
    return found


def wait_until_drained(backbone, seconds):
    def drained():
        return not [name for name in depths(backbone) if not name.endswith(MAY_REST)]
    wait_until(drained, seconds, "queues and outboxes are empty", lambda: str(depths(backbone)))


def effects(backbone):
    return collections.Counter(backbone.sql("nexus", "select request_id from pipeline_effects"))


def answers(backbone):
    """(request_id → responses)"""
    found = collections.defaultdict(list)
    for row in backbone.sql("singularity", "select request_id, answer ->> 'response' from answers"):
        asked, text = row.split("|")
        found[asked].append(text)
    return found


def problems(backbone, numbers):
    """What is wrong with the traces of questions of which each was acknowledged."""
    asked = {request_id(number): response(number) for number in numbers}
    had, got = effects(backbone), answers(backbone)
    wrong = {
        "acknowledged twice": len(numbers) - len(asked),
        "without an effect": [each for each in asked if each not in had],
        "with several effects": [each for each, times in had.items() if times > 1],
        "effects of nothing": [each for each in had if each not in asked],
        "without an answer": [each for each in asked if each not in got],
        "wrong answers": [each for each in asked if each in got and got[each] != [asked[each]]],
        "answers to nothing": [each for each in got if each not in asked],
        "left": depths(backbone),
    }
    return {what: which for what, which in wrong.items() if which}
