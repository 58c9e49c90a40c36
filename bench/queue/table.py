"""The table of results: rounds of measurements that take turns, their medians, and a line for each bar."""
import statistics

from server import Failed

HEADER = f"{'':52} {'against':>9} {'engine':>9} {'ratio':>7} {'baseline':>9}   {'bar':10} met"


def take_turns(rounds, **measures):
    """Each measure once a round, in turn, so that what else the machine does falls on all alike. A measure that fails
    has its reason in place of its numbers."""
    results = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            if isinstance(results[name], Failed):
                continue
            try:
                results[name].append(measure())
            except Failed as reason:
                results[name] = reason
    return results


def ratio_of(measured, reference):
    """The median of the rounds' ratios."""
    if isinstance(measured, Failed):
        raise measured
    if isinstance(reference, Failed):
        raise reference
    return statistics.median(one / other for one, other in zip(measured, reference))


def shown(value, digits=None):
    if value is None:
        return ""
    if isinstance(value, Failed):
        return "failed"
    if isinstance(value, list):
        value = statistics.median(value)
    if digits is None:
        digits = 0 if value >= 1000 else 2 if value < 10 else 1
    return f"{value:.{digits}f}"


class Table:
    def __init__(self):
        self.missed, self.failed = [], []
        print(HEADER, flush=True)

    def line(self, name, against=None, engine=None, ratio=None, baseline=None, at_least=None, at_most=None):
        """`ratio` is what the bar is about; without one the engine's own number is."""
        judged = engine if ratio is None else ratio
        bar = f">= {at_least:g}" if at_least is not None else f"<= {at_most:g}" if at_most is not None else ""
        met = ""
        if bar:
            met = "yes" if (judged >= at_least if at_least is not None else judged <= at_most) else "NO"
        if met == "NO":
            self.missed.append(name)
        print(f"{name:52} {shown(against):>9} {shown(engine):>9} {shown(ratio, 3):>7} {shown(baseline, 3):>9}   "
              f"{bar:10} {met}", flush=True)

    def compare(self, name, results, reference, at_least=None, engine="engine", baseline="baseline",
                baseline_reference=None):
        """A line of ratios; the baseline's failure costs its column only."""
        if isinstance(results.get(engine), Failed):
            return self.failure(name, results[engine])
        theirs = results.get(baseline)
        if theirs and not isinstance(theirs, Failed):
            theirs = ratio_of(theirs, results[baseline_reference or reference])
        self.line(name, results[reference], results[engine], ratio_of(results[engine], results[reference]), theirs,
                  at_least)
        if isinstance(theirs, Failed):
            print(f"{'':52} baseline: {theirs}", flush=True)

    def failure(self, name, reason):
        self.failed.append(name)
        print(f"{name:52} FAILED: {reason}", flush=True)
