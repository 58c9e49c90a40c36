"""Jobs that say their number, and whether each of them has one answer and one effect, whatever happened meanwhile."""
import json

CODE = [("python", "import time; time.sleep({0}); print({1})"), ("bash", "sleep {0}; echo {1}"),
        ("bash", "echo {1}"), ("python", "print({1})")]


def send(numbers, dice):
    """Statements; sent again in doubt, they say the same."""
    for number in numbers:
        language, code = dice.choice(CODE)
        job = {"schema_version": 1, "request_id": f"job-{number}", "id": f"job-{number}", "language": language,
               "instance_id": "singularity", "agent_id": f"agent-{number % 7}",
               "code": code.format(dice.choice([0.02, 0.1, 0.3]), number)}
        yield f"select put_in_outbox('job_requests', '{json.dumps(job)}');"


def revive(backbone):
    """What a person does with a service that has crashed five times in a minute."""
    status = backbone.status()
    if status["state"] in ("stopped", "failed") or any(each["state"] == "failed" for each in status["services"]):
        backbone.run("down", check=False)
        backbone.up()


def answered(backbone):
    done = backbone.sql("singularity", "select count(*) from answers where queue = 'job_results'", check=False)
    return int(done.stdout or 0) if done.returncode == 0 else 0


CHECKS = {  # what must be nothing
    "jobs that have not ended": ("genesis", "select request_id from jobs where finished_at is null"),
    "attempts that have not ended": ("genesis", "select request_id from runs where state in ('waiting', 'running')"),
    "answers by another verdict": ("singularity", "select concat_ws(' ', request_id, answer ->> 'verdict',"
                                   " answer #>> '{error,code}') from answers where answer ->> 'verdict' <> 'ok'"),
    "answers of another program": ("singularity", "select request_id from answers where answer ->> 'stdout' is distinct"
                                   " from substr(request_id, 5) || E'\\n' and answer ->> 'verdict' = 'ok'"),
    "results that were sent twice": ("shared_queue", "select message ->> 'request_id' from (select message from"
                                     " pgmq.a_job_results union all select message from pgmq.q_job_results) s"
                                     " group by 1 having count(*) > 1"),
    "statistics that were sent twice": ("shared_queue", "select message ->> 'request_id' from (select message from"
                                        " pgmq.a_performance_stats_published union all select message from"
                                        " pgmq.q_performance_stats_published) s group by 1 having count(*) > 1"),
    "dead letters": ("shared_queue", "select reason from queue.dead_letters"),
    "dead letters of the outbox": ("genesis", "select reason from queue.dead_letters"),
}


def problems_of(backbone, jobs):
    found = {what: rows for what, (database, query) in CHECKS.items() if (rows := backbone.sql(database, query))}
    for database, query in [("singularity", "select count(*) from answers where queue = 'job_results'"),
                            ("genesis", "select count(*) from inbox where queue = 'job_requests'"),
                            ("genesis", "select sum(jobs) from agent_usage")]:
        if (count := backbone.sql(database, query)) != [str(jobs)]:
            found[query] = count
    return found
