"""What somebody notices of another token that sends ten times what it may."""

from concurrent.futures import ThreadPoolExecutor
from statistics import median

import servers
from load import run_wrk, signed_get, write_requests

LIMIT = 100
# Requests a second: half of what a token may send, and ten times as much.
QUIET, LOUD = LIMIT // 2, 10 * LIMIT


class Street:
    """A server with limits, and two institutes on it."""

    def __init__(self, programs, folder, database):
        self.folder, self.database = folder, database
        self.quiet, self.loud = (servers.seed(programs, folder, database, name) for name in ("quiet", "loud"))
        limits = {"EXAMLINK_REQUESTS_PER_SECOND": str(LIMIT), "EXAMLINK_REQUESTS_BURST": str(LIMIT)}
        self.server = servers.examlink(programs, folder, database, limits)

    def send(self, who, rate, connections, seconds):
        """Sends at a steady rate, whatever is answered."""
        exam, prefix = str(who["exam_id"]), self.folder / f"requests-{rate}"

        def path():
            return f"/api/v3/exams/{exam}", {"id": exam}, {}

        write_requests(prefix, signed_get(who["administrator"], path), rate * seconds * 2)
        return lambda: run_wrk(self.server.address, prefix, seconds, connections, 1_000 * connections // rate)

    def alone(self, seconds):
        return self.send(self.quiet, QUIET, 8, seconds)()

    def beside(self, seconds):
        """The quiet one's answers and the loud one's."""
        tasks = [self.send(self.quiet, QUIET, 8, seconds), self.send(self.loud, LOUD, 64, seconds)]
        with ThreadPoolExecutor() as pool:
            return [running.result() for running in [pool.submit(task) for task in tasks]]


def compare_p99(street, rounds, seconds):
    """The ratio of the 99th percentiles, from rounds in which both are measured in turns."""
    alone, beside, refused = [], [], []
    for _ in range(rounds):
        alone.append(street.alone(seconds))
        quiet, loud = street.beside(seconds)
        beside.append(quiet)
        refused.append(loud["refused"] / loud["answers"])
    if any(run["refused"] or run["broken"] for run in alone + beside):
        raise SystemExit("the quiet token was refused too")
    (before, after) = (median(run["p99"] / 1e3 for run in runs) for runs in (alone, beside))
    print(f"{street.database.name}: {QUIET} requests a second have a p99 of {before:.2f} ms, and of {after:.2f} ms beside "
          f"{LOUD:,} a second of another token, of which {median(refused):.0%} are refused: {after / before:.2f}", flush=True)
