"""What launches by LTI 1.1 and calls of the API notice of an exam whose students all launch by LTI 1.3."""

import hashlib
import html
import itertools
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit

import servers
from load import (TOOL_1P3, add_tool_1p3, plain, run_wrk, session_and_resource, signed_get, start_exam, write_requests)

# So many students, within so many seconds.
STUDENTS, WITHIN = 1_000, 60
# Launches by LTI 1.1 and calls, each a second.
STEADY = 50
CONNECTIONS = 8


class Hall:
    """A server, and an exam with a tool of each version, which all students have begun."""

    def __init__(self, programs, folder, database):
        self.folder, self.database = folder, database
        seeded = servers.seed(programs, folder, database, "hall")
        self.server = servers.examlink(programs, folder, database)
        home, exam = start_exam(self.server, seeded), str(seeded["exam_id"])
        session, resource = session_and_resource(database, seeded)
        _, link = add_tool_1p3(self.server, seeded)
        students = itertools.cycle(add_links(database, int(session)))
        self.launches_1p3 = (f"/sessions/{token}/launch/{link['id']}" for token in students)
        self.steady = {
            "launch by 1.1": plain(f"{home}/launch/{resource}"),
            "signed GET": signed_get(seeded["administrator"], lambda: (f"/api/v3/exams/{exam}", {"id": exam}, {})),
        }

    def send(self, kind, seconds):
        """Sends at a steady rate, whatever is answered."""
        prefix = self.folder / f"requests {kind}"
        write_requests(prefix, self.steady[kind], STEADY * seconds * 2)
        return lambda: run_wrk(self.server.address, prefix, seconds, CONNECTIONS, 1_000 * CONNECTIONS // STEADY)

    def alone(self, seconds):
        """What wrk says of each steady kind."""
        tasks = {kind: self.send(kind, seconds) for kind in self.steady}
        with ThreadPoolExecutor() as pool:
            running = {kind: pool.submit(task) for kind, task in tasks.items()}
            return {kind: run.result() for kind, run in running.items()}

    def beside(self, seconds):
        """The same while students launch by LTI 1.3, and the milliseconds of each of their launches."""
        paths = list(itertools.islice(self.launches_1p3, STUDENTS * seconds // WITHIN))
        with ThreadPoolExecutor(1) as pool:
            students = pool.submit(self.launch_all, paths)
            return self.alone(seconds), students.result()

    def launch_all(self, paths):
        begun = time.monotonic()

        def launch(number, path):
            time.sleep(max(0, begun + number * WITHIN / STUDENTS - time.monotonic()))
            return launch_1p3(self.server.address, path)

        with ThreadPoolExecutor(CONNECTIONS) as students:
            return list(students.map(launch, itertools.count(), paths))


def add_links(database, session):
    """Students like one of them, each with a link; returns its token."""
    others = [number for number, _ in servers.copy_sessions(database, session, STUDENTS + 1) if number != session]
    tokens = [secrets.token_hex(32) for _ in others]
    hashes = ", ".join(f"({number}, '{hashlib.sha256(token.encode()).hexdigest()}')"
                       for number, token in zip(others, tokens))
    database.query(f"WITH made (id, token) AS (VALUES {hashes}) UPDATE student_sessions SET token_hash = made.token "
                   "FROM made WHERE student_sessions.id = made.id")
    return tokens


def launch_1p3(address, path):
    """A launch as a browser and a tool make it: login, authentication request, token. Returns its milliseconds."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
    begun = time.monotonic()
    page, cookies = get(connection, path, "")
    handed = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page)}
    asked = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
             "redirect_uri": TOOL_1P3["tool_url"], "state": "s", "nonce": secrets.token_hex(16)}
    asked.update((name, handed[name]) for name in ("client_id", "login_hint", "lti_message_hint"))
    page, _ = get(connection, f"/lti/1.3/authorize?{urlencode(asked)}", cookies)
    took = time.monotonic() - begun
    connection.close()
    if 'name="id_token"' not in page:
        raise SystemExit(f"a launch by LTI 1.3 was refused: {page[-1000:]}")
    return took * 1e3


def get(connection, path, cookies):
    """A page, and the cookies that came with it."""
    connection.request("GET", path, headers={"Host": "exams.example", "Cookie": cookies})
    reply = connection.getresponse()
    page = reply.read().decode()
    if reply.status != 200:
        raise SystemExit(f"{path.split('?')[0]} answered {reply.status}: {page[-1000:]}")
    return page, "; ".join(cookie.split(";")[0] for cookie in reply.headers.get_all("Set-Cookie", []))


def compare_beside(hall, rounds, seconds):
    """The ratios of the percentiles, from rounds in which both are measured in turns."""
    alone, beside, launched = [], [], []
    for _ in range(rounds):
        alone.append(hall.alone(seconds))
        steady, times = hall.beside(seconds)
        beside.append(steady)
        launched += times
    runs = [run for kinds in alone + beside for run in kinds.values()]
    if any(run["refused"] or run["broken"] for run in runs):
        raise SystemExit("steady requests were refused")
    percentiles = quantiles(launched, n=100)
    print(f"\n{hall.database.name}: {STEADY} a second of each kind, without and with {STUDENTS:,} students in {WITHIN} s "
          f"who launch by LTI 1.3 (their p50 {percentiles[49]:.1f} ms, p99 {percentiles[98]:.1f} ms)\n")
    print(f"{'ms':16}{'p50':>9}{'with':>9}{'ratio':>7}{'p99':>9}{'with':>9}{'ratio':>7}")
    for kind in hall.steady:
        line = f"{kind:16}"
        for percentile in ("p50", "p99"):
            before, after = (median(run[kind][percentile] / 1e3 for run in runs) for runs in (alone, beside))
            line += f"{before:9.2f}{after:9.2f}{after / before:7.2f}"
        print(line, flush=True)
